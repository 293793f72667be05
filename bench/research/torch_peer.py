"""One task of the research in plain PyTorch, nothing attested: the peer of bench/research.py. Written by us; the same data,
network, optimiser, batch size and precision as the job it stands beside.

usage: torch_peer.py 'JSON'
  {"data": "adult"|"idx"|"cifar"|"text", "train": [files], "test": [files], "network": …, "task": "train"|"accuracy"|
   "robustness"|"distribution"|"inference", "epochs": N, "batch": N, "rate": R, "threads": N, "seed": N, "model": FILE}
Prints {"startUp":…,"preprocessing":…,"computation":…,"accuracy":…} in seconds.
"""
import time

STARTED = time.perf_counter()
import csv
import gzip
import json
import os
import re
import string
import sys

import numpy as np
import torch

TASK = json.loads(sys.argv[1])
torch.set_num_threads(TASK["threads"])
torch.manual_seed(TASK.get("seed", 1))
LOADED = time.perf_counter()

ADULT = ["age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship",
         "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country", "income"]
NUMBERS = {"age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week"}


def idx(path):
    with gzip.open(path, "rb") as file:
        head = file.read(4)
        sizes = [int.from_bytes(file.read(4), "big") for _ in range(head[3])]
        return np.frombuffer(file.read(), dtype=np.uint8).reshape(sizes)


def images(files):
    if TASK["data"] == "idx":
        return idx(files[0])[:, None], idx(files[1]).astype(np.int64)
    rows = np.concatenate([np.fromfile(file, dtype=np.uint8) for file in files]).reshape(-1, 3073)
    return rows[:, 1:].reshape(-1, 3, 32, 32), rows[:, 0].astype(np.int64)


def adult(files):
    with open(files[0], newline="") as file:
        rows = [row for row in csv.reader(file, skipinitialspace=True) if len(row) == 15 and "?" not in row]
    return {name: [row[i].rstrip(".") if name == "income" else row[i] for row in rows] for i, name in enumerate(ADULT)}


# What our tokenizer calls a word, bytes as characters: spec/encoding.md section 4.
LETTER = "[0-9A-Za-z\x80-\xff]"
LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
WORD = re.compile(f"{LETTER}+(?:'{LETTER}+)*|[^\x00-\x20\x7f]")


def texts(files):
    lines = [line.rstrip("\n").split("\t") for line in open(files[0], encoding="latin-1", newline="\n")]
    words = [[word.translate(LOWER) for word in WORD.findall(line[0])] for line in lines]
    return words, np.array([int(line[1]) for line in lines])


def load():
    """Inputs and labels of both views, as tensors."""
    if TASK["data"] in ("idx", "cifar"):
        train, y = images(TASK["train"])
        test, yt = images(TASK["test"])
        mean = train.mean(axis=(0, 2, 3), dtype=np.float64) / 255
        sd = train.std(axis=(0, 2, 3), dtype=np.float64) / 255
        encode = lambda x: torch.from_numpy(((x / np.float32(255) - mean[:, None, None].astype(np.float32)) /
                                             sd[:, None, None].astype(np.float32)))
        return encode(train), torch.from_numpy(y), encode(test), torch.from_numpy(yt), None
    if TASK["data"] == "text":
        (words, y), (words_test, yt) = texts(TASK["train"]), texts(TASK["test"])
        counts = {}
        for sentence in words:
            for word in sentence:
                counts[word] = counts.get(word, 0) + 1
        ids = {w: i + 2 for i, w in enumerate(sorted((w for w, n in counts.items() if n >= 2), key=lambda w: (-counts[w], w)))}

        def encode(sentences):
            x = np.zeros((len(sentences), 40), dtype=np.int64)
            for i, sentence in enumerate(sentences):
                for k, word in enumerate(sentence[:40]):
                    x[i, k] = ids.get(word, 1)
            return torch.from_numpy(x)

        return encode(words), torch.from_numpy(y), encode(words_test), torch.from_numpy(yt), len(ids) + 2
    train, test = adult(TASK["train"]), adult(TASK["test"])
    parts, parts_test = [], []
    for name in ADULT[:-1]:
        if name in NUMBERS:
            values = np.array(train[name], dtype=np.float64)
            for out, columns in ((parts, train), (parts_test, test)):
                out.append((((np.array(columns[name], dtype=np.float64) - values.mean()) / (values.std() or 1)))[:, None].astype(np.float32))
        else:
            code = {value: i for i, value in enumerate(sorted(set(train[name])))}
            for out, columns in ((parts, train), (parts_test, test)):
                hot = np.zeros((len(columns[name]), len(code)), dtype=np.float32)
                for row, value in enumerate(columns[name]):
                    if value in code:
                        hot[row, code[value]] = 1
                out.append(hot)
    label = lambda columns: torch.tensor([int(v == ">50K") for v in columns["income"]])
    return (torch.from_numpy(np.concatenate(parts, 1)), label(train), torch.from_numpy(np.concatenate(parts_test, 1)),
            label(test), None)


