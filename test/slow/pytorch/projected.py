"""Twin of projected.mtl: whole gradient vectors are projected, one task after another."""

import math

import torch
import torch.nn.functional as F

from twin import Twin, answers, apply_rate, batches, mean_of, numbers, read_table, vectors

REACHED_BY = {
    "trunk": ["up", "down", "third", "kind"],
    "up": ["up"],
    "down": ["down"],
    "third": ["third", "kind"],
    "kind": ["kind"],
}
TASKS = ["up", "down", "third", "kind"]
WRITTEN = {"up": 1.0, "down": 1.5, "third": 1.0, "kind": 1.0}
RATE, EPOCHS, BATCH, TEMPERATURE = 0.03, 6, 16, 1.5


def without_conflict(rows):
    """PCGrad, each gradient against the others by index; also what each original gradient counts in the sum."""
    count = len(rows)
    shares = torch.zeros(count, dtype=torch.float64)
    for i in range(count):
        kept, share = rows[i].clone(), torch.zeros(count, dtype=torch.float64)
        share[i] = 1
        for j in range(count):
            along = torch.dot(kept, rows[j])
            if i != j and along < 0:
                part = along / torch.dot(rows[j], rows[j])
                kept, share[j] = kept - part * rows[j], share[j] - part
        shares += share
    return shares


def average_weights(means, present):
    """Dynamic weight average: how fast each loss fell over the last two epochs; 1 until there are two."""
    if any(len(means[task]) < 2 for task in present):
        return {task: 1.0 for task in present}
    powers = {task: math.exp(means[task][-1] / means[task][-2] / TEMPERATURE) for task in present}
    return {task: len(present) * power / sum(powers.values()) for task, power in powers.items()}


def train(folder):
    twin = Twin(folder)
    table = read_table(f"{folder}/projected.csv")
    x = vectors(*(numbers(table[f"x{k}"]) for k in range(5)))
    up, has_up = answers(numbers(table["up"]))
    down, has_down = answers(numbers(table["down"]))
    third, has_third = answers([None if cell is None else float(cell == "yes") for cell in table["third"]])
    kind, has_kind = answers(numbers(table["kind"]))

    def losses_of(at):
        trunk = F.softplus(twin.dense(torch.tanh(twin.dense(x[at], "trunk.dense_1")), "trunk.dense_2"))
        logit = twin.dense(torch.sigmoid(twin.dense(trunk, "third.dense_1")), "third.dense_2")
        logits = twin.dense(torch.cat([trunk, logit], dim=1), "kind.dense_1")
        losses = {
            "up": mean_of((twin.dense(trunk, "up.dense_1")[:, 0] - up[at]).square(), has_up[at]),
            "down": mean_of((twin.dense(trunk, "down.dense_1")[:, 0] - down[at]).square(), has_down[at]),
            "third": mean_of(
                F.binary_cross_entropy_with_logits(logit[:, 0], third[at], reduction="none"), has_third[at]
            ),
            "kind": mean_of(F.cross_entropy(logits, kind[at].long(), reduction="none"), has_kind[at]),
        }
        return {task: losses[task] for task in TASKS if losses[task] is not None}

    shared = [name for name in twin.p if len(REACHED_BY[name.split(".")[0]]) > 1]
    optimizer = torch.optim.SGD(twin.groups(weight_decay=1e-2), lr=RATE, momentum=0.9, nesterov=True)
    ranges = batches(len(x), BATCH)
    means = {task: [] for task in TASKS}
    conflicts = 0
    for epoch in range(EPOCHS):
        sums = {task: [] for task in TASKS}
        for at in ranges:
            losses = losses_of(at)
            first = average_weights(means, losses)
            rows = {}
            optimizer.zero_grad(set_to_none=True)
            for task, loss in losses.items():
                scaled = first[task] * WRITTEN[task] * loss
                grads = torch.autograd.grad(scaled, list(twin.p.values()), retain_graph=True, allow_unused=True)
                by_name = dict(zip(twin.p, grads))
                rows[task] = torch.cat(
                    [
                        (torch.zeros_like(twin.p[name]) if by_name[name] is None else by_name[name]).flatten()
                        for name in shared
                    ]
                ).double()
                for name, grad in by_name.items():
                    if name not in shared and grad is not None:
                        twin.p[name].grad = grad.clone()
            shares = without_conflict(list(rows.values()))
            conflicts += int((shares - 1).abs().max() > 1e-3)
            shares *= len(rows) / shares.abs().sum()
            together = sum(share * row for share, row in zip(shares, rows.values())).float()
            for name, piece in zip(shared, together.split([twin.p[name].numel() for name in shared])):
                if any(task in losses for task in REACHED_BY[name.split(".")[0]]):
                    twin.p[name].grad = piece.reshape(twin.p[name].shape).clone()
            for name in twin.decayed():
                weight = twin.p[name].detach()
                if twin.p[name].grad is not None:
                    twin.p[name].grad += 2e-3 * weight + 1e-4 * weight.sign()
            torch.nn.utils.clip_grad_norm_(twin.p.values(), 3.0)
            rate = RATE * 0.7 ** (epoch // 2)
            apply_rate(optimizer, rate)
            optimizer.step()
            weights = {task: WRITTEN[task] * first[task] * float(share) for task, share in zip(losses, shares)}
            twin.note(losses, weights, rate)
            for task, loss in losses.items():
                sums[task].append(WRITTEN[task] * float(loss.detach()))
        for task in TASKS:
            if sums[task]:
                means[task].append(sum(sums[task]) / len(sums[task]))
    assert conflicts > 20, f"only {conflicts} steps had something to project"
    return twin.result()
