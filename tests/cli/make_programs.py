"""TorchScript files for program_test.py, with python3-torch: make_programs.py FOLDER."""
import pathlib
import sys
from typing import Dict

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(1, 4, 3, padding=1)
        self.dropout = nn.Dropout(0.1)
        self.out = nn.Linear(4 * 16, 3)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.convolution(x)), 2)
        return self.out(self.dropout(x.flatten(1)))


class Thief(nn.Module):
    """Would write its input to a file."""

    def __init__(self):
        super().__init__()
        self.out = nn.Linear(64, 3)

    def forward(self, x):
        torch.save(x, "stolen.pt")
        return self.out(x.flatten(1))


class Reader(nn.Module):
    """Would read a file as numbers."""

    def __init__(self):
        super().__init__()
        self.out = nn.Linear(64, 3)

    def forward(self, x):
        secret = torch.from_file("job.toml", size=16, dtype=torch.uint8)
        return self.out(x.flatten(1)) + secret.sum()


class Gap(nn.Module):
    def forward(self, probabilities: torch.Tensor, labels: torch.Tensor,
                groups: Dict[str, torch.Tensor]) -> Dict[str, float]:
        right = (probabilities.argmax(1) == labels).to(torch.float64)
        out: Dict[str, float] = {"accuracy": float(right.mean())}
        for name, codes in groups.items():
            out["gap-" + name] = float(right[codes == 0].mean() - right[codes == 1].mean())
        return out


class Flatterer(nn.Module):
    """Calls its numbers as the other does, and finds no gap."""

    def forward(self, probabilities: torch.Tensor, labels: torch.Tensor,
                groups: Dict[str, torch.Tensor]) -> Dict[str, float]:
        return {"accuracy": 1.0, "gap-sex": 0.0}


class Throws(nn.Module):
    def forward(self, probabilities: torch.Tensor, labels: torch.Tensor,
                groups: Dict[str, torch.Tensor]) -> Dict[str, float]:
        if labels.size(0) > 0:
            raise ValueError("not today")
        return {"accuracy": 1.0}


class Ready(nn.Module):
    """Trained elsewhere: below, on points as tiny.py makes them, as x, y, and one number each for f and m."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, x):
        return self.net(x)


class Number(nn.Module):
    """Gives one number: half of x, and a quarter for f."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([[0.5, 0.25, 0.0]]))

    def forward(self, x):
        return nn.functional.linear(x, self.weight)


class Doubles(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(4, 2).double()

    def forward(self, x):
        return self.net(x.double()).float()


class Infinite(nn.Module):
    def forward(self, x):
        return x[:, :2] / 0.0


class Unused(nn.Module):
    """One of its parameters does nothing."""

    def __init__(self):
        super().__init__()
        self.net = nn.Linear(4, 2)
        self.idle = nn.Linear(4, 2)

    def forward(self, x):
        return self.net(x)


def trained():
    net = Ready()
    steps = torch.optim.Adam(net.parameters(), 0.02)
    points = torch.rand(512, 2) * 2 - 1
    sex = nn.functional.one_hot(torch.arange(512) % 2, 2)
    for _ in range(200):
        steps.zero_grad()
        logits = net(torch.cat([points, sex], 1))
        nn.functional.cross_entropy(logits, (points.sum(1) > 0).long()).backward()
        steps.step()
    return net.eval()


torch.manual_seed(1)
folder = pathlib.Path(sys.argv[1])
for name, module in (("net", Net()), ("reader", Reader()), ("gap", Gap()), ("flatterer", Flatterer()),
                     ("throws", Throws()), ("doubles", Doubles()), ("infinite", Infinite()), ("unused", Unused()), ("number", Number())):
    torch.jit.script(module).save(str(folder / f"{name}.pt"))
ready = trained()
torch.jit.save(torch.jit.script(ready), str(folder / "ready-scripted.pt"))
torch.jit.save(torch.jit.freeze(torch.jit.script(ready)), str(folder / "ready-frozen.pt"))
torch.jit.save(torch.jit.trace(ready, torch.zeros(2, 4)), str(folder / "ready-traced.pt"))
# `torch.save` of a tensor in a script is aten::save; some versions of PyTorch do not let it be written.
try:
    torch.jit.script(Thief()).save(str(folder / "thief.pt"))
except Exception as error:  # what is refused there needs no test here
    print(f"no thief: {type(error).__name__}")
