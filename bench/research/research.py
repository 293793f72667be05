"""The research's experiments, each attested, unattested (same program) and in plain PyTorch, in one run.

usage: research.py BUILD_DIRECTORY [--runs N] [--epochs N] [--threads 1,2] [--only NAME,…] [--tasks NAME,…] [-o DIRECTORY]

Writes research.md, research.json and research.svg. Rounds (all contenders once) of over five minutes are repeated 3 times
instead, and the table says so. Rounds of training take the seeds 1, 2 and 3 in turn, and the accuracy of a training is that of
the three; the other tasks are of the models of seed 1.
Data: $ATTESTML_SHARED/datasets (default: ../shared beside the repository).
"""
import argparse
import json
import os
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from report import write_report

parser = argparse.ArgumentParser()
parser.add_argument("build", type=pathlib.Path)
parser.add_argument("--runs", type=int, default=10)
parser.add_argument("--epochs", type=int)
parser.add_argument("--threads", default="1,2")
parser.add_argument("--only", default="")
parser.add_argument("--tasks", default="train,accuracy,robustness,distribution,inference")
parser.add_argument("-o", "--out", type=pathlib.Path, default=pathlib.Path("research-out"))
options = parser.parse_args()

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DATA = pathlib.Path(os.environ.get("ATTESTML_SHARED", ROOT.parent / "shared")) / "datasets"
PROVER = options.build.resolve() / "bin/attestml-prover"
PYTHON = "/usr/bin/python3" if pathlib.Path("/usr/bin/python3").exists() else sys.executable
HAVE_TORCH = subprocess.run([PYTHON, "-c", "import torch, numpy"], capture_output=True).returncode == 0
work = tempfile.TemporaryDirectory()
TMP = pathlib.Path(work.name)
ENV = {**os.environ, "ATTESTML_TEE_DIR": str(TMP / "tee")}
LONG = 300
SEEDS = (1, 2, 3)

ADULT = {
    "kind": "adult", "batch": 256, "epochs": 5, "rate": 0.001,
    "train": [DATA / "adult/adult.data"], "test": [DATA / "adult/adult.test"],
    "job": """
[dataset.train-file]
path = "{train[0]}"
header = false
trim = true
missing-mark = "?"
[dataset.test-file]
path = "{test[0]}"
header = false
skip-lines = 1
trim = true
missing-mark = "?"
[schema]
columns = [{{ name = "age", type = "numeric" }}, {{ name = "workclass" }}, {{ name = "fnlwgt", type = "numeric" }},
  {{ name = "education" }}, {{ name = "education-num", type = "numeric" }}, {{ name = "marital-status" }}, {{ name = "occupation" }},
  {{ name = "relationship" }}, {{ name = "race" }}, {{ name = "sex" }}, {{ name = "capital-gain", type = "numeric" }},
  {{ name = "capital-loss", type = "numeric" }}, {{ name = "hours-per-week", type = "numeric" }}, {{ name = "native-country" }},
  {{ name = "income" }}]
target = {{ column = "income", positive = ">50K", strip-suffix = "." }}
sensitive = ["sex", "race"]
missing = "drop"
[split.files]
train = "train-file"
test = "test-file"
""",
}
IMAGES = """
[dataset.train-file]
format = "{format}"
path = "{folder}"
files = [{train_names}]
[dataset.test-file]
format = "{format}"
path = "{folder}"
files = [{test_names}]
[schema]
columns = [{columns}]
target = {{ column = "label" }}
[split.files]
train = "train-file"
test = "test-file"
"""
FASHION = {"kind": "idx", "batch": 128, "epochs": 10, "rate": 0.001, "job": IMAGES, "format": "idx",
           "columns": '{ name = "image", type = "image", shape = [1, 28, 28] }, { name = "label" }',
           "train": [DATA / "fashion-mnist" / f"train-{n}.gz" for n in ("images-idx3-ubyte", "labels-idx1-ubyte")],
           "test": [DATA / "fashion-mnist" / f"t10k-{n}.gz" for n in ("images-idx3-ubyte", "labels-idx1-ubyte")]}
BATCHES = [DATA / "cifar-10" / f"data_batch_{i}.bin" for i in range(1, 6)]
WHOLE = all(batch.exists() for batch in BATCHES)
CIFAR = {"kind": "cifar", "batch": 128, "epochs": 10, "rate": 0.001, "job": IMAGES, "format": "cifar10",
         "columns": '{ name = "label" }, { name = "image", type = "image", shape = [3, 32, 32] }',
         "train": BATCHES if WHOLE else [DATA / "cifar-10/data_batch_1.first4000.bin"],
         "test": [DATA / "cifar-10" / ("test_batch.bin" if WHOLE else "test_batch.first1000.bin")]}
