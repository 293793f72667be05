"""TorchScript files for torchscript_test.cc, good and hostile: make_programs.py FOLDER."""
import io
import pickle
import sys
import zipfile

import torch
from torch import nn
from typing import Dict, List


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.25)
        self.fc = nn.Linear(4 * 9, 3)
        self.sizes = [1, 2]
        self.names: Dict[str, float] = {"scale": 1.0}

    def forward(self, x):
        x = torch.relu(self.bn(self.conv(x)))
        x = self.drop(x.view(x.size(0), -1))
        return self.fc(x) * self.names["scale"] * self.sizes[0]


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))

    def forward(self, x):
        return self.net(x)


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 6, padding_idx=0)
        self.lstm = nn.LSTM(6, 5, batch_first=True)
        self.fc = nn.Linear(5, 3)

    def forward(self, tokens):
        out, _ = self.lstm(self.embedding(tokens))
        return self.fc(out[:, -1])


class Property(nn.Module):
    def forward(self, probabilities: torch.Tensor, labels: torch.Tensor,
                groups: Dict[str, torch.Tensor]) -> Dict[str, float]:
        right = (probabilities.argmax(1) == labels).to(torch.float)
        out: Dict[str, float] = {"accuracy": float(right.mean())}
        for name, codes in groups.items():
            out["worst-" + name] = float(torch.stack([right[codes == 0].mean(), right[codes == 1].mean()]).min())
        return out


class NotFinite(nn.Module):
    def forward(self, probabilities: torch.Tensor, labels: torch.Tensor,
                groups: Dict[str, torch.Tensor]) -> Dict[str, float]:
        return {"zero-by-zero": float(probabilities.sum() * 0 / 0)}


class BadName(nn.Module):
    def forward(self, probabilities: torch.Tensor, labels: torch.Tensor,
                groups: Dict[str, torch.Tensor]) -> Dict[str, float]:
        return {"Accuracy": 1.0}


class Raises(nn.Module):
    def forward(self, x):
        if x.size(0) > 0:
            raise ValueError("not today")
        return x


class WrongShape(nn.Module):
    def forward(self, x):
        return x.sum()


class Recursive(nn.Module):
    def forward(self, x):
        while True:
            x = x + x[10000]
        return x


class Saves(nn.Module):
    def forward(self, x):
        torch.save(x, "/tmp/attestml-must-not-exist")
        return x


class ReadsFile(nn.Module):
    def forward(self, x):
        return x + torch.from_file("/etc/passwd", False, 12, dtype=torch.float)


class Prints(nn.Module):
    def forward(self, x):
        print(x)
        return x


class Forks(nn.Module):
    def forward(self, x):
        return torch.jit.wait(torch.jit.fork(torch.relu, x))


class Empty(nn.Module):
    """Shows memory as it happens to be."""

    def forward(self, x):
        return torch.empty([4, 3])


class EmptyLike(nn.Module):
    def forward(self, x):
        return torch.empty_like(x)


class NewEmpty(nn.Module):
    def forward(self, x):
        return x.new_empty([4, 3])


class EmptyStrided(nn.Module):
    def forward(self, x):
        return torch.empty_strided([4, 3], [3, 1])


class SearchSorted(nn.Module):
    """Reads where the sorter points."""

    def forward(self, x):
        return torch.searchsorted(x, x, sorter=torch.full([4, 3], 1000000, dtype=torch.long))


class PadPacked(nn.Module):
    """Batch sizes that fall and rise again: more lengths are written than there is room for."""

    def forward(self, x):
        sizes = torch.tensor([3, 0, 3, 0, 3, 0])
        return torch._pad_packed_sequence(x, sizes, True, 0.0, -1)[0]


class SetState(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(3))
        self.training = True

    @torch.jit.export
    def __getstate__(self):
        return self.w, self.training

    @torch.jit.export
    def __setstate__(self, state: tuple[torch.Tensor, bool]):
        self.w = state[0]
        self.training = state[1]

    def forward(self, x):
        return x * self.w


class DoubleWeights(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(3, dtype=torch.double))

    def forward(self, x):
        return x * self.w


def save(folder, name, module):
    torch.manual_seed(1)
    torch.jit.save(torch.jit.script(module), f"{folder}/{name}.pt")


def rewrite(folder, source, name, change, drop=()):
    """The same archive with some entries changed, as torch.jit.save lays it out (no zip64 record, which may be absent)."""
    out = io.BytesIO()
    with zipfile.ZipFile(f"{folder}/{source}.pt") as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            inner = info.filename.split("/", 1)[1]
            if inner in drop:
                continue
            data = change(inner, old.read(info))
            if data is not None:
                new.writestr(zipfile.ZipInfo(info.filename), data)
        for inner, data in change(None, None) or []:
            new.writestr(zipfile.ZipInfo(source + "/" + inner), data)
    with open(f"{folder}/{name}.pt", "wb") as file:
        file.write(out.getvalue())


def replace(entry, old, new):
    def change(inner, data):
        if inner == entry:
            assert old in data, (entry, old)
            return data.replace(old, new)
        return data
    return change


