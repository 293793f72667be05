#!/usr/bin/env python3
"""Writes vectors/records/*.json: files, selections, and the canonical records, leaves and roots they must give.

The records are written out by hand below; digests are computed here, apart from the product. spec/records.md.

    records.py [DIRECTORY]        default: vectors/records
"""

import hashlib
import json
import pathlib
import struct
import sys
import zlib

sys.dont_write_bytecode = True
import seeded  # noqa: E402


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf(text):
    return sha256(b"\x00" + text.encode())


def root(leaves):
    """RFC 9162 section 2.1.1, as it is written there."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:]))


def selection(columns, target=None, **members):
    """columns: "age:n sex:c"; further members replace the defaults."""
    value = {
        "format": {"type": "csv", "delimiter": ",", "header": True, "skipLines": 0, "trim": False, "missing": ""},
        "columns": [{"name": word[:-2], "type": {"n": "numeric", "c": "categorical"}[word[-1]], "feature": True}
                    for word in columns.split()],
        "target": target and {"column": target, "positive": "", "stripSuffix": ""},
        "sensitive": [], "missing": "category", "filter": [], "split": None,
    }
    for name, member in members.items():
        if name in ("delimiter", "header", "skipLines", "trim", "quote"):
            value["format"][name] = member
        elif name == "mark":
            value["format"]["missing"] = member
        elif name == "stripSuffix":
            value["target"]["stripSuffix"] = member
        elif name in value:
            value[name] = member
        else:
            raise KeyError(name)
    return value


def good(why, chosen, csv, records):
    names = [column["name"] for column in chosen["columns"]]
    target = chosen["target"] and names.index(chosen["target"]["column"])
    full = [canonical(record) for record in records]
    bare = [canonical([v for i, v in enumerate(record) if i != target or target is None]) for record in records]
    schema = {"columns": [{"name": c["name"], "type": c["type"]} for c in chosen["columns"]],
              "target": chosen["target"] and chosen["target"]["column"]}
    return {
        "expect": "ok", "why": why, "selection": chosen, "csv": csv,
        "selectionDigest": sha256(canonical(chosen).encode()).hex(),
        "leafSchema": sha256(canonical(schema).encode()).hex(),
        "records": [{"text": text, "leaf": leaf(text).hex()} for text in full],
        "withoutLabel": [{"text": text, "leaf": leaf(text).hex()} for text in bare],
        "count": len(records), "root": root(sorted(leaf(text) for text in full)).hex(),
    }


def cells(kind, shape):
    return {"type": kind, "shape": shape}


def files_of(why, chosen, files, records, manifest=True):
    """Datasets of images and tensors: a cell of a record is None, a text, or (kind, shape, bytes)."""
    names = [column["name"] for column in chosen["columns"]]
    target = names.index(chosen["target"]["column"])

    def written(record):
        text = canonical([f"{v[0]} " + "x".join(map(str, v[1])) if isinstance(v, tuple) else v for v in record])
        raw = b"".join(v[2] for v in record if isinstance(v, tuple))
        return {"text": text, "bytes": raw.hex(), "leaf": sha256(b"\x00" + text.encode() + raw).hex()}

    full = [written(record) for record in records]
    bare = [written(record[:target] + record[target + 1:]) for record in records]
    schema = {"columns": [{k: v for k, v in c.items() if k != "feature"} for c in chosen["columns"]],
              "target": chosen["target"]["column"]}
    listed = canonical({"files": [{"name": n, "sha256": sha256(b).hex(), "size": len(b)} for n, b in files]})
    return {
        "expect": "ok", "why": why, "selection": chosen,
        "files": [{"name": n, "hex": b.hex()} for n, b in files],
        "dataset": (sha256(listed.encode()) if manifest else sha256(files[0][1])).hex(),
        "selectionDigest": sha256(canonical(chosen).encode()).hex(),
        "leafSchema": sha256(canonical(schema).encode()).hex(),
        "records": full, "withoutLabel": bare,
        "count": len(records), "root": root(sorted(bytes.fromhex(entry["leaf"]) for entry in full)).hex(),
    }


def plain(kind, columns, target):
    return {"format": {"type": kind}, "columns": [{**column, "feature": True} for column in columns],
            "target": {"column": target, "positive": "", "stripSuffix": ""}, "sensitive": [], "missing": "category",
            "filter": [], "split": None}


def idx(sizes, elements):
    return bytes([0, 0, 8, len(sizes)]) + b"".join(struct.pack(">I", size) for size in sizes) + bytes(elements)


def npy(kind, shape, data):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def png(width, height, channels, samples):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    row = width * channels
    lines = b"".join(b"\0" + bytes(samples[i:i + row]) for i in range(0, len(samples), row))
    # One stored block, by hand: what a compressor makes of it differs from one to the next.
    stored = b"\x78\x01\x01" + struct.pack("<HH", len(lines), len(lines) ^ 0xFFFF) + lines
    stored += struct.pack(">I", zlib.adler32(lines))
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if channels == 3 else 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", stored) + chunk(b"IEND", b"")


def file_vectors():
    image = {"name": "image", **cells("image", [1, 2, 2])}
    label = {"name": "label", "type": "categorical"}
    grey = ("image", [1, 2, 2])
    numbers = {"name": "x", **cells("tensor", [2])}
    x = [(1.0, -2.5), (0.0, 3.0)]
    folder = selection("picture:c age:n label:c", "label")
    folder["format"]["type"] = "image-folder"
    folder["columns"][0].update(cells("image", [3, 1, 2]))
    colour = [1, 2, 3, 4, 5, 6]
    return {
        "images-idx": files_of(
            "pixels stand behind the text, as they are; the manifest names the files in column order",
            plain("idx", [image, label], "label"),
            [("images.idx", idx([2, 2, 2], [0, 1, 2, 255, 9, 8, 7, 6])), ("labels.idx", idx([2], [3, 0]))],
            [[(*grey, bytes([0, 1, 2, 255])), "3"], [(*grey, bytes([9, 8, 7, 6])), "0"]]),
        "tensors-npy": files_of(
            "float32 in little-endian order behind the text; labels of any whole type are decimal texts",
            plain("npy", [numbers, label], "label"),
            [("x.npy", npy("<f4", "(2, 2)", b"".join(struct.pack("<2f", *row) for row in x))),
             ("y.npy", npy("<i8", "(2,)", struct.pack("<2q", -1, 10)))],
            [[("tensor", [2], struct.pack("<2f", *x[0])), "-1"], [("tensor", [2], struct.pack("<2f", *x[1])), "10"]]),
        "tensors-safetensors": files_of(
            "one file needs no manifest; columns are found by name, whatever their order in the file",
            plain("safetensors", [numbers, label], "label"),
            [("set", (lambda header: struct.pack("<Q", len(header)) + header)(
                b'{"label":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},'
                b'"x":{"dtype":"F32","shape":[2,2],"data_offsets":[2,18]}}')
              + bytes([4, 5]) + b"".join(struct.pack("<2f", *row) for row in x))],
            [[("tensor", [2], struct.pack("<2f", *x[0])), "4"], [("tensor", [2], struct.pack("<2f", *x[1])), "5"]],
            manifest=False),
        "image-folder": files_of(
            "the record holds pixels by channel, not the file's name or bytes; a file named twice is listed once",
            folder,
            [("labels.csv", b"picture,age,label\na/1.png,39,cat\na/1.png,,dog\n"), ("a/1.png", png(2, 1, 3, colour))],
            [[("image", [3, 1, 2], bytes([1, 4, 2, 5, 3, 6])), "39", "cat"],
             [("image", [3, 1, 2], bytes([1, 4, 2, 5, 3, 6])), None, "dog"]]),
    }


def bad(reason, place, why, chosen, csv):
    entry = {"expect": "malformed", "reason": reason, "place": place, "why": why, "selection": chosen}
    if isinstance(csv, bytes):
        entry["csvHex"] = csv.hex()
    else:
        entry["csv"] = csv
    return entry


def split_vectors():
    """20 records, label b for every fourth, in three parts, with and without stratification."""
    parts = [("train", 700_000_000), ("validation", 100_000_000), ("test", 200_000_000)]
    fractions = {"train": "0.7", "validation": "0.1", "test": "0.2"}
    labels = ["b" if i % 4 == 0 else "a" for i in range(20)]
    labels[7] = None
    csv = "id,label\n" + "".join(f"{i},{label or ''}\n" for i, label in enumerate(labels))
    classes = [[i for i in range(20) if labels[i] == name] for name in ("a", "b", None)]
    out = {}
    for stratify in (False, True):
        for name, _ in parts:
            rows = seeded.part(classes if stratify else [range(20)], 2**64 - 1, parts, name)
            chosen = selection("id:n label:c", "label", split={
                "seed": str(2**64 - 1), "stratify": stratify, "part": name,
                "parts": [{"name": part, "fraction": fractions[part]} for part, _ in parts]})
            out["split-" + ("stratified-" if stratify else "") + name] = good(
                "which records of a seeded split are in a part; a record without a label is in a class of its own, the last",
                chosen, csv, [[str(i), labels[i]] for i in rows])
    return out


PEOPLE = selection("age:n sex:c note:c label:c", "label")
HEAD = "age,sex,note,label\n"
RAW = selection("age:n sex:c note:c label:c", "label", header=False)

VECTORS = {
    "plain": good(
        "the plain success: a header, two records, a label", PEOPLE,
        HEAD + "39,Male,x,no\n50,Female,y,yes\n", [["39", "Male", "x", "no"], ["50", "Female", "y", "yes"]]),
    "quotes": good(
        "quotes are of the file, not of the value; quoted delimiters, line ends and doubled quotes are of the value", PEOPLE,
        HEAD + '"39","Ma,le","a\nb","n""o"\n50,Female,"c\r\nd",""""\n',
        [["39", "Ma,le", "a\nb", 'n"o'], ["50", "Female", "c\r\nd", '"']]),
    "escapes": good(
        "controls below U+0020 have their short escape or \\u00xx in lower case; DEL, slash and all else stand as they are",
        selection("a:c", header=False), '"' + "".join(map(chr, range(1, 32))) + '"\n\x7f/\\<>&\'\n',
        [["".join(map(chr, range(1, 32)))], ["\x7f/\\<>&'"]]),
    "unicode": good(
        "UTF-8 as it is: no normalisation, so composed and decomposed é differ; U+2028, U+FEFF inside and emoji stand as bytes",
        selection("a:c b:c", header=False), "\u00e9,e\u0301\n\u2028,a\ufeffb\n\U0001f600,\u65e5\u672c\n",
        [["\u00e9", "e\u0301"], ["\u2028", "a\ufeffb"], ["\U0001f600", "\u65e5\u672c"]]),
    "byte-order-mark": good(
        "a UTF-8 byte order mark at the start is no part of the first name", PEOPLE,
        "\ufeff" + HEAD + "39,Male,x,no\n", [["39", "Male", "x", "no"]]),
    "numbers": good(
        "the shorter of digits and exponent, digits on a tie; an integer in digits is exact; -0 is 0; one text per double",
        selection("x:n", header=False),
        "0\n-0\n-0.0\n007\n1.50\n10000\n100000\n-100000\n120000\n1200000\n12000000\n1e3\n1E-9\n0.0001\n0.001\n0.1\n"
        "0.30000000000000004\n9007199254740993\n123456789012345680000\n1e21\n5e-324\n-1.7976931348623157e308\n",
        [["0"], ["0"], ["0"], ["7"], ["1.5"], ["10000"], ["1e+05"], ["-1e+05"], ["120000"], ["1200000"], ["1.2e+07"],
         ["1000"], ["1e-09"], ["1e-04"], ["0.001"], ["0.1"], ["0.30000000000000004"], ["9007199254740992"],
         ["123456789012345683968"], ["1e+21"], ["5e-324"], ["-1.7976931348623157e+308"]]),
    "missing": good(
        "an empty field and one equal to the mark are null, quoted or not; the mark is compared as it is, in number columns too",
        selection("a:n b:c label:c", "label", mark="NA"),
        'a,b,label\n,NA,\nNA,"",x\n"NA","NA",na\n1, NA,NA \n',
        [[None, None, None], [None, None, "x"], [None, None, "na"], ["1", " NA", "NA "]]),
    "trim": good(
        "with trim, spaces and tabs around a field go, those inside quotes stay; the mark is compared after it",
        selection("a:n b:c", header=False, trim=True, mark="?"),
        ' 39 , State gov\t\n\t? ," x " \n  ,\t\n', [["39", "State gov"], [None, " x "], [None, None]]),
    "without-quotes": good(
        "with quote false a quote is a character like any other, wherever it stands",
        selection("a:c b:c label:c", "label", header=False, delimiter="\t", quote=False),
        'say "hi"\t"\t1\n"open\tx""y\t0\n', [['say "hi"', '"', "1"], ['"open', 'x""y', "0"]]),
    "strip-suffix": good(
        "one suffix goes from labels that have it, not from other columns; then the value may be missing",
        selection("a:c label:c", "label", header=False, skipLines=1, trim=True, stripSuffix=".", mark="?"),
        "|1x3 Cross validator\nx., >50K.\ny, <=50K\nz, no..\nw, ?.\nv, .\n",
        [["x.", ">50K"], ["y", "<=50K"], ["z", "no."], ["w", None], ["v", None]]),
    "blank-lines-at-the-end": good(
        "UCI files end with an empty line: it is no record", RAW, "39,Male,x,no\r\n\r\n\n", [["39", "Male", "x", "no"]]),
    "one-column": good(
        "a missing value in a file of one column is written in quotes; without its label a record of one column is []",
        selection("label:c", "label", header=False), 'a\n""\na\n', [["a"], [None], ["a"]]),
    "equal-records": good(
        "equal records have equal leaves and each counts", RAW, "1,a,b,c\n1,a,b,c\n1.0,a,\"b\",c\n", [["1", "a", "b", "c"]] * 3),
    "other-order-same-root": good(
        "the root is over sorted leaves: it equals that of the vector `plain`", PEOPLE,
        HEAD + "50,Female,y,yes\r\n39,Male,x,no", [["50", "Female", "y", "yes"], ["39", "Male", "x", "no"]]),
    "seven": good(
        "a tree whose size is no power of two", selection("a:n", header=False),
        "1\n2\n3\n4\n5\n6\n7\n", [[str(i)] for i in range(1, 8)]),
    "filter-and-drop": good(
        "records that miss anything go first, then each condition must hold; the leaves are of what stays",
        selection("age:n sex:c note:c label:c", "label", missing="drop",
                  filter=[{"column": "age", "comparison": ">=", "values": ["18"]},
                          {"column": "sex", "comparison": "not-in", "values": ["d"]}]),
        HEAD + "39,Male,x,no\n17,Male,x,no\n40,d,x,no\n41,Female,,no\n18,Female,y,yes\n",
        [["39", "Male", "x", "no"], ["18", "Female", "y", "yes"]]),
    "bad-quote-open": bad("csv.quote", "2:9", "a quote that is never closed would swallow the records after it", PEOPLE,
                          HEAD + '39,Male,"x,no\n50,Female,y,yes\n'),
    "bad-quote-inside": bad("csv.quote", "2:4", "a quote inside a plain field has no agreed meaning", PEOPLE,
                            HEAD + '39,Ma"le,x,no\n'),
    "bad-quote-after": bad("csv.quote", "2:4", "text after a closing quote has no agreed meaning", PEOPLE,
                           HEAD + '39,"Male"x,x,no\n'),
    "bad-columns-few": bad("csv.columns", "2:9", "a short record would shift its values", PEOPLE, HEAD + "39,Male,x\n"),
    "bad-columns-many": bad("csv.columns", "2:11", "a long record would lose values", PEOPLE, HEAD + "39,Male,x,no,1\n"),
    "bad-blank-line": bad("csv.columns", "3:1", "an empty line between records is a record that lost its fields", PEOPLE,
                          HEAD + "39,Male,x,no\n\n50,Female,y,yes\n"),
    "bad-number": bad("csv.number", "3:1", "a value that is not a number must not become missing or zero", PEOPLE,
                      HEAD + "39,Male,x,no\nfifty,Female,y,yes\n"),
    "bad-number-space": bad("csv.number", "2:1", "without trim a space is part of the field", PEOPLE, HEAD + " 39,Male,x,no\n"),
    "bad-number-infinity": bad("csv.number", "2:1", "out of range of a double", PEOPLE, HEAD + "1e999,Male,x,no\n"),
    "bad-header": bad("csv.header", "1:5", "columns taken for one another give a wrong measurement", PEOPLE,
                      "age,note,sex,label\n39,x,Male,no\n"),
    "bad-skip": bad("csv.skip", "1:1", "skipping a record would offer a part for the whole",
                    selection("a:n b:c", header=False, skipLines=1), "1,x\n2,y\n"),
    "bad-newline": bad("csv.newline", "2:11", "a lone carriage return is a line end to some readers only", PEOPLE,
                       HEAD + "39,Male,x,no\r50,Female,y,yes\n"),
    "bad-encoding": bad("csv.encoding", "2:7", "bytes that are not UTF-8 have no text to hash", PEOPLE,
                        HEAD.encode() + b"39,Mal\xe9,x,no\n"),
    "bad-nul": bad("csv.encoding", "2:7", "a NUL hides what follows from many tools", PEOPLE,
                   HEAD.encode() + b"39,Mal\x00,x,no\n"),
    "bad-surrogate": bad("csv.encoding", "2:4", "a surrogate in UTF-8 is no character", PEOPLE,
                         HEAD.encode() + b"39,\xed\xa0\x80,x,no\n"),
}


def main(arguments):
    here = pathlib.Path(__file__).resolve()
    directory = pathlib.Path(arguments[0]) if arguments else here.parents[2] / "vectors" / "records"
    directory.mkdir(parents=True, exist_ok=True)
    for name, vector in {**VECTORS, **split_vectors(), **file_vectors()}.items():
        (directory / (name + ".json")).write_bytes(
            (json.dumps(vector, ensure_ascii=False, indent=1) + "\n").encode())


if __name__ == "__main__":
    main(sys.argv[1:])
