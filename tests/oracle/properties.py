#!/usr/bin/env python3
"""Computes the results of properties a second time, from spec/properties.md alone: standard library only, exact
fractions for counts, math.fsum for sums. Nothing is shared with the C++ code.

    properties.py SPEC.json   ->  a JSON array of results on standard output

SPEC names a CSV file with a header. An empty field is a missing value.
  {"property": "accuracy", "csv": F, "classes": [...], "positive": "..." or "", "slices": [[...]], "groups": {...}}
  {"property": "fairness", "csv": F, "positive": "...", "sets": [[...]], "groups": {...}}
      columns: "actual", "predicted", "p:CLASS" for each class (or none), and the columns of slices and sets.
  {"property": "distribution", "csv": F, "target": "...", "numeric": [...], "categorical": [...], "groups": {...},
   "joint": [[...]], "conditional": [{"of": [...], "given": [...]}], "quantiles": ["0.25"], "reference": F or absent}
"groups" gives all values of each categorical column, members or not.
"""

import csv
import itertools
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


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def cells(columns, groups, rows):
    """Every combination of values, with its rows."""
    domains = []
    for column in columns:
        domain = list(groups[column])
        if any(row[column] == "" for row in rows):
            domain.append("")
        domains.append(domain)
    for values in itertools.product(*domains):
        key = dict(zip(columns, values))
        yield key, [row for row in rows if all(row[c] == v for c, v in key.items())]


def mean_or_none(values):
    return None if not values or any(v is None for v in values) else sum(values) / len(values)


# ---------------------------------------------------------------- accuracy

def roc_auc(pairs):
    """By definition: all pairs of a positive and a negative."""
    positives = [s for s, y in pairs if y]
    negatives = sorted(s for s, y in pairs if not y)
    if not positives or not negatives:
        return None
    import bisect
    twice = 0
    for s in positives:
        below = bisect.bisect_left(negatives, s)
        twice += 2 * below + (bisect.bisect_right(negatives, s) - below)
    return Fraction(twice, 2 * len(positives) * len(negatives))


def average_precision(pairs):
    total = sum(1 for _, y in pairs if y)
    if total == 0:
        return None
    area, recall_before = Fraction(0), Fraction(0)
    hits = seen = 0
    for _, tied in itertools.groupby(sorted(pairs, key=lambda pair: -pair[0]), key=lambda pair: pair[0]):
        tied = list(tied)
        seen += len(tied)
        hits += sum(1 for _, y in tied if y)
        recall = Fraction(hits, total)
        area += (recall - recall_before) * Fraction(hits, seen)
        recall_before = recall
    return area


def calibration_error(rows):
    if not rows:
        return None
    bins = [[] for _ in range(15)]
    for row in rows:
        confidence = float(row["p:" + row["predicted"]])
        bins[max(0, math.ceil(confidence * 15) - 1)].append((confidence, row["actual"] == row["predicted"]))
    gaps = []
    for members in bins:
        if members:
            mean = math.fsum(c for c, _ in members) / len(members)
            right = sum(1 for _, ok in members if ok) / len(members)
            gaps.append(len(members) / len(rows) * abs(right - mean))
    return math.fsum(gaps)


def accuracy(spec, rows, key):
    classes, positive, n = spec["classes"], spec["positive"], len(rows)
    right = sum(1 for row in rows if row["actual"] == row["predicted"])
    put("accuracy", ratio(right, n), slice=key)
    precisions, recalls, f1s, supports = [], [], [], []
    for c in classes:
        hits = sum(1 for row in rows if row["actual"] == c == row["predicted"])
        actual = sum(1 for row in rows if row["actual"] == c)
        predicted = sum(1 for row in rows if row["predicted"] == c)
        precisions.append(ratio(hits, predicted))
        recalls.append(ratio(hits, actual))
        f1s.append(ratio(2 * hits, actual + predicted))
        supports.append(actual)
        put("precision", precisions[-1], slice=key, label=c)
        put("recall", recalls[-1], slice=key, label=c)
        put("f1", f1s[-1], slice=key, label=c)
        put("support", actual, slice=key, label=c)
        for p in classes:
            put("confusion", sum(1 for row in rows if row["actual"] == c and row["predicted"] == p), slice=key,
                where={"actual": c, "predicted": p})
    put("balanced-accuracy", mean_or_none(recalls), slice=key)
    for name, values in ("precision", precisions), ("recall", recalls), ("f1", f1s):
        put(name + "-macro", mean_or_none(values), slice=key)
        weighted = [(w, v) for w, v in zip(supports, values) if w > 0]
        bad = not weighted or any(v is None for _, v in weighted)
        put(name + "-weighted", None if bad else sum(w * v for w, v in weighted) / n, slice=key)
    with_p = "p:" + classes[0] in spec["header"]
    if not with_p or n == 0:
        for name in "log-loss", "brier", "expected-calibration-error":
            put(name, None, slice=key)
    else:
        put("log-loss", math.fsum(-math.log(max(float(row["p:" + row["actual"]]), 1e-15)) for row in rows) / n,
            slice=key)
        if positive and len(classes) == 2:
            terms = [(float(row["p:" + positive]) - (row["actual"] == positive)) ** 2 for row in rows]
        else:
            terms = [(float(row["p:" + c]) - (row["actual"] == c)) ** 2 for row in rows for c in classes]
        put("brier", math.fsum(terms) / n, slice=key)
        put("expected-calibration-error", calibration_error(rows), slice=key)
    if not with_p:
        put("roc-auc", None, slice=key)
        put("pr-auc", None, slice=key)
        return
    areas = {c: [(float(row["p:" + c]), row["actual"] == c) for row in rows]
             for c in ([positive] if positive else classes)}
    if not positive:
        for c, pairs in areas.items():
            put("roc-auc", roc_auc(pairs), slice=key, label=c)
            put("pr-auc", average_precision(pairs), slice=key, label=c)
    put("roc-auc", mean_or_none([roc_auc(pairs) for pairs in areas.values()]), slice=key)
    put("pr-auc", mean_or_none([average_precision(pairs) for pairs in areas.values()]), slice=key)