def main(folder):
    for name, module in (("cnn", Cnn()), ("mlp", Mlp()), ("tokens", Tokens()), ("property", Property()),
                         ("property-nan", NotFinite()), ("property-name", BadName()), ("raises", Raises()),
                         ("wrong-shape", WrongShape()), ("index", Recursive()), ("bad-save", Saves()),
                         ("bad-file", ReadsFile()), ("bad-print", Prints()), ("bad-fork", Forks()),
                         ("double", DoubleWeights()), ("bad-empty", Empty()), ("bad-empty-like", EmptyLike()),
                         ("bad-new-empty", NewEmpty()), ("bad-empty-strided", EmptyStrided()),
                         ("bad-searchsorted", SearchSorted()), ("bad-pad-packed", PadPacked())):
        if name in ("cnn", "mlp", "tokens"):
            torch.manual_seed(1)
        save(folder, name, module)
    try:
        save(folder, "bad-setstate", SetState())
    except Exception:  # some versions refuse the annotation; then by hand
        rewrite(folder, "mlp", "bad-setstate", lambda inner, data: data and data + (
            b"  def __setstate__(self: __torch__.Mlp,\n    state: int) -> NoneType:\n    return None\n"
            if inner == "code/__torch__.py" else b""))

    torch.jit.save(torch.jit.freeze(torch.jit.load(f"{folder}/mlp.pt").eval()), f"{folder}/frozen.pt")
    torch.jit.save(torch.jit.trace(Mlp().eval(), torch.zeros(2, 4)), f"{folder}/traced.pt")
    # The same entries packed by another writer are still the same program.
    rewrite(folder, "mlp", "repacked", lambda inner, data: data)

    class Evil:
        def __reduce__(self):
            import os
            return os.system, ("touch /tmp/attestml-must-not-exist",)

    evil = pickle.dumps(Evil(), protocol=2)
    rewrite(folder, "mlp", "bad-pickle", lambda inner, data: evil if inner == "data.pkl" else data)
    rewrite(folder, "mlp", "bad-constants", lambda inner, data: evil if inner == "constants.pkl" else data)
    with zipfile.ZipFile(f"{folder}/mlp.pt") as file:
        data = file.read("mlp/data.pkl")
    for size in range(len(data)):
        if size % 37 == 0:
            rewrite(folder, "mlp", f"cut-{size}", lambda inner, old: data[:size] if inner == "data.pkl" else old)
    rewrite(folder, "mlp", "bad-storage", lambda inner, old: old[:-4] if inner == "data/0" else old)
    rewrite(folder, "mlp", "bad-missing", lambda inner, old: old, drop=("data/0",))
    # [5, 4] of 20 numbers becomes [9, 4].
    rewrite(folder, "mlp", "bad-shape", replace("data.pkl", b"(K\x05K\x04t", b"(K\x09K\x04t"))
    rewrite(folder, "mlp", "bad-memo", replace("data.pkl", b"q\x01", b"q\xf0"))
    rewrite(folder, "mlp", "bad-class", replace("data.pkl", b"c__torch__\n", b"c__torch__.torch.classes\n"))
    rewrite(folder, "mlp", "bad-undefined", replace("data.pkl", b"activation\nTanh", b"activation\nTanx"))
    rewrite(folder, "mlp", "bad-reference", replace("code/__torch__.py", b"container.Sequential", b"container.Sequentiam"))
    rewrite(folder, "mlp", "bad-path", lambda inner, old: [("../evil", b"x")] if inner is None else old)
    rewrite(folder, "mlp", "bad-case", lambda inner, old: [("DATA.pkl", data)] if inner is None else old)
    rewrite(folder, "mlp", "bad-legacy", lambda inner, old: [("model.json", b"{}")] if inner is None else old)
    code = "code/__torch__.py"
    rewrite(folder, "mlp", "bad-word", lambda inner, old: old + b"\ndef f(x: Tensor) -> Tensor:\n  return torch . from_file"
            b"(\"/etc/passwd\")\n" if inner == code else old)
    # A dot that ends a number or a comment makes no member of the next word.
    for name, dot in (("bad-number", b"  y = 1.\n  "), ("bad-comment", b"  # so.\n  ")):
        rewrite(folder, "mlp", name, lambda inner, old, dot=dot: old + b"\ndef f(x: Tensor) -> Tensor:\n" + dot +
                b"torch.save(x, \"/tmp/x\")\n  return x\n" if inner == code else old)
    rewrite(folder, "mlp", "bad-deep", lambda inner, old: old + b"\ndef f(x: int) -> int:\n  return " + b"(" * 100000 +
            b"x" + b")" * 100000 + b"\n" if inner == code else old)
    rewrite(folder, "mlp", "bad-syntax", lambda inner, old: old + b"\n  def )(\n" if inner == code else old)

    bomb = io.BytesIO()
    with zipfile.ZipFile(f"{folder}/mlp.pt") as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            inner = zipfile.ZipInfo(info.filename)
            inner.compress_type = zipfile.ZIP_STORED
            new.writestr(inner, old.read(info))
        inner = zipfile.ZipInfo("mlp/code/bomb.py")
        inner.compress_type = zipfile.ZIP_DEFLATED
        new.writestr(inner, b"#" * (80 << 20))
    with open(f"{folder}/bad-bomb.pt", "wb") as file:
        file.write(bomb.getvalue())

    x = torch.linspace(-1, 1, 5 * 4).reshape(5, 4)
    mlp = torch.jit.load(f"{folder}/mlp.pt").eval()
    with open(f"{folder}/mlp.f32", "wb") as file:
        file.write(mlp(x).detach().numpy().tobytes())


if __name__ == "__main__":
    main(sys.argv[1])
