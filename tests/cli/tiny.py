"""Tiny data of every kind, made here, and jobs on it: small enough that a job takes a second. Standard library only."""
import base64
import gzip
import json
import pathlib
import random
import struct
import subprocess
import zlib

from harness import BIN, statements

HAVE_TORCH = (BIN / "../lib/attestml/attestml_engine_torch.so").exists()
WHY_TORCH = "engine torch was not built"
PYTHON = "/usr/bin/python3"  # the one that python3-torch is installed for


def have_python_torch():
    try:
        return subprocess.run([PYTHON, "-c", "import torch"], capture_output=True, timeout=60).returncode == 0
    except OSError:
        return False


WHY_PYTHON_TORCH = "python3-torch is not installed"


def pictures(count, side, seed, channels=1):
    """(label, pixels) pairs of three classes: which third of the rows is bright. Pixels by channel, row, column."""
    draw = random.Random(seed)
    out = []
    for i in range(count):
        label = i % 3
        pixels = bytearray()
        for _ in range(channels):
            for row in range(side):
                bright = row * 3 // side == label
                pixels += bytes(draw.randrange(120, 256) if bright else draw.randrange(0, 140) for _ in range(side))
        out.append((label, bytes(pixels)))
    return out


def write_idx(folder, name, count, seed, side=8, zipped=False):
    """NAME-images and NAME-labels in FOLDER."""
    data = pictures(count, side, seed)
    images = struct.pack(">IIII", 0x803, count, side, side) + b"".join(pixels for _, pixels in data)
    labels = struct.pack(">II", 0x801, count) + bytes(label for label, _ in data)
    pack = gzip.compress if zipped else bytes
    (pathlib.Path(folder) / f"{name}-images").write_bytes(pack(images))
    (pathlib.Path(folder) / f"{name}-labels").write_bytes(pack(labels))


def write_cifar(path, count, seed):
    data = pictures(count, 32, seed, channels=3)
    pathlib.Path(path).write_bytes(b"".join(bytes([label]) + pixels for label, pixels in data))


def png(pixels, side):
    """A grey image of 8 bits."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    rows = b"".join(b"\0" + pixels[i * side:(i + 1) * side] for i in range(side))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_folder(folder, count, seed, side=8):
    """labels.csv and the pictures that it names, with an attribute of each."""
    folder = pathlib.Path(folder)
    (folder / "png").mkdir(parents=True)
    lines = ["file,label,sex"]
    for i, (label, pixels) in enumerate(pictures(count, side, seed)):
        (folder / f"png/{i}.png").write_bytes(png(pixels, side))
        lines.append(f"png/{i}.png,{'abc'[label]},{'f' if i % 2 else 'm'}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")


def write_texts(path, count, seed):
    draw = random.Random(seed)
    good, bad = ["good", "great", "tasty", "lovely"], ["bad", "awful", "cold", "rude"]
    filler = ["the", "food", "was", "place", "staff", "and", "very"]
    lines = []
    for i in range(count):
        words = draw.choices(filler, k=draw.randrange(2, 6))
        words.insert(draw.randrange(len(words)), draw.choice(good if i % 2 else bad))
        lines.append(" ".join(words) + f"\t{i % 2}")
    pathlib.Path(path).write_text("\n".join(lines) + "\n")


def write_points(path, count, seed):
    """Two numbers, a group and a class that follows from the numbers but for some noise."""
    draw = random.Random(seed)
    lines = ["x,y,sex,label"]
    for i in range(count):
        x, y = draw.uniform(-1, 1), draw.uniform(-1, 1)
        label = "yes" if x + y + draw.gauss(0, 0.2) > 0 else "no"
        lines.append(f"{x:.6f},{y:.6f},{'f' if i % 2 else 'm'},{label}")
    pathlib.Path(path).write_text("\n".join(lines) + "\n")


IDX_JOB = """
version = 1
name = "tiny"
[dataset.tiny-train]
format = "idx"
path = "."
files = ["train-images", "train-labels"]
[dataset.tiny-test]
format = "idx"
path = "."
files = ["test-images", "test-labels"]
[schema]
columns = [{ name = "image", type = "image", shape = [1, 8, 8] }, { name = "label" }]
target = { column = "label" }
[split.files]
train = "tiny-train"
test = "tiny-test"
[model]
kind = "cnn"
channels = [4]
[train]
optimizer = "adam"
learning-rate = 0.01
batch-size = 32
epochs = 3
seed = 1
[tee]
device = "simulated"
[[property]]
name = "accuracy"
on = "test"
"""

POINTS_JOB = """
version = 1
name = "points"
[dataset.points-train]
path = "train.csv"
[dataset.points-test]
path = "test.csv"
[schema]
columns = [{ name = "x", type = "numeric" }, { name = "y", type = "numeric" }, { name = "sex" }, { name = "label" }]
target = { column = "label", positive = "yes" }
sensitive = ["sex"]
[split.files]
train = "points-train"
test = "points-test"
[model]
kind = "mlp"
hidden = [8]
[train]
optimizer = "adam"
learning-rate = 0.01
batch-size = 32
epochs = 3
seed = 1
[engine]
name = "torch"
[tee]
device = "simulated"
[[property]]
name = "accuracy"
on = "test"
"""


def write_idx_job(folder, job=IDX_JOB, **options):
    write_idx(folder, "train", 200, 1, **options)
    write_idx(folder, "test", 60, 2, **options)
    (pathlib.Path(folder) / "job.toml").write_text(job)


def write_points_job(folder, job=POINTS_JOB):
    write_points(pathlib.Path(folder) / "train.csv", 400, 1)
    write_points(pathlib.Path(folder) / "test.csv", 100, 2)
    (pathlib.Path(folder) / "job.toml").write_text(job)


def lines_with(bundle, keep):
    """The text of a bundle with the lines whose statement `keep` says yes to."""
    out = []
    for line in pathlib.Path(bundle).read_text().splitlines(keepends=True):
        if keep(json.loads(base64.b64decode(json.loads(line)["payload"]))):
            out.append(line)
    return "".join(out)


def trainings(*bundles):
    """Of each training statement: the subject's digest, the steps, and its dependencies by role."""
    out = []
    for statement in statements(*bundles):
        if statement["predicateType"] != "https://slsa.dev/provenance/v1":
            continue
        predicate = statement["predicate"]
        dependencies = {d["annotations"]["role"]: d for d in predicate["buildDefinition"]["resolvedDependencies"]
                        if "role" in d.get("annotations", {})}
        out.append({"model": statement["subject"][0]["digest"]["sha256"], "dependencies": dependencies,
                    "steps": predicate["runDetails"]["byproducts"][0]["annotations"]["steps"],
                    "internal": predicate["buildDefinition"]["internalParameters"],
                    "byproducts": predicate["runDetails"]["byproducts"]})
    return out