# ---------------------------------------------------------------- fairness

def rates(rows, positive):
    tp = sum(1 for r in rows if r["actual"] == positive and r["predicted"] == positive)
    fp = sum(1 for r in rows if r["actual"] != positive and r["predicted"] == positive)
    fn = sum(1 for r in rows if r["actual"] == positive and r["predicted"] != positive)
    tn = len(rows) - tp - fp - fn
    right = sum(1 for r in rows if r["actual"] == r["predicted"])
    return {"accuracy": ratio(right, len(rows)), "selection-rate": ratio(tp + fp, len(rows)),
            "tpr": ratio(tp, tp + fn), "fpr": ratio(fp, fp + tn), "fnr": ratio(fn, tp + fn), "ppv": ratio(tp, tp + fp)}


def fairness(spec, rows):
    positive = spec["positive"]

    def put_group(members, key):
        put("count", len(members), slice=key)
        found = rates(members, positive)
        for name, value in found.items():
            put(name, value, slice=key)
        return found

    put_group(rows, {})
    for columns in spec["sets"]:
        columns = sorted(columns)
        found = [put_group(members, key) for key, members in cells(columns, spec["groups"], rows)]

        def column(name):
            values = [f[name] for f in found]
            return None if any(v is None for v in values) else values

        def difference(name):
            values = column(name)
            return None if values is None else max(values) - min(values)

        def quotient(name):
            values = column(name)
            return None if values is None or max(values) == 0 else min(values) / max(values)

        def worst(pick, a, b):
            return None if a is None or b is None else pick(a, b)

        put("demographic-parity-difference", difference("selection-rate"), across=columns)
        put("demographic-parity-ratio", quotient("selection-rate"), across=columns)
        put("disparate-impact", quotient("selection-rate"), across=columns)
        put("equal-opportunity-difference", difference("tpr"), across=columns)
        put("equalized-odds-difference", worst(max, difference("tpr"), difference("fpr")), across=columns)
        put("equalized-odds-ratio", worst(min, quotient("tpr"), quotient("fpr")), across=columns)
        put("accuracy-parity-difference", difference("accuracy"), across=columns)
        put("predictive-parity-difference", difference("ppv"), across=columns)


# ---------------------------------------------------------------- distribution

def quantile(values, level):
    values, h = sorted(values), (len(values) - 1) * float(level)
    low = math.floor(h)
    high = min(low + 1, len(values) - 1)
    return values[low] + (h - low) * (values[high] - values[low])


def put_event(where, given, members, of):
    put("count", members, where=where, given=given)
    put("proportion", ratio(members, of), where=where, given=given)


