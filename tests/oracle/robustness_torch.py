#!/usr/bin/env python3
"""FGSM and PGD in PyTorch, written from spec/properties.md ("robustness") alone.

    robustness_torch.py SPEC.json   ->  [{"ends": […], "accuracy": …}, …], one for each run

SPEC: the weights of a multi-layer perceptron (ReLU), records in units, which inputs may change, and for each run its
kind, strength, steps and the points where the records start. "at_zero" and "at_one" are the model's inputs for units of
0 and 1.
"""

import json
import sys

import torch


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    width = spec["width"]
    linear = [torch.tensor(p["values"], dtype=torch.float64).reshape(p["shape"]) for p in spec["parameters"]]
    labels = torch.tensor(spec["labels"])
    at_zero, at_one = (torch.tensor(spec[k], dtype=torch.float64) for k in ("at_zero", "at_one"))
    units = torch.tensor(spec["units"], dtype=torch.float64).reshape(-1, width)
    free = torch.tensor(spec["free"], dtype=torch.bool).reshape(-1, width)

    def logits(x):
        x = at_zero + x * (at_one - at_zero)
        for i in range(0, len(linear), 2):
            x = torch.nn.functional.linear(x, linear[i], linear[i + 1])
            if i + 2 < len(linear):
                x = torch.relu(x)
        return x

    def gradient(x):
        x = x.clone().requires_grad_(True)
        torch.nn.functional.cross_entropy(logits(x), labels).backward()
        return torch.where(free, x.grad, torch.zeros_like(x))

    def clamp(x):
        return torch.where(free, x.clamp(0, 1), units) if spec["bounded"] else torch.where(free, x, units)

    def norms(x):
        return torch.where(free, x, torch.zeros_like(x)).norm(dim=1, keepdim=True)

    answers = []
    for run in spec["runs"]:
        eps = run["strength"]
        step = run["step_factor"] * eps / run["steps"]
        if run["kind"] == "fgsm":
            x = clamp(units + eps * gradient(units).sign())
        else:
            x = torch.tensor(run["starts"], dtype=torch.float64).reshape(-1, width)
            for _ in range(run["steps"]):
                g = gradient(x)
                if run["kind"] == "pgd-linf":
                    x = clamp(torch.max(torch.min(x + step * g.sign(), units + eps), units - eps))
                else:
                    x = x + torch.where(norms(g) > 0, step * g / norms(g), torch.zeros_like(g))  # 0 / 0 is no step
                    away = norms(x - units)
                    x = clamp(units + (x - units) * torch.where(away > eps, eps / away, torch.ones_like(away)))
        right = (logits(x).argmax(dim=1) == labels).double().mean().item()
        answers.append({"ends": x.reshape(-1).tolist(), "accuracy": right})
    json.dump(answers, sys.stdout)


main()
