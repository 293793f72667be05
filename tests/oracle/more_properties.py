#!/usr/bin/env python3
"""Regression, calibration, membership-inference, duplicates and label-noise a second time, from spec/properties.md
alone: standard library only, exact fractions for counts, math.fsum for sums.

    more_properties.py SPEC.json   ->  a JSON array of results on standard output

  {"property": "regression", "rows": [[true, predicted, group], …], "groups": [...], "quantiles": ["0.5"]}
  {"property": "calibration", "classes": […], "rows": [[label, [p, …], group], …], "groups": [...], "bins": [15]}
  {"property": "membership-inference", "members": [p of the label, …], "others": […], "rates": ["0.01"]}
  {"property": "duplicates", "rows": [[features, label], …]}
  {"property": "label-noise", "classes": […], "rows": [[label, [p, …]], …]}
"""

import collections
import json
import math
import sys
from fractions import Fraction

RESULTS = []


def put(metric, value, **qualifiers):
    text = "undefined" if value is None else repr(float(value))
    RESULTS.append(dict(metric=metric, value=text, **{k: v for k, v in qualifiers.items() if v}))


def ratio(a, b):
    return None if b == 0 else Fraction(a, b)


def quantile(values, level):
    values, h = sorted(values), (len(values) - 1) * float(level)
    low = math.floor(h)
    return values[low] + (h - low) * (values[min(low + 1, len(values) - 1)] - values[low])


def slices(spec):
    yield {}, spec["rows"]
    for group in spec["groups"]:
        yield {"sex": group}, [row for row in spec["rows"] if row[2] == group]


def regression(spec):
    for key, rows in slices(spec):
        residuals = [p - t for t, p, _ in rows]
        truths = [t for t, _, _ in rows]
        n = len(rows)
        sse = sum(Fraction(r) ** 2 for r in residuals)
        mse = sse / n if n else None
        put("mean-squared-error", mse, slice=key)
        put("root-mean-squared-error", math.sqrt(mse) if n else None, slice=key)
        put("mean-absolute-error", sum(Fraction(abs(r)) for r in residuals) / n if n else None, slice=key)
        put("largest-absolute-error", max(map(abs, residuals)) if n else None, slice=key)
        mean = sum(map(Fraction, truths)) / n if n else None
        spread = sum((Fraction(t) - mean) ** 2 for t in truths) if n else 0
        put("r-squared", 1 - sse / spread if spread else None, slice=key)
        put("residual-mean", sum(map(Fraction, residuals)) / n if n else None, slice=key)
        for level in spec["quantiles"]:
            put("residual-quantile", quantile(residuals, level) if n else None, slice=key, at=level)


