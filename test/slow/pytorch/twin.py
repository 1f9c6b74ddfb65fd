"""What the twins share: reading files, layers by our names and layouts, one training step.

A twin is a program written by hand: its forward pass, its losses, its order of business. Everything that PyTorch has
(autograd, optimizers, clipping, losses, norms) is PyTorch's own.
"""

import csv
import json
import math
import statistics

import torch
import torch.nn.functional as F

TYPES = {"F32": torch.float32}


def read_safetensors(path):
    with open(path, "rb") as file:
        raw = bytearray(file.read())
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = torch.frombuffer(raw[begin:end], dtype=TYPES[entry["dtype"]]).clone().reshape(entry["shape"])
    return tensors


def read_table(path):
    """Columns of text by name; an empty cell is None."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] or None for row in rows] for name in rows[0]}


def numbers(column):
    """Cells as Python floats; None stays None."""
    return [None if cell is None else float(cell) for cell in column]


def filled(values, instead):
    """`instead` is statistics.fmean or statistics.median: what an empty cell becomes, of those that are not."""
    value = instead([value for value in values if value is not None])
    return [value if cell is None else cell for cell in values]


def standard(values):
    """By what is there: an empty cell has no say in the scale."""
    present = [value for value in values if value is not None]
    shift, spread = statistics.fmean(present), statistics.pstdev(present)
    return [None if value is None else (value - shift) / spread for value in values]


def minmax(values):
    present = [value for value in values if value is not None]
    low, high = min(present), max(present)
    return [None if value is None else (value - low) / (high - low) for value in values]


def codes(column, reserved):
    """Words as places in the sorted list of words, plus `reserved`; None stays None."""
    words = sorted({cell for cell in column if cell is not None})
    return [None if cell is None else words.index(cell) + reserved for cell in column]


def answers(*columns):
    """Targets and where they are present: one column gives [rows], several [rows, columns]."""
    table = [[0.0 if value is None else float(value) for value in column] for column in columns]
    there = [[0.0 if value is None else 1.0 for value in column] for column in columns]
    target, present = torch.tensor(table).T, torch.tensor(there).T
    return (target[:, 0], present[:, 0]) if len(columns) == 1 else (target, present)


def vectors(*columns):
    return torch.tensor(columns, dtype=torch.float64).T.to(torch.float32)


class Twin:
    """Parameters and running statistics under our names, starting as the run folder `initial` has them."""

    def __init__(self, folder):
        self.folder = folder
        tensors = read_safetensors(f"{folder}/model.safetensors")
        running = [name for name in tensors if name.endswith((".mean", ".variance"))]
        self.running = {name: tensors.pop(name) for name in running}
        self.p = {name: tensor.requires_grad_() for name, tensor in tensors.items()}
        self.steps = []

    def names(self, *owners):
        return [name for name in self.p if name.split(".")[0] in owners]

    def decayed(self):
        """Kernels, recurrent ones too, and embeddings: what weight decay and norms of weights are about."""
        return [name for name in self.p if name.endswith((".kernel", ".recurrent", ".table"))]

    # Layers

    def dense(self, x, path):
        y = x @ self.p[f"{path}.kernel"]
        return y + self.p[f"{path}.bias"] if f"{path}.bias" in self.p else y

    def embed(self, indices, path):
        return F.embedding(indices, self.p[f"{path}.table"])

    def conv2d(self, x, path, stride=1):
        """x [batch, channels, height, width]; pads as TensorFlow does, the smaller half first."""
        kernel = self.p[f"{path}.kernel"].permute(3, 2, 0, 1)
        pads = []
        for size, window in ((x.shape[3], kernel.shape[3]), (x.shape[2], kernel.shape[2])):
            total = max((math.ceil(size / stride) - 1) * stride + window - size, 0)
            pads += [total // 2, total - total // 2]
        return F.conv2d(F.pad(x, pads), kernel, self.p.get(f"{path}.bias"), stride=stride)

    def layer_norm(self, x, path):
        return F.layer_norm(x, x.shape[-1:], self.p[f"{path}.scale"], self.p[f"{path}.offset"], eps=1e-5)

    def batch_norm(self, x, path, moves=True):
        """Channels on axis 1. `moves` False: uses the running statistics and leaves them alone."""
        mean, variance = self.running[f"{path}.mean"], self.running[f"{path}.variance"]
        scale, offset = self.p[f"{path}.scale"], self.p[f"{path}.offset"]
        return F.batch_norm(x, mean, variance, scale, offset, training=moves, momentum=0.1, eps=1e-5)

    # Training

    def groups(self, rates=None, weight_decay=0.0):
        """Parameters for a PyTorch optimizer: one group a parameter, each with its own decay and factor of the rate."""
        decayed = set(self.decayed())
        rates = rates or {}
        return [
            {
                "params": [parameter],
                "weight_decay": weight_decay if name in decayed else 0.0,
                "factor": rates.get(name.split(".")[0], 1.0),
            }
            for name, parameter in self.p.items()
        ]

    def note(self, losses, weights, rate):
        self.steps.append(
            {
                "losses": {task: float(value.detach()) for task, value in losses.items()},
                "weights": {task: float(value) for task, value in weights.items()},
                "rate": rate,
            }
        )

    def result(self, weights=None):
        tensors = {**{name: tensor.detach() for name, tensor in (weights or self.p).items()}, **self.running}
        listed = {name: tensor.flatten().tolist() for name, tensor in tensors.items()}
        return {"steps": self.steps, "weights": listed}


def apply_rate(optimizer, rate):
    for group in optimizer.param_groups:
        group["lr"] = rate * group.get("factor", 1.0)


def batches(rows, size):
    """Row ranges in file order; the last one may be short."""
    return [slice(begin, min(begin + size, rows)) for begin in range(0, rows, size)]


def mean_of(elements, weight):
    """Mean over what is present; None where nothing is."""
    return None if weight.sum() == 0 else (elements * weight).sum() / weight.sum()
