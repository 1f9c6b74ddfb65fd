"""Twin of images.mtl: channels first inside, channels last where numbers are laid out flat."""

import torch
import torch.nn.functional as F

from twin import Twin, answers, apply_rate, batches, mean_of, numbers, read_table, vectors

BATCH = 16


def overlap_loss(p, t):
    """Generalised intersection over union of boxes by their corners; a box turned inside out is empty."""
    area = lambda box: (box[:, 2:] - box[:, :2]).clamp(min=0).prod(dim=1)
    low, high = torch.maximum(p[:, :2], t[:, :2]), torch.minimum(p[:, 2:], t[:, 2:])
    inside = (high - low).clamp(min=0).prod(dim=1)
    union = area(p) + area(t) - inside
    hull = (torch.maximum(p[:, 2:], t[:, 2:]) - torch.minimum(p[:, :2], t[:, :2])).prod(dim=1)
    return 1 - (inside / (union + 1e-7) - (hull - union) / (hull + 1e-7))


def train(folder):
    twin = Twin(folder)
    table = read_table(f"{folder}/images.csv")
    image = vectors(*(numbers(table[f"p{k}"]) for k in range(180))).reshape(-1, 10, 9, 2).permute(0, 3, 1, 2)
    shape, has_shape = answers(numbers(table["shape"]))
    dots, has_dots = answers(*(numbers(table[f"d{k}"]) for k in range(3)))
    box, has_box = answers(*(numbers(table[side]) for side in ("left", "top", "right", "bottom")))

    def losses_of(at, trunk_moves):
        x = twin.conv2d(image[at], "trunk.conv2d_1", stride=2)
        x = F.relu(twin.batch_norm(x, "trunk.batch_norm_1", moves=trunk_moves))
        trunk = F.max_pool2d(F.relu(twin.conv2d(x, "trunk.conv2d_2")), 2)
        flat = F.relu(twin.dense(trunk.permute(0, 2, 3, 1).flatten(1), "flat.dense_1"))
        # Windows that reach over the lower or right edge divide by the cells inside.
        cells = F.avg_pool2d(F.pad(torch.ones_like(trunk), (0, 1, 0, 1)), 2, stride=1)
        soft = F.avg_pool2d(F.pad(trunk, (0, 1, 0, 1)), 2, stride=1) / cells
        spots = twin.dense(soft.mean(dim=(2, 3)), "dots.dense_1")
        corner = F.relu(twin.conv2d(trunk, "box.conv2d_1")).permute(0, 2, 3, 1).flatten(1)
        corner = torch.sigmoid(twin.dense(corner, "box.dense_1"))
        losses = {
            "shape": mean_of(
                F.cross_entropy(twin.dense(flat, "shape.dense_1"), shape[at].long(), reduction="none"), has_shape[at]
            ),
            "dots": mean_of(F.binary_cross_entropy_with_logits(spots, dots[at], reduction="none"), has_dots[at]),
            "box": mean_of(F.smooth_l1_loss(corner, box[at], beta=0.2, reduction="none"), has_box[at]),
        }
        if losses["box"] is not None:
            whole = has_box[at].min(dim=1).values
            losses["box"] = losses["box"] + 0.5 * mean_of(overlap_loss(corner, box[at]), whole)
        return {task: loss for task, loss in losses.items() if loss is not None}

    ranges = batches(len(image), BATCH)

    average = {}

    def run(optimizer, rates, clip, frozen=()):
        for step, rate in enumerate(rates):
            losses = losses_of(ranges[step % len(ranges)], trunk_moves="trunk" not in frozen)
            optimizer.zero_grad(set_to_none=True)
            sum(losses.values()).backward()
            for name in twin.names(*frozen):
                twin.p[name].grad = None
            if clip:
                clip()
            apply_rate(optimizer, rate)
            optimizer.step()
            keep = min(0.6, (1 + step) / (10 + step))
            with torch.no_grad():
                for name, value in average.items():
                    # The head of an absent task waits, and its average with it.
                    if twin.p[name].grad is not None:
                        value.mul_(keep).add_((1 - keep) * twin.p[name])
            twin.note(losses, {task: 1.0 for task in losses}, rate)

    everything = list(twin.p.values())
    adamw = torch.optim.AdamW(twin.groups(weight_decay=1e-2), lr=1e-2)
    # PyTorch's own one-cycle rates, read off an optimizer that is not used for anything else.
    idle = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1e-2)
    cycle = torch.optim.lr_scheduler.OneCycleLR(idle, max_lr=1e-2, total_steps=4 * len(ranges) + 1, cycle_momentum=False)
    rates = []
    for _ in range(4 * len(ranges)):
        rates.append(cycle.get_last_lr()[0])
        idle.step()
        cycle.step()
    value = lambda: torch.nn.utils.clip_grad_value_(everything, 0.1)
    run(adamw, rates, value)
    # The optimizer goes on with its moments; clipping by value is still in force.
    run(adamw, [3e-3 * 0.8 ** (step // len(ranges)) for step in range(3 * len(ranges))], value, frozen=["trunk"])
    sgd = torch.optim.SGD(twin.groups(), lr=0.05, momentum=0.8)
    average.update({name: parameter.detach().clone() for name, parameter in twin.p.items()})
    rates = [0.05 * min(1.0, (step + 1) / 4) for step in range(3 * len(ranges))]
    run(sgd, rates, lambda: torch.nn.utils.clip_grad_norm_(everything, 1.0))
    return twin.result(average)
