"""Twin of table.mtl."""

import math
import statistics

import torch
import torch.nn.functional as F

from twin import Twin, answers, apply_rate, batches, codes, filled, mean_of, minmax, numbers, read_table, standard, vectors

# Which tasks' losses reach what: where none of them is present, nothing moves.
REACHED_BY = {
    "trunk": ["kind", "warm", "heating", "cooling", "visits", "rare"],
    "kind": ["kind"],
    "warm": ["warm"],
    "heating": ["heating", "cooling"],
    "cooling": ["cooling"],
    "visits": ["visits"],
    "rare": ["rare"],
}
RATE, WARMUP, FLOOR, EPOCHS, BATCH = 1e-2, 10, 0.1, 5, 16


def factor(step, steps):
    if step < WARMUP:
        return (step + 1) / WARMUP
    return FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * (step - WARMUP) / (steps - WARMUP)))


def train(folder):
    twin = Twin(folder)
    table = read_table(f"{folder}/table.csv")
    size = vectors(*(filled(standard(numbers(table[name])), statistics.fmean) for name in "abc"))
    spread = vectors(filled(minmax(numbers(table["spread"])), statistics.median))
    place = torch.tensor([code or 0 for code in codes(table["place"], reserved=1)])
    kind, has_kind = answers(codes(table["kind"], reserved=0))
    warm, has_warm = answers([None if cell is None else float(cell == "yes") for cell in table["warm"]])
    heating, has_heating = answers(standard(numbers(table["heating"])))
    cooling, has_cooling = answers(standard(numbers(table["cooling"])))
    visits, has_visits = answers(numbers(table["visits"]))
    rare, has_rare = answers(minmax(numbers(table["rare"])))

    def losses_of(at):
        x = torch.cat([size[at], spread[at], twin.embed(place[at], "trunk.embed_1")], dim=1)
        x = F.relu(twin.dense(x, "trunk.dense_1"))
        trunk = F.relu(twin.batch_norm(twin.dense(x, "trunk.dense_2"), "trunk.batch_norm_1"))

        kind_logits = twin.dense(trunk, "kind.dense_1")
        warm_logit = twin.dense(torch.tanh(twin.dense(trunk, "warm.dense_1")), "warm.dense_2")[:, 0]
        heat = twin.dense(F.relu(twin.dense(trunk, "heating.dense_1")), "heating.dense_2")
        cool = torch.cat([trunk, heat], dim=1)
        cool = twin.dense(F.relu(twin.dense(cool, "cooling.dense_1")), "cooling.dense_2")[:, 0]
        log_rate = twin.dense(trunk, "visits.dense_1")[:, 0]

        losses = {
            "kind": mean_of(
                F.cross_entropy(kind_logits, kind[at].long(), label_smoothing=0.1, reduction="none"), has_kind[at]
            ),
            "warm": mean_of(
                F.binary_cross_entropy_with_logits(warm_logit, warm[at], reduction="none"), has_warm[at]
            ),
            "heating": mean_of(F.huber_loss(heat[:, 0], heating[at], delta=0.7, reduction="none"), has_heating[at]),
            "cooling": mean_of(F.mse_loss(cool, cooling[at], reduction="none"), has_cooling[at]),
            "visits": mean_of(
                F.poisson_nll_loss(log_rate, visits[at], log_input=True, full=False, reduction="none"), has_visits[at]
            ),
        }
        # The norm in an absent task's head must not move: its head is not even run.
        if has_rare[at].sum() > 0:
            x = twin.batch_norm(twin.dense(trunk, "rare.dense_1"), "rare.batch_norm_1")
            value = twin.dense(F.relu(x), "rare.dense_2")[:, 0]
            losses["rare"] = mean_of(F.l1_loss(value, rare[at], reduction="none"), has_rare[at])
        return {task: loss for task, loss in losses.items() if loss is not None}

    optimizer = torch.optim.AdamW(twin.groups(rates={"trunk": 0.5}, weight_decay=0.1), lr=RATE)
    ranges = batches(len(place), BATCH)
    written = {"heating": 2.0}
    for step in range(EPOCHS * len(ranges)):
        losses = losses_of(ranges[step % len(ranges)])
        weights = {task: written.get(task, 1.0) for task in losses}
        optimizer.zero_grad(set_to_none=True)
        sum(weights[task] * loss for task, loss in losses.items()).backward()
        for name, parameter in twin.p.items():
            reached = any(task in losses for task in REACHED_BY[name.split(".")[0]])
            assert reached == (parameter.grad is not None), name
        torch.nn.utils.clip_grad_norm_(twin.p.values(), 2.0)
        rate = RATE * factor(step, EPOCHS * len(ranges))
        apply_rate(optimizer, rate)
        optimizer.step()
        twin.note(losses, weights, rate)
    return twin.result()
