"""The networks of spec/model.md section 4 as a PyTorch user writes them: networks_python_test.cc runs it.

check_networks.py FOLDER RUN…: for each run loads RUN.before.safetensors into the module that its architecture describes,
compares the outputs in evaluation mode with RUN.before.f32, takes the same steps with torch.optim, and compares losses and
weights with RUN.losses.f32 and RUN.after.safetensors.
"""
import sys

import torch
from torch import nn

from check_model import floats, read_safetensors


def mlp(inputs, hidden, outputs, activation):
    modules = []
    for width in hidden:
        modules += [nn.Linear(inputs, width), activation()]
        inputs = width
    return [*modules, nn.Linear(inputs, outputs)]


def cnn(a):
    channels, height, width = a["image"]
    activation = nn.ReLU if a["activation"] == "relu" else nn.Tanh
    modules = []
    for out in a["channels"]:
        modules += [nn.Conv2d(channels, out, a["kernel"], padding=a["kernel"] // 2), activation(), nn.MaxPool2d(2)]
        channels, height, width = out, height // 2, width // 2
    modules += [nn.Flatten(), *mlp(channels * height * width, a["hidden"], a["outputs"], activation)]
    return nn.Sequential(*modules)


VGG = {11: "64 M 128 M 256 256 M 512 512 M 512 512 M",
       13: "64 64 M 128 128 M 256 256 M 512 512 M 512 512 M",
       16: "64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M",
       19: "64 64 M 128 128 M 256 256 256 256 M 512 512 512 512 M 512 512 512 512 M"}


class Vgg(nn.Module):
    def __init__(self, a):
        super().__init__()
        channels, height, width = a["image"]
        modules = []
        for item in VGG[a["depth"]].split():
            if item == "M":
                modules.append(nn.MaxPool2d(2))
                continue
            modules += [nn.Conv2d(channels, int(item), 3, padding=1), nn.BatchNorm2d(int(item)), nn.ReLU()]
            channels = int(item)
        self.features = nn.Sequential(*modules)
        self.classifier = nn.Sequential(
            *mlp(channels * (height // 32) * (width // 32), a["hidden"], a["outputs"], nn.ReLU))

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(x)) + shortcut)


class Resnet(nn.Module):
    def __init__(self, a):
        super().__init__()
        channels, height, _ = a["image"]
        small = height <= 64
        self.conv1 = nn.Conv2d(channels, 64, 3 if small else 7, 1 if small else 2, 1 if small else 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.Identity() if small else nn.MaxPool2d(3, 2, 1)
        inputs = 64
        for i, outputs in enumerate((64, 128, 256, 512)):
            blocks = [BasicBlock(inputs, outputs, 1 if i == 0 else 2), BasicBlock(outputs, outputs, 1)]
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))
            inputs = outputs
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, a["outputs"])

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


def lengths_of(tokens):
    places = torch.arange(1, tokens.shape[1] + 1)
    return ((tokens != 0) * places).amax(1).clamp(min=1)


class Lstm(nn.Module):
    def __init__(self, a):
        super().__init__()
        self.embedding = nn.Embedding(a["tokens"], a["embedding"], padding_idx=0)
        self.lstm = nn.LSTM(a["embedding"], a["units"], a["layers"], batch_first=True)
        self.fc = nn.Linear(a["units"], a["outputs"])

    def forward(self, tokens):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(tokens), lengths_of(tokens), batch_first=True,
                                                   enforce_sorted=False)
        _, (state, _) = self.lstm(packed)
        return self.fc(state[-1])


class Transformer(nn.Module):
    def __init__(self, a):
        super().__init__()
        self.embedding = nn.Embedding(a["tokens"], a["embedding"], padding_idx=0)
        self.position = nn.Embedding(a["inputs"], a["embedding"])
        layer = nn.TransformerEncoderLayer(a["embedding"], a["heads"], a["units"], dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, a["layers"])
        self.fc = nn.Linear(a["embedding"], a["outputs"])

    def forward(self, tokens):
        lengths = lengths_of(tokens)
        inside = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.embedding(tokens) + self.position.weight
        x = self.encoder(x, src_key_padding_mask=~inside)
        return self.fc((x * inside[:, :, None]).sum(1) / lengths[:, None])


KINDS = {"mlp": lambda a: nn.Sequential(*mlp(a["inputs"], a["hidden"], a["outputs"],
                                             nn.ReLU if a["activation"] == "relu" else nn.Tanh)),
         "cnn": cnn, "vgg": Vgg, "resnet": Resnet, "lstm": Lstm, "transformer": Transformer}
RATE, STEPS = 0.001, 3


def largest(a, b):
    return (a - b).abs().max().item()


def check(folder, run):
    architecture, before = read_safetensors(f"{folder}/{run}.before.safetensors")
    _, after = read_safetensors(f"{folder}/{run}.after.safetensors")
    model = KINDS[architecture["type"]](architecture)
    wanted = [name for name in model.state_dict() if not name.endswith("num_batches_tracked")]
    assert sorted(wanted) == sorted(before), f"{run}: names {sorted(set(wanted) ^ set(before))}"
    missing, unexpected = model.load_state_dict(before, strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), run
    model.double()  # so that what differs is our rounding alone
    x = floats(f"{folder}/{run}.x.f32").double().reshape(-1, architecture["inputs"])
    if "image" in architecture:
        x = x.reshape(-1, *architecture["image"])
    if "tokens" in architecture:
        x = x.long()
    with open(f"{folder}/{run}.y.i32", "rb") as file:
        y = torch.frombuffer(bytearray(file.read()), dtype=torch.int32).long()

    model.eval()
    with torch.no_grad():
        difference = largest(model(x).flatten(), floats(f"{folder}/{run}.before.f32"))
    assert difference < 1e-5, f"{run}: outputs differ by {difference}"

    model.train()
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE, momentum=0.9, weight_decay=0.01)
    loss = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 0.5], dtype=torch.double), label_smoothing=0.1)
    losses = []
    for _ in range(STEPS):
        optimiser.zero_grad()
        value = loss(model(x), y)
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        losses.append(value.item())
    ours = floats(f"{folder}/{run}.losses.f32")
    assert abs(losses[0] - ours[0].item()) < 1e-5, f"{run}: first loss {losses[0]}, ours {ours[0].item()}"
    difference = largest(torch.tensor(losses), ours)
    assert difference < 1e-4, f"{run}: losses differ by {difference}: {losses}"
    for name in wanted:
        difference = largest(model.state_dict()[name], after[name])
        assert difference < 1e-4, f"{run}: {name} differs by {difference} after {STEPS} steps"
    print(f"{run}: the same", [b - a for a, b in zip(losses, ours.tolist())])


def main(folder, *runs):
    torch.set_num_threads(1)
    torch.manual_seed(0)
    assert runs, "nothing to check"
    for run in runs:
        check(folder, run)


if __name__ == "__main__":
    main(*sys.argv[1:])
