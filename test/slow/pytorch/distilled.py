"""Twin of distilled.mtl: KL divergence from a trained network's softened probabilities, and from another head's."""

import os

import torch
import torch.nn.functional as F

from twin import Twin, answers, apply_rate, batches, mean_of, numbers, read_safetensors, read_table, standard, vectors

RATE, EPOCHS, BATCH = 0.02, 6, 16


def distilled(logits, teacher, temperature, present):
    """Each row's divergence from the teacher, at a temperature."""
    target = F.log_softmax(teacher / temperature, dim=-1)
    each = F.kl_div(F.log_softmax(logits / temperature, dim=-1), target, reduction="none", log_target=True).sum(-1)
    return mean_of(temperature**2 * each, present)


def teacher_logits(folder, columns):
    weights = read_safetensors(f"{os.path.dirname(folder)}/distilled-teacher/model.safetensors")
    x = vectors(*(standard(column) for column in columns))
    hidden = F.silu(x @ weights["kind.dense_1.kernel"] + weights["kind.dense_1.bias"])
    return hidden @ weights["kind.dense_2.kernel"] + weights["kind.dense_2.bias"]


def train(folder):
    twin = Twin(folder)
    table = read_table(f"{folder}/distilled.csv")
    columns = [numbers(table[f"x{k}"]) for k in range(4)]
    x = vectors(*columns)
    said = teacher_logits(folder, columns)
    kind, has_kind = answers(numbers(table["kind"]))
    copy, has_copy = answers(numbers(table["other"]))
    optimizer = torch.optim.Adam(twin.groups(), lr=RATE)
    for _ in range(EPOCHS):
        for at in batches(len(x), BATCH):
            trunk = torch.tanh(twin.dense(x[at], "trunk.dense_1"))
            logits = twin.dense(trunk, "kind.dense_1")
            follower = twin.dense(torch.relu(twin.dense(trunk, "copy.dense_1")), "copy.dense_2")
            plain = mean_of(F.cross_entropy(logits, kind[at].long(), reduction="none"), has_kind[at])
            own = mean_of(F.cross_entropy(follower, copy[at].long(), reduction="none"), has_copy[at])
            losses = {
                "kind": 0.5 * plain + 0.8 * distilled(logits, said[at], 3.0, has_kind[at]),
                "copy": own + distilled(follower, logits.detach(), 2.0, has_copy[at]),
            }
            optimizer.zero_grad(set_to_none=True)
            sum(losses.values()).backward()
            apply_rate(optimizer, RATE)
            optimizer.step()
            twin.note(losses, {"kind": 1.0, "copy": 1.0}, RATE)
    return twin.result()
