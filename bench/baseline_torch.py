"""The same work as examples/adult/job.toml in plain PyTorch, nothing attested: read, encode, train, distribution, accuracy,
fairness. The baseline of bench/bench.py.

usage: baseline_torch.py ADULT_DATA ADULT_TEST EPOCHS THREADS
"""
import csv
import math
import sys

import numpy as np
import torch

TRAIN, TEST, EPOCHS, THREADS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(THREADS)
torch.manual_seed(1)
COLUMNS = ["age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship",
           "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country", "income"]
NUMERIC = {"age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week"}


def read(path):
    with open(path, newline="") as file:
        rows = [row for row in csv.reader(file, skipinitialspace=True) if len(row) == len(COLUMNS)]
    rows = [row for row in rows if "?" not in row]
    columns = {name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)}
    columns["income"] = [label.rstrip(".") for label in columns["income"]]
    return columns


def fit(columns):
    encoding = []
    for name in COLUMNS[:-1]:
        if name in NUMERIC:
            values = np.array(columns[name], dtype=np.float64)
            encoding.append((name, values.mean(), values.std() or 1.0))
        else:
            encoding.append((name, {value: i for i, value in enumerate(sorted(set(columns[name])))}, None))
    return encoding


def encode(columns, encoding):
    parts = []
    for name, first, second in encoding:
        if second is not None:
            parts.append(((np.array(columns[name], dtype=np.float64) - first) / second)[:, None].astype(np.float32))
        else:
            codes = np.array([first.get(value, -1) for value in columns[name]])
            hot = np.zeros((len(codes), len(first)), dtype=np.float32)
            known = codes >= 0
            hot[np.nonzero(known)[0], codes[known]] = 1
            parts.append(hot)
    x = torch.from_numpy(np.concatenate(parts, axis=1))
    y = torch.tensor([int(label == ">50K") for label in columns["income"]])
    return x, y


train, test = read(TRAIN), read(TEST)
encoding = fit(train)
x, y = encode(train, encoding)
xt, yt = encode(test, encoding)

model = torch.nn.Sequential(torch.nn.Linear(x.shape[1], 128), torch.nn.ReLU(), torch.nn.Linear(128, 2))
optimizer = torch.optim.AdamW(model.parameters(), lr=0.001, weight_decay=0.01)
steps = EPOCHS * math.ceil(len(x) / 256)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
loss_function = torch.nn.CrossEntropyLoss()
for _ in range(EPOCHS):
    order = torch.randperm(len(x))
    for start in range(0, len(x), 256):
        batch = order[start:start + 256]
        optimizer.zero_grad()
        loss = loss_function(model(x[batch]), y[batch])
        loss.backward()
        optimizer.step()
        schedule.step()

model.eval()
with torch.no_grad():
    probabilities = torch.softmax(model(xt), dim=1).numpy()
predicted = probabilities.argmax(axis=1)
truth = yt.numpy()

proportions = {}
for name in COLUMNS:
    if name not in NUMERIC:
        values, counts = np.unique(np.array(train[name]), return_counts=True)
        proportions[name] = dict(zip(values, counts / len(x)))
rich = y.numpy() == 1
for name in ("sex", "race"):
    column = np.array(train[name])
    for value in np.unique(column):
        proportions[(name, value)] = rich[column == value].mean()
accuracy = (predicted == truth).mean()
log_loss = -np.log(probabilities[np.arange(len(truth)), truth].clip(1e-15)).mean()
fairness = {}
for name in ("sex", "race"):
    column = np.array(test[name])
    rates = []
    for value in np.unique(column):
        group = column == value
        rates.append((predicted[group].mean(), predicted[group & (truth == 1)].mean(), predicted[group & (truth == 0)].mean()))
    rates = np.array(rates)
    fairness[name] = rates.max(axis=0) - rates.min(axis=0)
print(f"accuracy {accuracy:.4f} log-loss {log_loss:.4f} parity by sex {fairness['sex'][0]:.4f}")