SENTENCES = DATA / "sentiment-labelled/yelp_labelled.txt"
TRAIN_TEXT, TEST_TEXT = TMP / "train.tsv", TMP / "test.tsv"
if SENTENCES.exists():  # one split for all contenders
    lines = SENTENCES.read_text(encoding="utf-8").rstrip("\n").split("\n")
    random.Random(1).shuffle(lines)
    TRAIN_TEXT.write_text("\n".join(lines[:len(lines) * 4 // 5]) + "\n", encoding="utf-8")
    TEST_TEXT.write_text("\n".join(lines[len(lines) * 4 // 5:]) + "\n", encoding="utf-8")
TEXT = {"kind": "text", "batch": 32, "epochs": 6, "rate": 0.003, "train": [TRAIN_TEXT], "test": [TEST_TEXT], "job": """
[dataset.train-file]
path = "{train[0]}"
header = false
delimiter = "\\t"
quote = false
[dataset.test-file]
path = "{test[0]}"
header = false
delimiter = "\\t"
quote = false
[schema]
columns = [{{ name = "sentence", type = "text" }}, {{ name = "label" }}]
target = {{ column = "label", positive = "1" }}
[split.files]
train = "train-file"
test = "test-file"
[encoding]
min-count = 2
length = 40
"""}


def mlp(hidden):
    return {**ADULT, "model": f'kind = "mlp"\nhidden = {hidden}', "network": hidden}


EXPERIMENTS = {
    "CNN, Fashion-MNIST": {**FASHION, "model": 'kind = "cnn"\nchannels = [32, 64, 128]', "network": "cnn"},
    f"CNN, CIFAR-10{'' if WHOLE else ' (4000)'}": {**CIFAR, "model": 'kind = "cnn"\nchannels = [32, 64, 128]', "network": "cnn"},
    f"VGG-11, CIFAR-10{'' if WHOLE else ' (4000)'}": {**CIFAR, "model": 'kind = "vgg"\ndepth = 11', "network": "vgg11"},
    "MLP [128], Adult": mlp([128]),
    "MLP [128, 256], Adult": mlp([128, 256]),
    "MLP [128, 256, 128], Adult": mlp([128, 256, 128]),
    "MLP [128, 256, 512, 256], Adult": mlp([128, 256, 512, 256]),
    "LSTM, sentiment": {**TEXT, "model": 'kind = "lstm"\nembedding = 64\nunits = 64', "network": "lstm"},
}


def job_text(e, task, threads, seed):
    fields = {**e}
    if "folder" not in fields and e["job"] is IMAGES:
        fields["folder"] = e["train"][0].parent
        fields["train_names"] = ", ".join(f'"{p.name}"' for p in e["train"])
        fields["test_names"] = ", ".join(f'"{p.name}"' for p in e["test"])
    text = 'version = 1\nname = "research"\n' + e["job"].format(**fields) + "\n[model]\n" + e["model"]
    text += f'\n[train]\noptimizer = "adam"\nlearning-rate = {e["rate"]}\nbatch-size = {e["batch"]}\nepochs = {e["epochs"]}\nseed = {seed}\n'
    text += f"[engine]\nthreads = {threads}\n[tee]\ndevice = \"simulated\"\n"
    if task == "distribution":
        text += '[[property]]\nname = "distribution"\non = "train"\nconditional = [{ of = "income", given = ["sex"] }, { of = "income", given = ["race"] }]\n'
    if task in ("accuracy", "inference"):
        text += '[[property]]\nname = "accuracy"\non = "test"\n'
    if task == "robustness":
        text += '[[property]]\nname = "robustness"\non = "test"\nfgsm = [0.01]\n'
        if e["kind"] == "adult":
            text += '[[property]]\nname = "fairness"\non = "test"\n'
    return text


def timed(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run([str(c) for c in command], env=ENV, cwd=TMP, capture_output=True, text=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{command}\n{done.stdout}\n{done.stderr}")
    out = json.loads(done.stdout)
    parts = out["timing"] if "timing" in out else out
    sample = {k: float(parts[k]) for k in ("startUp", "preprocessing", "computation", "proving") if k in parts}
    results = {r["name"]: float(r["value"]) for r in out.get("results", []) if r["name"] == "accuracy on test"}
    accuracy = out.get("accuracy") if "timing" not in out else next(iter(results.values()), None)
    return {**sample, "wall": wall, "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            "accuracy": accuracy}


def commands_for(name, e, task, threads, seed):
    slug = "".join(c if c.isalnum() else "-" for c in name)
    directory = TMP / f"{slug}-{threads}"
    directory.mkdir(exist_ok=True)
    job = directory / f"{task}-{seed}.toml"
    job.write_text(job_text(e, task, threads, seed))
    stage = {"train": "train", "distribution": "measure", "inference": "infer"}.get(task, "evaluate")
    base = [PROVER, stage, job, "-o", directory / f"{task}-{seed}", "--json"]
    if stage in ("evaluate", "infer"):
        base += ["--model", directory / f"train-{seed}/model.safetensors"]
    if stage == "infer":
        base += ["--input", rows_of(e, directory)]
    found = {"attested": base, "unattested": [*base[:4], directory / f"{task}-{seed}-bare", *base[5:], "--bench-unattested"]}
    if HAVE_TORCH:
        peer = {"data": e["kind"], "train": [str(p) for p in e["train"]], "test": [str(p) for p in e["test"]],
                "network": e["network"], "task": task, "epochs": e["epochs"], "batch": e["batch"], "rate": e["rate"],
                "threads": threads, "seed": seed, "model": str(directory / f"peer-{seed}.pt")}
        found["PyTorch"] = [PYTHON, ROOT / "bench/research/torch_peer.py", json.dumps(peer)]
    return found


def rows_of(e, directory):
    """A file of the first 100 records of the test set, in the format of the whole."""
    out = directory / "rows"
    if e["kind"] == "adult":
        lines = e["test"][0].read_text().splitlines()
        out.write_text("\n".join([lines[0]] + [l for l in lines[1:] if "?" not in l][:100]) + "\n")
    elif e["kind"] == "text":
        out.write_text("\n".join(e["test"][0].read_text().splitlines()[:100]) + "\n")
    elif e["kind"] == "cifar":
        out.write_bytes(e["test"][0].read_bytes()[:307300])
    else:
        import gzip
        body = gzip.open(e["test"][0]).read()
        out.write_bytes(body[:4] + (100).to_bytes(4, "big") + body[8:16 + 78400])
    return out


options.out.mkdir(parents=True, exist_ok=True)
ENV["OPENBLAS_CORETYPE"] = ENV.get("OPENBLAS_CORETYPE", "Cooperlake")  # for PyTorch; ours chooses for itself
table = []
for name, e in EXPERIMENTS.items():
    if options.only and not any(part.strip().lower() in name.lower() for part in options.only.split(",")):
        continue
    if not all(path.exists() for path in e["train"] + e["test"]):
        print(f"{name}: data not there, left out", file=sys.stderr)
        continue
    e = {**e, "epochs": options.epochs or e["epochs"]}
    for threads in (int(t) for t in options.threads.split(",")):
        ENV["OMP_NUM_THREADS"] = str(threads)
        for task in options.tasks.split(","):
            if (task == "distribution" and e["kind"] != "adult") or (task == "robustness" and e["kind"] == "text"):
                continue
            samples = {}
            rounds = options.runs
            done = 0
            while done < rounds:
                started = time.perf_counter()
                seed = SEEDS[done % len(SEEDS)] if task == "train" else SEEDS[0]
                commands = list(commands_for(name, e, task, threads, seed).items())
                turn = done % len(commands)  # so that nobody always stands behind the same one
                for who, command in commands[turn:] + commands[:turn]:
                    samples.setdefault(who, []).append(timed(command))
                if time.perf_counter() - started > LONG:
                    rounds = min(rounds, 3)
                if task == "train" and done < len(SEEDS):
                    for who, command in commands_for(name, e, "accuracy", threads, seed).items():
                        if who != "unattested":
                            samples[who][-1]["accuracy"] = timed(command)["accuracy"]
                done += 1
            row = {"experiment": name, "task": task, "threads": threads, "epochs": e["epochs"], "runs": rounds,
                   "seeds": min(rounds, len(SEEDS)) if task == "train" else 1, "by": {}}
            for who in commands_for(name, e, task, threads, SEEDS[0]):
                taken = samples[who]
                row["by"][who] = {
                    part: {"median": statistics.median(values), "mean": statistics.fmean(values),
                           "sd": statistics.stdev(values) if len(values) > 1 else 0.0}
                    for part in ("startUp", "preprocessing", "computation", "proving", "wall", "cpu", "accuracy")
                    if (values := [t[part] for t in taken if t.get(part) is not None])}
            table.append(row)
            write_report(table, options.out, os.cpu_count())  # so that a run cut short leaves what it has
            ours, bare = row["by"]["attested"], row["by"]["unattested"]
            peer = row["by"].get("PyTorch")
            print(f"{name}, {task}, {threads} threads: {ours['wall']['median']:.3f} s attested, "
                  f"{bare['wall']['median']:.3f} s unattested"
                  + (f", {peer['wall']['median']:.3f} s PyTorch" if peer else ""), file=sys.stderr)

print(options.out / "research.md")