def bins_of(pairs, count, wide):
    bins = [[] for _ in range(count)]
    if wide:
        for f, y in pairs:
            bins[max(0, math.ceil(f * count) - 1)].append((f, y))
    else:
        ordered = sorted(pairs, key=lambda pair: pair[0])
        for i in range(count):
            bins[i] = ordered[i * len(pairs) // count:(i + 1) * len(pairs) // count]
    return [b for b in bins if b]


def calibration(spec):
    classes = spec["classes"]
    for key, rows in slices(spec):
        n = len(rows)
        for code in range(-1, len(classes)):
            pairs = []
            for label, p, _ in rows:
                of = code if code >= 0 else p.index(max(p))
                pairs.append((p[of], 1 if label == of else 0))
            label = classes[code] if code >= 0 else ""
            for count in spec["bins"]:
                def mean_gap(bins):
                    return math.fsum(abs(sum(y for _, y in b) - math.fsum(f for f, _ in b)) for b in bins) / n
                where = dict(slice=key, label=label, at=str(count))
                wide, mass = bins_of(pairs, count, True), bins_of(pairs, count, False)
                if not n:
                    for name in ("expected-calibration-error", "maximum-calibration-error",
                                 "adaptive-calibration-error", "brier", "brier-reliability", "brier-resolution",
                                 "brier-uncertainty", "brier-within-bins"):
                        put(name, None, **where)
                    continue
                put("expected-calibration-error", mean_gap(wide), **where)
                put("maximum-calibration-error",
                    max(abs(sum(y for _, y in b) / len(b) - math.fsum(f for f, _ in b) / len(b)) for b in wide), **where)
                put("adaptive-calibration-error", mean_gap(mass), **where)
                base = sum(y for _, y in pairs) / n
                score = math.fsum((f - y) ** 2 for f, y in pairs) / n
                parts = [(len(b), math.fsum(f for f, _ in b) / len(b), sum(y for _, y in b) / len(b)) for b in wide]
                reliability = math.fsum(k * (f - o) ** 2 for k, f, o in parts) / n
                resolution = math.fsum(k * (o - base) ** 2 for k, _, o in parts) / n
                put("brier", score, **where)
                put("brier-reliability", reliability, **where)
                put("brier-resolution", resolution, **where)
                put("brier-uncertainty", base * (1 - base), **where)
                # Stephenson et al.: the variance of forecasts within bins, less twice their covariance with events.
                within = math.fsum((f - sum(g for g, _ in b) / len(b)) ** 2 for b in wide for f, _ in b)
                together = math.fsum((f - sum(g for g, _ in b) / len(b)) * (y - sum(z for _, z in b) / len(b))
                                     for b in wide for f, y in b)
                put("brier-within-bins", (within - 2 * together) / n, **where)


def membership(spec):
    def losses(name):
        return [-math.log(max(p, 1e-15)) for p in spec[name]]

    members, others = losses("members"), losses("others")

    def rates(threshold):
        return (Fraction(sum(1 for x in members if x <= threshold), len(members)),
                Fraction(sum(1 for x in others if x <= threshold), len(others)))

    points = [(Fraction(0), Fraction(0))] + [rates(t) for t in sorted(set(members + others))]
    put("advantage", max(t - f for t, f in points))
    mean = math.fsum(members) / len(members)
    tpr, fpr = rates(mean)
    put("mean-loss-advantage", tpr - fpr)
    wins = sum(2 if m < o else 1 if m == o else 0 for m in members for o in others)
    put("roc-auc", Fraction(wins, 2 * len(members) * len(others)))
    for rate in spec["rates"]:
        put("tpr-at-fpr", max(t for t, f in points if float(f) <= float(rate)), at=rate)
    put("member-loss", mean)
    put("non-member-loss", math.fsum(others) / len(others))


def duplicates(spec):
    rows = [tuple(row) for row in spec["rows"]]
    put("records", len(rows))
    for kind, keys in (("with-label", rows), ("without-label", [row[0] for row in rows])):
        counts = collections.Counter(keys)
        repeated = sum(c for c in counts.values() if c > 1)
        put(kind + "-distinct", len(counts))
        put(kind + "-repeated", repeated)
        put(kind + "-repeated-proportion", ratio(repeated, len(rows)))
        put(kind + "-largest", max(counts.values()))
    labels = collections.defaultdict(set)
    for features, label in rows:
        labels[features].add(label)
    conflicts = sum(1 for features, _ in rows if len(labels[features]) > 1)
    put("label-conflicts", conflicts)
    put("label-conflicts-proportion", ratio(conflicts, len(rows)))


def label_noise(spec):
    classes, rows = spec["classes"], spec["rows"]
    k, n = len(classes), len(rows)
    labelled = [sum(1 for label, _ in rows if label == c) for c in range(k)]
    thresholds = [math.fsum(p[c] for label, p in rows if label == c) / labelled[c] if labelled[c] else None
                  for c in range(k)]
    joint = [[0] * k for _ in range(k)]
    for label, p in rows:
        candidates = [c for c in range(k) if thresholds[c] is not None and p[c] >= thresholds[c]]
        if candidates:
            joint[label][max(candidates, key=lambda c: (p[c], -c))] += 1
    errors = [sum(joint[c]) - joint[c][c] for c in range(k)]
    rates = [ratio(errors[c], sum(joint[c])) if labelled[c] else None for c in range(k)]
    known = [c for c in range(k) if labelled[c]]
    put("noise-rate", None if any(rates[c] is None for c in known)
        else sum(labelled[c] * rates[c] for c in known) / n)
    put("confident-errors", sum(errors))
    put("confident-errors-proportion", ratio(sum(errors), n))
    for c in range(k):
        put("noise-rate", rates[c], label=classes[c])
        put("confident-errors", errors[c], label=classes[c])
        put("confident-errors-proportion", ratio(errors[c], labelled[c]), label=classes[c])
        put("threshold", thresholds[c], label=classes[c])
        for d in range(k):
            put("confident-joint", joint[c][d], where={"label": classes[c], "likely": classes[d]})


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    {"regression": regression, "calibration": calibration, "membership-inference": membership,
     "duplicates": duplicates, "label-noise": label_noise}[spec["property"]](spec)
    json.dump(RESULTS, sys.stdout)


main()
