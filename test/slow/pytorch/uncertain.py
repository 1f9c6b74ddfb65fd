"""Twin of uncertain.mtl."""

import torch
import torch.nn.functional as F

from twin import Twin, answers, apply_rate, batches, codes, mean_of, numbers, read_table, standard, vectors

REACHED_BY = {
    "trunk": ["alarms", "level", "grade"],
    "side": ["alarms", "late"],
    "alarms": ["alarms"],
    "level": ["level"],
    "grade": ["grade"],
    "late": ["late"],
}
RATE, WARMUP, EPOCHS, BATCH, ACCUMULATE, KEEP = 5e-3, 5, 9, 12, 2, 0.9
WRITTEN = {"alarms": 1.0, "level": 0.7, "grade": 1.0, "late": 1.0}


def focal(logits, target, gamma, alpha):
    probability = torch.sigmoid(logits)
    right = torch.where(target == 1, probability, 1 - probability)
    side = torch.where(target == 1, alpha, 1 - alpha)
    cost = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return side * (1 - right) ** gamma * cost


def factor(step, steps):
    return (step + 1) / WARMUP if step < WARMUP else 1 - (step - WARMUP) / (steps - WARMUP)


def train(folder):
    twin = Twin(folder)
    table = read_table(f"{folder}/uncertain.csv")
    x = vectors(*(standard(numbers(table[f"x{k}"])) for k in range(6)))
    alarms, has_alarms = answers(*(numbers(table[name]) for name in ("smoke", "water", "noise")))
    level, has_level = answers(numbers(table["low"]), numbers(table["high"]))
    trust = vectors(numbers(table["trust"]))
    grade, has_grade = answers(numbers(table["grade"]))
    late, has_late = answers([None if cell is None else float(cell == "yes") for cell in table["late"]])
    class_weights = torch.tensor([1.0, 2.0, 0.5])

    def forward(at):
        trunk = F.gelu(twin.layer_norm(twin.dense(x[at], "trunk.dense_1"), "trunk.layer_norm_1"))
        side = F.silu(twin.dense(x[at], "side.dense_1"))
        logits = twin.dense(torch.cat([trunk, side], dim=1), "alarms.dense_1")
        ends = twin.dense(F.elu(twin.dense(trunk, "level.dense_1")), "level.dense_2")
        classes = twin.dense(trunk, "grade.dense_1")
        doubt = twin.dense(F.leaky_relu(twin.dense(side, "late.dense_1"), 0.01), "late.dense_2")[:, 0]
        right = grade[at].long()
        losses = {
            "alarms": mean_of(focal(logits, alarms[at], 1.5, 0.3), has_alarms[at]),
            "level": mean_of(
                F.smooth_l1_loss(ends, level[at], beta=0.5, reduction="none"), has_level[at] * trust[at]
            ),
            "grade": mean_of(F.cross_entropy(classes, right, reduction="none"), has_grade[at] * class_weights[right]),
            "late": mean_of(
                F.binary_cross_entropy_with_logits(
                    doubt, late[at], pos_weight=torch.tensor(3.0), reduction="none"
                ),
                has_late[at],
            ),
        }
        apart = 0.05 * (trunk * side).square().mean()
        return {task: loss for task, loss in losses.items() if loss is not None}, apart

    # One scalar a task, with an optimizer of the same kind: no decay, outside clipping.
    s = {task: torch.zeros(1, requires_grad=True) for task in WRITTEN}
    optimizer = torch.optim.AdamW(
        twin.groups(weight_decay=0.05) + [{"params": list(s.values()), "weight_decay": 0.0}], lr=RATE
    )
    average = {name: parameter.detach().clone() for name, parameter in twin.p.items()}
    ranges = batches(len(x), BATCH)
    per_epoch = [ranges[k : k + ACCUMULATE] for k in range(0, len(ranges), ACCUMULATE)]
    steps = EPOCHS * len(per_epoch)
    for step in range(steps):
        optimizer.zero_grad(set_to_none=True)
        group = per_epoch[step % len(per_epoch)]
        seen = {}
        for at in group:
            losses, apart = forward(at)
            total = apart
            for task, loss in losses.items():
                total = total + 0.5 * torch.exp(-s[task]) * WRITTEN[task] * loss + 0.5 * s[task]
                seen.setdefault(task, []).append(loss.detach())
            for name in twin.decayed():
                total = total + 1e-3 * twin.p[name].square().sum()
            (total / len(group)).backward()
        moving = [name for name in twin.p if any(task in seen for task in REACHED_BY[name.split(".")[0]])]
        for name, parameter in twin.p.items():
            if name not in moving:
                parameter.grad = None
        torch.nn.utils.clip_grad_norm_(twin.p.values(), 0.5)
        weights = {task: 0.5 * WRITTEN[task] * torch.exp(-s[task]).item() for task in seen}
        rate = RATE * factor(step, steps)
        apply_rate(optimizer, rate)
        optimizer.step()
        with torch.no_grad():
            for name in moving:
                average[name].mul_(KEEP).add_((1 - KEEP) * twin.p[name])
        twin.note({task: torch.stack(values).mean() for task, values in seen.items()}, weights, rate)
    return twin.result(average)
