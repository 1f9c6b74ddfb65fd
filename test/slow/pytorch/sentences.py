"""Twin of sentences.mtl."""

import math

import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from twin import Twin, apply_rate, batches, mean_of

LENGTH, VOCABULARY, RATE, WARMUP, EPOCHS, BATCH = 8, 20, 1e-2, 4, 6, 12


def read_sentences(path):
    """Lists of (word, tag, part), and the comments of each sentence."""
    with open(path, encoding="utf8") as file:
        blocks = [block.split("\n") for block in file.read().strip().split("\n\n")]
    rows = []
    for lines in blocks:
        notes = dict(line[2:].split(" = ") for line in lines if line.startswith("# "))
        rows.append(([line.split("\t") for line in lines if "\t" in line], notes))
    return rows


def codes_of(labels):
    return {label: code for code, label in enumerate(sorted(labels))}


def encode(rows):
    lower = [[token[0].lower() for token in tokens] for tokens, _ in rows]
    every = [word for words in lower for word in words]
    # Sorted by how often, then by code point; codes 0 and 1 are padding and unknown.
    by_count = sorted(set(every), key=lambda word: (-every.count(word), word))
    table = {word: code + 2 for code, word in enumerate(by_count[: VOCABULARY - 2])}
    words = torch.zeros(len(rows), LENGTH, dtype=torch.long)
    targets, present = {}, {}
    for index, name in ((1, "tag"), (2, "part")):
        seen = {token[index] for tokens, _ in rows for token in tokens[:LENGTH]} - {"_"}
        code = codes_of(seen)
        targets[name] = torch.zeros(len(rows), LENGTH, dtype=torch.long)
        present[name] = torch.zeros(len(rows), LENGTH)
        for row, (tokens, _) in enumerate(rows):
            for place, token in enumerate(tokens[:LENGTH]):
                words[row, place] = table.get(token[0].lower(), 1)
                if token[index] != "_":
                    targets[name][row, place] = code[token[index]]
                    present[name][row, place] = 1.0
    kinds = codes_of({notes["kind"] for _, notes in rows})
    kind = torch.tensor([kinds[notes["kind"]] for _, notes in rows])
    mood = torch.tensor([float(notes.get("mood") == "yes") for _, notes in rows])
    has_mood = torch.tensor([float("mood" in notes) for _, notes in rows])
    return words, targets, present, kind, mood, has_mood


