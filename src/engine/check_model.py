"""What a PyTorch user would do with a model file of ours: python_test.cc runs it.

check_model.py FOLDER RUN…: for each run (adamw-onednn, …) loads before-OUTPUTS.safetensors into a torch.nn.Sequential with
load_state_dict, takes 25 steps with torch.optim, and compares weights and outputs with RUN.safetensors and RUN.f32 to 1e-5.
"""
import json
import struct
import sys

import torch


def read_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    (size,) = struct.unpack_from("<Q", data)
    assert size % 8 == 0
    header = json.loads(data[8:8 + size])
    metadata = header.pop("__metadata__")
    assert metadata["format"] == "pt"
    tensors = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32"
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        values = torch.frombuffer(bytearray(data[begin:end]), dtype=torch.float32)
        tensors[name] = values.reshape(entry["shape"])
    return json.loads(metadata["attestml.architecture"]), tensors


def network(architecture):
    widths = [architecture["inputs"], *architecture["hidden"], architecture["outputs"]]
    modules = []
    for inputs, outputs in zip(widths, widths[1:]):
        modules += [torch.nn.Linear(inputs, outputs), torch.nn.Tanh()]
    return torch.nn.Sequential(*modules[:-1])


OPTIMISERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, weight_decay=0.05),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.05),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.05),
}


def floats(path):
    with open(path, "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.float32)


def check(folder, run, x, y):
    architecture, after = read_safetensors(f"{folder}/{run}.safetensors")
    _, before = read_safetensors(f"{folder}/before-{architecture['outputs']}.safetensors")
    model = network(architecture)
    model.load_state_dict(before)
    optimiser = OPTIMISERS[run.split("-")[0]](model.parameters())
    if architecture["outputs"] == 1:
        numbers, error = floats(f"{folder}/numbers.f32"), torch.nn.MSELoss()
        loss = lambda outputs, _: error(outputs[:, 0], numbers)
    else:
        loss = torch.nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 0.5]))
    for _ in range(25):
        optimiser.zero_grad()
        loss(model(x), y).backward()
        optimiser.step()
    for name, value in model.state_dict().items():
        difference = (value - after[name]).abs().max().item()
        assert difference < 1e-5, f"{run}: {name} differs by {difference}"

    model.load_state_dict(after)
    model.eval()
    with torch.no_grad():
        difference = (model(x).flatten() - floats(f"{folder}/{run}.f32")).abs().max().item()
    assert difference < 1e-5, f"{run}: outputs differ by {difference}"


def main(folder, *runs):
    torch.set_num_threads(1)
    x = floats(f"{folder}/x.f32").reshape(64, -1)
    with open(f"{folder}/y.i32", "rb") as file:
        y = torch.frombuffer(bytearray(file.read()), dtype=torch.int32).long()
    assert runs, "nothing to check"
    for run in runs:
        check(folder, run, x, y)


if __name__ == "__main__":
    main(*sys.argv[1:])
