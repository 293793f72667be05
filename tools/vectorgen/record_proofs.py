#!/usr/bin/env python3
"""Writes vectors/record-proofs/*.json: proofs that records are or are not in a selection, honest and false ones, and
texts that are or are not canonical records. Trees and paths are computed here, apart from the product, the way RFC 9162
writes them. spec/record-proof.md.

    record_proofs.py [DIRECTORY]        default: vectors/record-proofs
"""

import base64
import copy
import hashlib
import json
import pathlib
import sys

sys.dont_write_bytecode = True

TYPE = "attestml/record-proof/v1"


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf(record):
    return sha256(b"\x00" + record)


def split_at(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(leaves):
    """MTH of RFC 9162 section 2.1.1."""
    if len(leaves) == 1:
        return leaves[0]
    k = split_at(len(leaves))
    return sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:]))


def path(m, leaves):
    """PATH of RFC 9162 section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = split_at(len(leaves))
    if m < k:
        return path(m, leaves[:k]) + [root(leaves[k:])]
    return path(m - k, leaves[k:]) + [root(leaves[:k])]


def tree(records, record, count=False):
    leaves = sorted(leaf(r) for r in records)
    mine = leaf(record)
    index = sum(each < mine for each in leaves)
    times = leaves.count(mine)

    def hexes(place):
        return [digest.hex() for digest in path(place, leaves)]

    out = {"root": root(leaves).hex(), "size": len(leaves), "index": index, "answer": "present" if times else "absent"}
    if times:
        out["proof"] = hexes(index)
        if count:
            out["times"] = times
            if times > 1:
                out["lastProof"] = hexes(index + times - 1)
    if not times or count:
        if index > 0:
            out["before"] = {"leaf": leaves[index - 1].hex(), "proof": hexes(index - 1)}
        if index + times < len(leaves):
            out["after"] = {"leaf": leaves[index + times].hex(), "proof": hexes(index + times)}
    return out


def shown(record):
    """The members that show a record: its text, and what follows the text."""
    end = record.index(b"]") + 1
    out = {"record": record[:end].decode()}
    if record[end:]:
        out["cells"] = base64.b64encode(record[end:]).decode()
    return out


def proof(record, *trees, hide=False):
    return {"type": TYPE, "trees": list(trees), **({} if hide else shown(record))}


def row(*values):
    return canonical(list(values)).encode()


PEOPLE = [row(str(20 + i), "Male" if i % 3 else "Female", None if i == 4 else "no") for i in range(11)]
STRANGERS = [row(str(60 + i), "Female", "yes") for i in range(40)]


def by_place(place):
    """A record that is not there and whose leaf would stand first, last or between."""
    leaves = sorted(leaf(r) for r in PEOPLE)
    for stranger in STRANGERS:
        index = sum(each < leaf(stranger) for each in leaves)
        if (index == 0, index == len(leaves), 0 < index < len(leaves))[("first", "last", "between").index(place)]:
            return stranger
    raise AssertionError(place)


def honest():
    def vector(why, record, *trees, hide=False):
        return {"kind": "proof", "expect": "ok", "why": why, "record": shown(record),
                "proof": proof(record, *trees, hide=hide)}

    out = {}
    # Every size up to eleven, every place: all the shapes a small tree has.
    for size in (1, 2, 3, 7, 8, 11):
        some = PEOPLE[:size]
        for i, record in enumerate(some):
            out[f"present-{size:02}-{i:02}"] = vector("a leaf at this place of a tree of this size", record,
                                                     tree(some, record))
    for place in ("first", "between", "last"):
        record = by_place(place)
        out[f"absent-{place}"] = vector("the record would stand here; at an end there is one neighbour", record,
                                        tree(PEOPLE, record))
    for index, record in enumerate(STRANGERS[:2]):
        out[f"absent-of-one-{index}"] = vector("a tree of one leaf", record, tree(PEOPLE[:1], record))
    ordered = sorted(PEOPLE, key=leaf)
    for name, which in (("first", 0), ("middle", 5), ("last", 10)):
        record = ordered[which]
        for times in (1, 2, 5):
            many = PEOPLE + [record] * (times - 1)
            out[f"count-{name}-{times}"] = vector("so often and no more: the run of equal leaves with its neighbours",
                                                  record, tree(many, record, count=True))
    out["count-all"] = vector("nothing else is in the tree", PEOPLE[0], tree([PEOPLE[0]] * 3, PEOPLE[0], count=True))
    out["hidden"] = vector("who checks brings the record", PEOPLE[2], tree(PEOPLE, PEOPLE[2]), hide=True)
    out["two-trees"] = vector("two selections, one answer each", PEOPLE[9], tree(PEOPLE, PEOPLE[9]),
                              tree(PEOPLE[:7], PEOPLE[9]))
    image = b'["image 1x2x2","3"]' + bytes([0, 93, 34, 255])
    out["image"] = vector("pixels are part of the record: behind its text, and in cells", image,
                          tree(PEOPLE + [image], image))
    return out


def edits():
    """name -> (the vector it starts from, what goes wrong, how)"""
    def one(change):
        def apply(text):
            change(text["trees"][0])
        return apply

    def flip(text):
        return ("1" if text[0] != "1" else "2") + text[1:]

    def swap(t):
        t["before"], t["after"] = t["after"], t["before"]

    def put(name, value):
        return one(lambda t: t.__setitem__(name, value))

    def add(name, by):
        return one(lambda t: t.__setitem__(name, t[name] + by))

    def inner(name, member, change):
        return one(lambda t: t[name].__setitem__(member, change(t[name][member])))

    false = {
        "false-root": ("present-11-05", "another root", one(lambda t: t.__setitem__("root", flip(t["root"])))),
        "false-index-less": ("present-11-05", "another place", add("index", -1)),
        "false-index-more": ("present-08-03", "another place", add("index", 1)),
        "false-size": ("present-07-00", "a smaller tree with paths of another shape", put("size", 4)),
        "false-size-more": ("present-08-03", "a larger tree", put("size", 9)),
        "false-path-short": ("present-11-05", "a path that stops early", one(lambda t: t["proof"].pop())),
        "false-path-long": ("present-11-05", "a path that goes on", one(lambda t: t["proof"].append(t["root"]))),
        "false-path-order": ("present-11-05", "siblings in another order", one(lambda t: t["proof"].reverse())),
        "false-path-digest": ("present-11-05", "a sibling that is none",
                              one(lambda t: t["proof"].__setitem__(0, flip(t["proof"][0])))),
        "false-swapped": ("absent-between", "neighbours that change places", one(swap)),
        "false-before-leaf": ("absent-between", "a neighbour that is not in the tree", inner("before", "leaf", flip)),
        "false-after-leaf": ("absent-between", "a neighbour that is not in the tree", inner("after", "leaf", flip)),
        "false-before-path": ("absent-between", "no path", inner("before", "proof", lambda p: p[1:])),
        "false-after-path": ("absent-between", "no path", inner("after", "proof", lambda p: p[1:])),
        "false-gap": ("absent-between", "the gap is elsewhere", add("index", 1)),
        "false-times": ("count-middle-5", "fewer than there are", add("times", -1)),
        "false-times-more": ("count-middle-2", "more than there are", add("times", 1)),
        "false-last": ("count-middle-5", "the last of the equals is not there",
                       one(lambda t: t.__setitem__("lastProof", t["proof"]))),
        "false-run-before": ("count-middle-2", "a leaf of the run as its neighbour", None),
        "false-run-after": ("count-middle-2", "a leaf of the run as its neighbour", None),
        "false-absent": ("count-middle-1", "present, said to be absent, with the neighbours of the leaf", None),
        "false-not-adjacent": ("absent-between", "two leaves with a third between them", None),
        "false-edge-first": ("absent-between", "the first leaf alone, for a record that stands behind it", None),
        "false-edge-last": ("absent-between", "the last leaf alone, for a record that stands before it", None),
    }
    refused = {
        "bad-type": ("hidden", "record-proof.type", "another version", lambda p: p.update(type="attestml/record-proof/v2")),
        "bad-type-missing": ("hidden", "record-proof.member", "no type", lambda p: p.pop("type")),
        "bad-member": ("hidden", "record-proof.member", "a member that means nothing", lambda p: p.update(leaf="00")),
        "bad-tree-member": ("hidden", "record-proof.member", "the same in a tree", put("count", 1)),
        "bad-neighbour-member": ("absent-first", "record-proof.member", "the same in a neighbour",
                                 one(lambda t: t["after"].__setitem__("index", 0))),
        "bad-trees-empty": ("hidden", "record-proof.trees", "a proof of nothing", lambda p: p.update(trees=[])),
        "bad-trees-twice": ("hidden", "record-proof.trees", "one tree twice, which could say two things",
                            lambda p: p["trees"].append(p["trees"][0])),
        "bad-answer": ("hidden", "record-proof.answer", "a third answer", put("answer", "maybe")),
        "bad-answer-case": ("hidden", "record-proof.answer", "another spelling", put("answer", "Present")),
        "bad-index": ("hidden", "record-proof.index", "behind the last leaf", put("index", 11)),
        "bad-index-absent": ("absent-last", "record-proof.index", "behind the place behind the last leaf", put("index", 12)),
        "bad-index-text": ("hidden", "record-proof.member", "a number as text", put("index", "2")),
        "bad-index-negative": ("hidden", "record-proof.member", "below nothing", put("index", -1)),
        "bad-size-zero": ("absent-first", "record-proof.index", "a tree without leaves, from which all is absent",
                          lambda p: (p["trees"][0].update(size=0), p["trees"][0].pop("after"))),
        "bad-root-upper": ("hidden", "record-proof.digest", "a second spelling",
                           one(lambda t: t.__setitem__("root", t["root"].upper()))),
        "bad-root-short": ("hidden", "record-proof.digest", "63 digits",
                           one(lambda t: t.__setitem__("root", t["root"][1:]))),
        "bad-path-number": ("hidden", "record-proof.digest", "what is no digest", one(lambda t: t["proof"].append(1))),
        "bad-path-65": ("hidden", "record-proof.proof", "no tree is so high", one(lambda t: t.update(proof=["0" * 64] * 65))),
        "bad-path-missing": ("hidden", "record-proof.member", "no path", one(lambda t: t.pop("proof"))),
        "bad-present-before": ("hidden", "record-proof.neighbour", "neighbours that nobody looks at",
                               one(lambda t: t.update(before={"leaf": "0" * 64, "proof": []}))),
        "bad-absent-one": ("absent-between", "record-proof.neighbour", "one neighbour where there are two",
                           one(lambda t: t.pop("before"))),
        "bad-absent-none": ("absent-between", "record-proof.neighbour", "no neighbour",
                            one(lambda t: (t.pop("before"), t.pop("after")))),
        "bad-absent-first-before": ("absent-first", "record-proof.neighbour", "a neighbour before the first leaf",
                                    one(lambda t: t.update(before=t["after"]))),
        "bad-absent-times": ("absent-between", "record-proof.member", "absent, and so often", put("times", 1)),
        "bad-absent-proof": ("absent-between", "record-proof.member", "absent, and a path", put("proof", [])),
        "bad-times-zero": ("count-middle-1", "record-proof.times", "present no times", put("times", 0)),
        "bad-times-over": ("count-middle-1", "record-proof.times", "more equal leaves than follow", put("times", 7)),
        "bad-times-last": ("count-middle-1", "record-proof.member", "a second path to one leaf", put("lastProof", [])),
        "bad-times-no-last": ("count-middle-2", "record-proof.member", "no path to the last",
                              one(lambda t: t.pop("lastProof"))),
        "bad-count-after": ("count-middle-2", "record-proof.neighbour", "the run has no end",
                            one(lambda t: t.pop("after"))),
        "bad-record-number": ("present-03-01", "record-proof.member", "no text", lambda p: p.update(record=1)),
        "bad-record-object": ("present-03-01", "record-proof.record", "no array", lambda p: p.update(record="{}")),
        "bad-record-open": ("present-03-01", "record-proof.record", "an array that does not end", lambda p: p.update(record='["]"')),
        "bad-record-rest": ("present-03-01", "record-proof.record", "text after the array",
                            lambda p: p.update(record=p["record"] + " ")),
        "bad-cells-alone": ("hidden", "record-proof.record", "pixels without a record", lambda p: p.update(cells="AAAA")),
        "bad-cells-empty": ("image", "record-proof.record", "no bytes, said", lambda p: p.update(cells="")),
        "bad-cells-base64": ("image", "record-proof.record", "no base64", lambda p: p.update(cells="AF0i/w=")),
    }
    return false, refused


def crafted(name):
    """False proofs that take more than an edit: everything in them is in the tree, but not where it matters."""
    ordered = sorted(PEOPLE, key=leaf)
    if name in ("false-run-before", "false-run-after", "false-absent"):
        record = ordered[5]
        many = PEOPLE + [record] * (0 if name == "false-absent" else 2)
        leaves = sorted(map(leaf, many))
        made = tree(many, record, count=True)
        hexes = lambda place: {"leaf": leaves[place].hex(), "proof": [d.hex() for d in path(place, leaves)]}  # noqa: E731
        if name == "false-absent":
            made = {k: made[k] for k in ("root", "size", "index", "before", "after")}
            made.update(answer="absent")
        elif name == "false-run-before":  # three equals from 5; told: two from 6
            made.update(index=6, times=2, proof=hexes(6)["proof"], before=hexes(5))
        else:  # told: two from 5
            made.update(times=2, lastProof=hexes(6)["proof"], after=hexes(7))
        return record, made
    record = by_place("between")
    leaves = sorted(map(leaf, PEOPLE))
    made = tree(PEOPLE, record)
    hexes = lambda place: {"leaf": leaves[place].hex(), "proof": [d.hex() for d in path(place, leaves)]}  # noqa: E731
    if name == "false-not-adjacent":
        # The neighbours of a leaf that is there: between them stands the very leaf asked about.
        record = ordered[5]
        made = {"root": root(leaves).hex(), "size": 11, "index": 5, "answer": "absent", "before": hexes(4),
                "after": hexes(6)}
    elif name == "false-edge-first":
        made.update(index=0, after=hexes(0))
        del made["before"]
    else:
        made.update(index=11, before=hexes(10))
        del made["after"]
    return record, made


def proofs():
    good = honest()
    out = dict(good)
    false, refused = edits()
    for name, (base, why, change) in false.items():
        if change is None:
            record, made = crafted(name)
            text = proof(record, made)
        else:
            text = copy.deepcopy(good[base]["proof"])
            record = None
            change(text)
        out[name] = {"kind": "proof", "expect": "false", "why": why,
                     "record": good[base]["record"] if record is None else shown(record), "proof": text}
    out["false-record"] = {"kind": "proof", "expect": "false", "why": "another record under the path of this one",
                           "record": shown(PEOPLE[6]), "proof": proof(PEOPLE[6], tree(PEOPLE, PEOPLE[5]))}
    for name, (base, reason, why, change) in refused.items():
        text = copy.deepcopy(good[base]["proof"])
        change(text)
        out[name] = {"kind": "proof", "expect": "unsupported" if reason.endswith("type") else "malformed",
                     "reason": reason, "why": why, "proof": text}
    return out


def records():
    def selection(columns, **members):
        value = {"format": {"type": "csv", "delimiter": ",", "header": True, "skipLines": 0, "trim": False, "missing": "?"},
                 "columns": columns, "target": {"column": columns[-1]["name"], "positive": "", "stripSuffix": ""},
                 "sensitive": [], "missing": "category", "filter": [], "split": None}
        for name, member in members.items():
            if name in value:
                value[name] = member
            else:
                value["format"][name] = member
        return value

    def column(name, kind, **more):
        return {"name": name, "type": kind, "feature": True, **more}

    csv = selection([column("age", "numeric"), column("sex", "categorical"), column("label", "categorical")])
    drop = {**csv, "missing": "drop"}
    idx = {**selection([column("image", "image", shape=[1, 2, 2]), column("label", "categorical")]),
           "format": {"type": "idx"}}
    out = {}

    def add(name, chosen, text, reason, why, cells=b""):
        out["record-" + name] = {"kind": "record", "expect": "malformed" if reason else "ok", "why": why,
                                 "selection": chosen, "record": {"text": text, "bytes": cells.hex()}}
        if reason:
            out["record-" + name]["reason"] = reason

    add("plain", csv, '["39","Male","no"]', "", "what a file would give")
    add("missing", csv, '["39",null,null]', "", "values may be missing")
    add("missing-number", csv, '[null,"Male","no"]', "", "numbers may be missing")
    add("dropped", drop, '["39",null,"no"]', "record.value", "a selection that drops missing values never has one")
    add("escapes", csv, '["39","a\\"\\\\\\b\\f\\n\\r\\t\\u0001","\u00e9"]', "", "the escapes there are")
    add("exponent", csv, '["1e+05","Male","no"]', "", "the number 100000")
    for name, text in (("zero", "39.0"), ("plus", "+39"), ("long", "100000"), ("capital", "1E+05"), ("minus", "-0"),
                       ("word", "nan"), ("blank", ""), ("space", "39 ")):
        add("number-" + name, csv, f'["{text}","Male","no"]', "record.value",
            "a number that no record writes this way: it would be absent from everything")
    add("empty", csv, '["39","","no"]', "record.value", "an empty field is missing")
    add("mark", csv, '["39","?","no"]', "record.value", "the mark for missing is no value")
    bare = {**csv, "format": {**csv["format"], "quote": False, "trim": True}}
    add("unquoted", bare, '["39","Male \\"x\\"","no"]', "", "quotes are characters like any other")
    add("unquoted-delimiter", bare, '["39","Ma,le","no"]', "record.value", "no field can hold the delimiter")
    add("unquoted-line", bare, '["39","Ma\\nle","no"]', "record.value", "no field can hold a line end")
    add("unquoted-blank", bare, '["39"," Male","no"]', "record.value", "blanks before a field are taken off")
    add("quoted-blank", {**csv, "format": {**csv["format"], "trim": True}}, '["39"," Male, x\\n","no"]', "",
        "within quotes they are not")
    add("short", csv, '["39","Male"]', "record.columns", "without its label")
    add("long", csv, '["39","Male","no","no"]', "record.columns", "a value too many")
    add("space", csv, '["39", "Male","no"]', "record.text", "white space")
    add("escape-slash", csv, '["39","a\\/b","no"]', "record.text", "an escape that records do not use")
    add("escape-unicode", csv, '["39","\\u00e9","no"]', "record.text", "an escape that records do not use")
    add("escape-capital", csv, '["39","\\u001F","no"]', "record.text", "an escape that records do not use")
    add("not-string", csv, '[39,"Male","no"]', "record.value", "a number that is no text")
    add("nested", csv, '[["39"],"Male","no"]', "record.text", "an array in it")
    add("object", csv, '{"age":"39"}', "record.text", "no array")
    add("open", csv, '["39","Male","no"', "record.text", "no end")
    add("nothing", csv, "", "record.text", "no record")
    add("rest", csv, '["39","Male","no"]', "record.bytes", "bytes that belong to nothing", b"\n")
    add("image", idx, '["image 1x2x2","3"]', "", "four pixels", bytes([1, 93, 34, 4]))
    add("image-short", idx, '["image 1x2x2","3"]', "record.bytes", "three pixels", bytes([1, 2, 3]))
    add("image-long", idx, '["image 1x2x2","3"]', "record.bytes", "five pixels", bytes([1, 2, 3, 4, 5]))
    add("image-shape", idx, '["image 1x4x1","3"]', "record.value", "another shape", bytes([1, 2, 3, 4]))
    add("image-null", idx, '[null,"3"]', "record.value", "images are never missing", bytes([1, 2, 3, 4]))
    return out


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else
                          pathlib.Path(__file__).resolve().parents[2] / "vectors/record-proofs")
    for old in folder.glob("*.json"):
        old.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    for name, vector in {**proofs(), **records()}.items():
        (folder / f"{name}.json").write_text(json.dumps(vector, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