class Sentences(Twin):
    def recurrent(self, kernel, x, lengths, path, own_bias):
        """PyTorch's own cells on packed sequences; `last` is the state at the end of each direction."""
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        weights = []
        for way in ("forward", "backward"):
            p = {name: self.p[f"{path}.{way}.{name}"] for name in ("kernel", "recurrent", "bias")}
            second = self.p[f"{path}.{way}.recurrent_bias"] if own_bias else torch.zeros_like(p["bias"])
            weights += [p["kernel"].T, p["recurrent"].T, p["bias"], second]
        width = self.p[f"{path}.forward.recurrent"].shape[0]
        start = torch.zeros(2, len(x), width)
        begin = start if own_bias else (start, start)
        data, *last = kernel(packed.data, packed.batch_sizes, begin, weights, True, 1, 0.0, True, True)
        output = torch.nn.utils.rnn.PackedSequence(data, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        states, _ = pad_packed_sequence(output, batch_first=True, total_length=LENGTH)
        ends = last[0][:, packed.unsorted_indices]
        return states, torch.cat([ends[0], ends[1]], dim=1)

    def attention(self, x, path, heads, real):
        batch, length, width = x.shape
        split = lambda name: self.dense(x, f"{path}.{name}").view(batch, length, heads, width // heads).transpose(1, 2)
        mask = real.bool()[:, None, None, :]
        mixed = F.scaled_dot_product_attention(split("query"), split("key"), split("value"), attn_mask=mask)
        return self.dense(mixed.transpose(1, 2).reshape(batch, length, width), f"{path}.out")

    def transformer(self, x, path, layers, heads, real):
        for layer in range(1, layers + 1):
            own = f"{path}.{layer}"
            x = x + self.attention(self.layer_norm(x, f"{own}.norm_1"), f"{own}.attention", heads, real)
            hidden = F.gelu(self.dense(self.layer_norm(x, f"{own}.norm_2"), f"{own}.dense_1"))
            x = x + self.dense(hidden, f"{own}.dense_2")
        return self.layer_norm(x, f"{path}.norm")

    def crf(self, emissions, labels, present, lengths, path):
        """Sum over sequences of log of all paths less log of those that agree, over the number of labels."""
        transitions, start, end = (self.p[f"{path}.{name}"] for name in ("transitions", "start", "end"))
        total = 0.0
        for row, length in enumerate(lengths.tolist()):
            scores = []
            for free in (True, False):
                state = None
                for place in range(length):
                    here = emissions[row, place]
                    if not free and present[row, place] > 0:
                        allowed = F.one_hot(labels[row, place], len(here)).bool()
                        here = here.masked_fill(~allowed, -math.inf)
                    before = start if state is None else torch.logsumexp(state[:, None] + transitions, dim=0)
                    state = before + here
                scores.append(torch.logsumexp(state + end, dim=0))
            if present[row].sum() > 0:
                total = total + scores[0] - scores[1]
        return total / present.sum()


def waves(length, width):
    channel = torch.arange(width, dtype=torch.float64)
    angle = torch.arange(length, dtype=torch.float64)[:, None] / 10000 ** ((channel - channel % 2) / width)
    return torch.where(channel % 2 == 0, angle.sin(), angle.cos()).float()


def factor(step, steps):
    if step < WARMUP:
        return (step + 1) / WARMUP
    return 0.5 * (1 + math.cos(math.pi * (step - WARMUP) / (steps - WARMUP)))


def train(folder):
    twin = Sentences(folder)
    words, targets, present, kind, mood, has_mood = encode(read_sentences(f"{folder}/sentences.conll"))
    real = (words > 0).float()

    def forward(at):
        lengths = real[at].sum(1).long()
        vectors = twin.embed(words[at], "lower.embed_1")
        lower, _ = twin.recurrent(torch._VF.lstm, vectors, lengths, "lower.lstm_1", False)
        upper = twin.dense(lower, "upper.dense_1") + waves(LENGTH, 8)
        upper = twin.transformer(upper, "upper.transformer_1", 2, 2, real[at])
        tags = twin.dense(lower, "tag.dense_1")
        both = torch.cat([upper, tags], dim=2) * real[at][..., None]
        kernel = twin.p["part.conv1d_1.kernel"].permute(2, 1, 0)
        near = F.conv1d(both.transpose(1, 2), kernel, twin.p["part.conv1d_1.bias"], padding=1).transpose(1, 2)
        parts = twin.dense(F.relu(near), "part.dense_1")
        scores = twin.dense(upper, "kind.attention_pool_1")[..., 0].masked_fill(real[at] == 0, -math.inf)
        pooled = (torch.softmax(scores, dim=1)[..., None] * upper).sum(1)
        kinds = twin.dense(pooled, "kind.dense_1")
        _, ends = twin.recurrent(torch._VF.gru, lower, lengths, "mood.gru_1", True)
        doubt = twin.dense(ends, "mood.dense_1")[:, 0]
        ragged = F.cross_entropy(parts.flatten(0, 1), targets["part"][at].flatten(), reduction="none")
        losses = {
            "tag": twin.crf(tags, targets["tag"][at], present["tag"][at], lengths, "tag.crf"),
            "part": mean_of(ragged, present["part"][at].flatten()),
            "kind": F.cross_entropy(kinds, kind[at]),
            "mood": mean_of(F.binary_cross_entropy_with_logits(doubt, mood[at], reduction="none"), has_mood[at]),
        }
        return {task: loss for task, loss in losses.items() if loss is not None}

    optimizer = torch.optim.AdamW(twin.groups(weight_decay=0.02), lr=RATE, eps=1e-4)
    ranges = batches(len(words), BATCH)
    steps = EPOCHS * len(ranges)
    for step in range(steps):
        optimizer.zero_grad(set_to_none=True)
        losses = forward(ranges[step % len(ranges)])
        sum(losses.values()).backward()
        # Padding has no vector of its own.
        twin.p["lower.embed_1.table"].grad[0] = 0
        torch.nn.utils.clip_grad_norm_(twin.p.values(), 1.0)
        rate = RATE * factor(step, steps)
        apply_rate(optimizer, rate)
        optimizer.step()
        twin.note(losses, {task: 1.0 for task in losses}, rate)
    return twin.result()
