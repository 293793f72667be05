#!/usr/bin/env python3
"""Epsilon of the subsampled Gaussian mechanism a second time, standard library only: the moment of every order straight
from its definition (arXiv:1908.10530), whole orders by the binomial formula, fractional ones by Simpson's rule.

    privacy.py SPEC.json   ->  {"epsilon": [[epsilon, order], …], "divergence": [[…], …]} on standard output

SPEC: {"orders": [1.5, …], "mechanisms": [[sample rate, noise multiplier, steps, delta], …]}
"""

import json
import math
import sys


def log_sum(logs):
    top = max(logs)
    return top + math.log(math.fsum(math.exp(x - top) for x in logs))


def log_moment(q, sigma, order):
    if order == int(order):
        n = int(order)
        return log_sum([math.log(math.comb(n, i)) + i * math.log(q) + (n - i) * math.log(1 - q)
                        + (i * i - i) / (2 * sigma ** 2) for i in range(n + 1)])
    step = min(sigma, sigma * sigma) / 10
    count = 2 * int((order + 26 * sigma) / step / 2)
    logs = []
    for k in range(count + 1):
        z = -13 * sigma + k * step
        exponent = (2 * z - 1) / (2 * sigma ** 2)
        ratio = math.log1p(q * math.expm1(exponent)) if exponent < 500 else math.log(q) + exponent
        weight = 1 if k in (0, count) else 4 if k % 2 else 2
        logs.append(order * ratio - z * z / (2 * sigma ** 2) + math.log(weight * step / 3))
    return log_sum(logs) - math.log(sigma * math.sqrt(2 * math.pi))


def divergence(q, sigma, steps, order):
    one = order / (2 * sigma ** 2) if q == 1 else log_moment(q, sigma, order) / (order - 1)
    return steps * one


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    epsilons, divergences = [], []
    for q, sigma, steps, delta in spec["mechanisms"]:
        values = [divergence(q, sigma, steps, a) for a in spec["orders"]]
        # Balle et al., theorem 21.
        found = min((max(0.0, v + math.log((a - 1) / a) - (math.log(delta) + math.log(a)) / (a - 1)), a)
                    for v, a in zip(values, spec["orders"]))
        epsilons.append(list(found))
        divergences.append(values)
    json.dump({"epsilon": epsilons, "divergence": divergences}, sys.stdout)


main()