def representativeness(name, ours, theirs):
    """`ours` and `theirs`: category -> count."""
    categories = [c for c in set(ours) | set(theirs) if ours.get(c, 0) + theirs.get(c, 0) > 0]
    a, b = sum(ours.values()), sum(theirs.values())
    p = {c: Fraction(ours.get(c, 0), a) for c in categories}
    q = {c: Fraction(theirs.get(c, 0), b) for c in categories}
    put("total-variation", sum(abs(p[c] - q[c]) for c in categories) / 2, column=name)
    terms = []
    for c in categories:
        for side in p, q:
            if side[c] > 0:
                terms.append(float(side[c]) / 2 * math.log(side[c] / ((p[c] + q[c]) / 2)))
    put("jensen-shannon", max(0.0, math.fsum(terms)), column=name)
    one_sided = any(p[c] == 0 or q[c] == 0 for c in categories)
    put("population-stability-index",
        None if one_sided else math.fsum(float(p[c] - q[c]) * math.log(p[c] / q[c]) for c in categories), column=name)
    if len(categories) < 2:
        for metric in "chi-square", "chi-square-degrees", "chi-square-p-value":
            put(metric, None, column=name)
        return
    statistic = Fraction(0)
    for c in categories:
        column = ours.get(c, 0) + theirs.get(c, 0)
        for seen, row in (ours.get(c, 0), a), (theirs.get(c, 0), b):
            expected = Fraction(row * column, a + b)
            statistic += (seen - expected) ** 2 / expected
    put("chi-square", statistic, column=name)
    put("chi-square-degrees", len(categories) - 1, column=name)
    put("chi-square-p-value", chi_square_tail(float(statistic), len(categories) - 1), column=name)


def chi_square_tail(x, degrees):
    """Closed forms: a finite sum for even degrees, erfc and a finite sum for odd ones."""
    if degrees % 2 == 0:
        term = total = 1.0
        for i in range(1, degrees // 2):
            term *= x / 2 / i
            total += term
        return math.exp(-x / 2) * total
    total = math.erfc(math.sqrt(x / 2))
    term = math.sqrt(2 * x / math.pi) * math.exp(-x / 2)
    for i in range(1, degrees, 2):
        total += term
        term *= x / (i + 2)
    return total


def tally(rows, name):
    counts = {}
    for row in rows:
        counts[row[name]] = counts.get(row[name], 0) + 1
    return counts


def tally_bins(rows, name, edges):
    counts = {}
    for row in rows:
        key = "" if row[name] == "" else sum(1 for edge in edges if float(row[name]) >= edge)
        counts[key] = counts.get(key, 0) + 1
    return counts


def distribution(spec, rows):
    n = len(rows)
    put("records", n)
    if spec["target"]:
        counts = [sum(1 for row in rows if row[spec["target"]] == v) for v in spec["groups"][spec["target"]]]
        put("class-balance", ratio(min(counts), max(counts)))
    for name in spec["numeric"] + spec["categorical"]:
        missing = sum(1 for row in rows if row[name] == "")
        put("missing-count", missing, column=name)
        put("missing-rate", ratio(missing, n), column=name)
    for name in spec["numeric"]:
        values = [float(row[name]) for row in rows if row[name] != ""]
        mean = math.fsum(values) / len(values) if values else None
        put("mean", mean, column=name)
        squares = [(v - mean) ** 2 for v in values]
        put("sd", math.sqrt(math.fsum(squares) / (len(values) - 1)) if len(values) > 1 else None, column=name)
        put("min", min(values, default=None), column=name)
        put("max", max(values, default=None), column=name)
        for level in spec["quantiles"]:
            put("quantile", quantile(values, level) if values else None, column=name, at=level)
    for name in spec["categorical"]:
        for key, members in cells([name], spec["groups"], rows):
            put_event(key, {}, len(members), n)
    for columns in spec["joint"]:
        for key, members in cells(columns, spec["groups"], rows):
            put_event(key, {}, len(members), n)
    for conditional in spec["conditional"]:
        events = list(cells(conditional["of"], spec["groups"], rows))
        for given, condition in cells(conditional["given"], spec["groups"], rows):
            for where, _ in events:
                members = [row for row in condition if all(row[c] == v for c, v in where.items())]
                put_event(where, given, len(members), len(condition))
    if spec.get("reference"):
        reference = read(spec["reference"])
        for name in spec["categorical"]:
            representativeness(name, tally(rows, name), tally(reference, name))
        for name in spec["numeric"]:
            values = [float(row[name]) for row in reference if row[name] != ""]
            edges = sorted({quantile(values, i / 10) for i in range(1, 10)}) if values else []
            representativeness(name, tally_bins(rows, name, edges), tally_bins(reference, name, edges))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    rows = read(spec["csv"])
    spec["header"] = list(rows[0]) if rows else []
    if spec["property"] == "accuracy":
        accuracy(spec, rows, {})
        for columns in spec["slices"]:
            for key, members in cells(columns, spec["groups"], rows):
                accuracy(spec, members, key)
    elif spec["property"] == "fairness":
        fairness(spec, rows)
    elif spec["property"] == "distribution":
        distribution(spec, rows)
    else:
        sys.exit("unknown property")
    json.dump(RESULTS, sys.stdout)


main()