class Lstm(torch.nn.Module):
    def __init__(self, tokens):
        super().__init__()
        self.embedding = torch.nn.Embedding(tokens, 64, padding_idx=0)
        self.lstm = torch.nn.LSTM(64, 64, batch_first=True)
        self.fc = torch.nn.Linear(64, 2)

    def forward(self, x):
        last = (x != 0).sum(1).clamp(min=1) - 1
        return self.fc(self.lstm(self.embedding(x))[0][torch.arange(len(x)), last])


def network(x, classes, tokens):
    kind = TASK["network"]
    if kind == "lstm":
        return Lstm(tokens)
    layers = []
    if isinstance(kind, list):
        width = x.shape[1]
        for hidden in kind:
            layers += [torch.nn.Linear(width, hidden), torch.nn.ReLU()]
            width = hidden
        return torch.nn.Sequential(*layers, torch.nn.Linear(width, classes))
    channels, side = x.shape[1], x.shape[2]
    if kind == "cnn":
        for out in (32, 64, 128):
            layers += [torch.nn.Conv2d(channels, out, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2)]
            channels, side = out, side // 2
    else:
        for out in (64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0):
            if out == 0:
                layers.append(torch.nn.MaxPool2d(2))
                side //= 2
            else:
                layers += [torch.nn.Conv2d(channels, out, 3, padding=1), torch.nn.BatchNorm2d(out), torch.nn.ReLU()]
                channels = out
    return torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(channels * side * side, classes))


def predict(model, x):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(x[i:i + 1000]) for i in range(0, len(x), 1000)])


if TASK["task"] == "distribution":
    columns = adult(TASK["train"])
    READ = time.perf_counter()
    for name in ADULT:
        np.unique(np.array(columns[name]), return_counts=True)
    rich = np.array(columns["income"]) == ">50K"
    for name in ("sex", "race"):
        for value in np.unique(np.array(columns[name])):
            rich[np.array(columns[name]) == value].mean()
    accuracy = None
else:
    x, y, xt, yt, tokens = load()
    READ = time.perf_counter()
    model = network(x, int(y.max()) + 1, tokens)
    accuracy = None
    if TASK["task"] == "train":
        optimizer = torch.optim.Adam(model.parameters(), lr=TASK["rate"])
        loss_function = torch.nn.CrossEntropyLoss()
        model.train()
        for _ in range(TASK["epochs"]):
            order = torch.randperm(len(x))
            for start in range(0, len(x), TASK["batch"]):
                batch = order[start:start + TASK["batch"]]
                optimizer.zero_grad()
                loss_function(model(x[batch]), y[batch]).backward()
                optimizer.step()
        if TASK.get("model"):
            torch.save(model.state_dict(), TASK["model"])
    else:
        if TASK.get("model") and os.path.exists(TASK["model"]):
            model.load_state_dict(torch.load(TASK["model"]))
        if TASK["task"] == "accuracy":
            accuracy = (predict(model, xt).argmax(1) == yt).float().mean().item()
        elif TASK["task"] == "robustness":
            model.eval()
            right = 0
            for start in range(0, len(xt), 256):
                batch = xt[start:start + 256].clone().requires_grad_(True)
                loss = torch.nn.functional.cross_entropy(model(batch), yt[start:start + 256])
                grad, = torch.autograd.grad(loss, batch)
                with torch.no_grad():
                    right += (model(batch + 0.01 * grad.sign()).argmax(1) == yt[start:start + 256]).sum().item()
            accuracy = right / len(xt)
        else:
            model.eval()
            with torch.no_grad():
                for i in range(100):
                    model(xt[i:i + 1])
print(json.dumps({"startUp": LOADED - STARTED, "preprocessing": READ - LOADED, "computation": time.perf_counter() - READ,
                  "accuracy": accuracy}))
