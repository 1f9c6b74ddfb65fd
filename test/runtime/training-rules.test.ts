import { describe, expect, test } from "vitest";
import { csv, prepared, trained, type Trained } from "./small-training.ts";
import { expectClose, gradientOf, normOf, rows, run, text, x } from "./stepping-birds.ts";

/** What the keys of `train` do to a step, each against numbers worked out here. */

describe("clip", () => {
  test("norm(c) multiplies every gradient with min(1, c / (norm + 1e-6)), norm over the whole model", async () => {
    const plain = await gradientOf("clip: none");
    const norm = normOf(plain);
    expect(norm).toBeGreaterThan(0.5);
    const clipped = await gradientOf("clip: norm(0.25)");
    for (const [name, values] of plain)
      expectClose(
        clipped.get(name)!,
        values.map((v) => (v * 0.25) / (norm + 1e-6)),
        name,
      );
    const loose = await gradientOf(`clip: norm(${Math.ceil(norm)})`);
    for (const [name, values] of plain) expectClose(loose.get(name)!, values, name, 1e-9);
  });

  test("value(c) keeps each element within ± c", async () => {
    const plain = await gradientOf("clip: none");
    const clipped = await gradientOf("clip: value(0.1)");
    let bounded = 0;
    for (const [name, values] of plain) {
      expectClose(
        clipped.get(name)!,
        values.map((v) => Math.min(0.1, Math.max(-0.1, v))),
        name,
      );
      bounded += values.filter((v) => Math.abs(v) > 0.1).length;
    }
    expect(bounded).toBeGreaterThan(3);
  });
});

describe("accumulate", () => {
  test("two batches of 16 make the step of one batch of 32", async () => {
    for (const balance of ["static", "uncertainty", "pcgrad(order: index)"]) {
      const whole = await run(`balance: ${balance}, optimizer: sgd(rate: 0.1, momentum: 0.5), steps: 4`);
      const halves = await run(
        `balance: ${balance}, optimizer: sgd(rate: 0.1, momentum: 0.5), steps: 4, batch: 16, accumulate: 2`,
      );
      expect(halves.steps.length).toBe(4);
      for (const [name, values] of whole.weights)
        expectClose(halves.weights.get(name)!, values, `${balance} ${name}`, 2e-5);
      halves.steps.forEach(({ losses }, k) =>
        expectClose(Object.values(losses), Object.values(whole.steps[k].losses), `step ${k + 1}`, 1e-5),
      );
    }
  });

  test("the last step of an epoch takes the mean of the batches that are left", async () => {
    // 32 rows in batches of 7: five batches, the last of four rows; in threes: steps of three and of two batches.
    const { steps } = await run("optimizer: sgd(rate: 1e-30), epochs: 1, batch: 7, accumulate: 3");
    const single = await run("optimizer: sgd(rate: 1e-30), epochs: 1, batch: 7");
    const losses = single.steps.map((step) => step.losses.mass);
    expect(losses.length).toBe(5);
    expectClose(
      steps.map((step) => step.losses.mass),
      [(losses[0] + losses[1] + losses[2]) / 3, (losses[3] + losses[4]) / 2],
      "losses",
      1e-6,
    );
  });

  test("running statistics move with every batch in which their own task is present, in turn", async () => {
    const more = 'task own: real { head: trunk -> dense(2) -> batch_norm -> dense  target: "b" }';
    // own has no answer in the second and the fourth of four batches.
    const table = rows((columns) => {
      columns.own = columns.b.map((value, row) => (row % 16 < 8 ? value : null));
    });
    const program = more.replace('"b"', '"own"');
    const both = await run("optimizer: sgd(rate: 1e-30), steps: 1, batch: 8, accumulate: 4", program, table);
    const apart = await run("optimizer: sgd(rate: 1e-30), steps: 4, batch: 8", program, table);
    for (const name of ["own.batch_norm_1.mean", "own.batch_norm_1.variance"]) {
      expect([...both.weights.get(name)!]).toEqual([...apart.weights.get(name)!]);
    }
    const first = await run("optimizer: sgd(rate: 1e-30), steps: 1, batch: 8", program, table);
    const two = await run("optimizer: sgd(rate: 1e-30), steps: 2, batch: 8", program, table);
    expect([...two.weights.get("own.batch_norm_1.mean")!]).toEqual([...first.weights.get("own.batch_norm_1.mean")!]);
    expect([...both.weights.get("own.batch_norm_1.mean")!]).not.toEqual([
      ...first.weights.get("own.batch_norm_1.mean")!,
    ]);
  });
});

describe("average: ema", () => {
  test.each([
    ["ema(0.75)", () => 0.75],
    ["ema(0.75, ramp: true)", (k: number) => Math.min(0.75, (1 + k) / (10 + k))],
  ])("%s is what the formula says, and what is kept and evaluated", async (average, share) => {
    const states = await Promise.all(
      [0, 1, 2, 3].map((steps) => run(`optimizer: adam(rate: 0.1), average: ${average}, steps: ${steps}`)),
    );
    const raw = (k: number, name: string): Float32Array => states[k].snapshot.tensors.get(`parameter/${name}`)!.data;
    for (const name of states[0].weights.keys()) {
      let expected = Float64Array.from(raw(0, name));
      for (let k = 0; k < 3; k++) {
        const values = raw(k + 1, name);
        expected = expected.map((a, i) => share(k) * a + (1 - share(k)) * values[i]);
        expectClose(states[k + 1].weights.get(name)!, expected, `${name} after ${k + 1}`);
      }
      expect([...states[3].weights.get(name)!]).not.toEqual([...raw(3, name)]);
    }
    // The same weights in a run without an average give the same validation losses.
    const tensors = new Map(states[3].snapshot.tensors);
    for (const [name, data] of states[3].weights)
      tensors.set(`parameter/${name}`, { shape: tensors.get(`parameter/${name}`)!.shape, data });
    const cursor = { ...states[3].snapshot.cursor, averaged: null };
    const ready = await prepared(text("optimizer: adam(rate: 0.1), steps: 3"), rows());
    const plain = await trained(ready, { from: { tensors, cursor } });
    expect(plain.parts.get("validation")).toEqual(states[3].parts.get("validation"));
    expect(states[3].epochs.at(-1)!.validation!.losses).toEqual(states[3].parts.get("validation")!.losses);
  });
});

describe("rates, penalties", () => {
  test("rates multiply what a part learns, and nothing else", async () => {
    const [plain, slow] = [await gradientOf("rates: {}"), await gradientOf("rates: { trunk: 0.125, sex: 2 }")];
    for (const [name, values] of plain) {
      const factor = name.startsWith("trunk.") ? 0.125 : name.startsWith("sex.") ? 2 : 1;
      expectClose(
        slow.get(name)!,
        values.map((v) => factor * v),
        name,
      );
    }
  });

  test("l2(λ) adds 2λw to kernels, l1(λ) λ sign(w), and neither touches a bias", async () => {
    const start = await run("steps: 0");
    const plain = await gradientOf("penalty: []");
    const both = await gradientOf("penalty: [l2(0.5), l1(0.125)]");
    const projected = await gradientOf("balance: pcgrad(order: index), penalty: [l2(0.5), l1(0.125)]");
    const without = await gradientOf("balance: pcgrad(order: index)");
    for (const [name, values] of plain) {
      const extra = start.weights.get(name)!.map((w) => (name.endsWith("kernel") ? w + 0.125 * Math.sign(w) : 0));
      expectClose(
        both.get(name)!,
        values.map((v, k) => v + extra[k]),
        name,
      );
      // The balance never sees a penalty, whatever it does with the tasks' gradients.
      expectClose(
        projected.get(name)!,
        without.get(name)!.map((v, k) => v + extra[k]),
        name,
      );
    }
  });

  test("decay: all covers biases too, and a penalty then as well; a rule's scalars never", async () => {
    const start = await run("steps: 0");
    const plain = await gradientOf("penalty: l2(0.5)");
    const optimizer = "optimizer: sgd(rate: 1, weight_decay: 0, decay: all)";
    const after = await run(`${optimizer}, penalty: l2(0.5), steps: 1`);
    for (const name of ["trunk.dense_1.bias", "mass.dense_1.bias"])
      expectClose(plain.get(name)!, (await gradientOf("clip: none")).get(name)!, name);
    expectClose(
      start.weights.get("mass.dense_1.bias")!.map((v, k) => v - after.weights.get("mass.dense_1.bias")![k]),
      plain.get("mass.dense_1.bias")!,
      "start is 0",
    );
    const decayed = await run(
      "optimizer: sgd(rate: 0.5, weight_decay: 0.5, decay: all), balance: uncertainty(start: 2), steps: 1",
    );
    const bare = await run("optimizer: sgd(rate: 0.5), balance: uncertainty(start: 2), steps: 1");
    const scalars = ({ snapshot }: Trained): number[] => [
      ...snapshot.tensors.get("parameter/balance/uncertainty/s")!.data,
    ];
    expect(scalars(decayed)).toEqual(scalars(bare));
  });

  test("a penalty declaration is averaged over real rows and added with weight 1", async () => {
    const more =
      "shared pulled = x -> dense(2)\npenalty small = 0.5 * mean(square(pulled))\npenalty tiny = 0.25 * mean(square(pulled), axis: 0)";
    // Nineteen rows in a batch of 32.
    const table = rows((columns) => Object.values(columns).forEach((column) => column.splice(19)));
    for (const balance of ["static", "pcgrad"]) {
      const start = await run("steps: 0", more, table);
      const kernel = start.weights.get("pulled.dense_1.kernel")!;
      const expected = new Float64Array(6);
      for (const row of x.slice(0, 19)) {
        for (let j = 0; j < 2; j++) {
          const y = row.reduce((sum, value, i) => sum + value * kernel[2 * i + j], 0);
          // 0.5 · mean over rows and both columns, and 0.25 · mean over rows of the mean over columns.
          for (let i = 0; i < 3; i++) expected[2 * i + j] += ((0.5 + 0.25) * 2 * y * row[i]) / (19 * 2);
        }
      }
      const gradient = await gradientOf(`balance: ${balance}`, more, table);
      expectClose(gradient.get("pulled.dense_1.kernel")!, expected, balance);
    }
  });

  test("a penalty along tokens leaves padding out", async () => {
    const words = ["one two", "three", "four five six", "one"];
    const table = { "rows.csv": csv({ words, mass: [1, 2, 3, 4] }) };
    const program = (steps: number): string => `model Words
input words: tokens(4)
shared vectors = words -> embed(2)
task mass: real { head: vectors -> mean_pool -> stop_gradient -> dense }
penalty small = 0.5 * mean(square(vectors))
train { optimizer: sgd(rate: 1), steps: ${steps}, batch: 8, shuffle: false }
data { train: csv("rows.csv") }`;
    const [start, after] = [
      await trained(await prepared(program(0), table)),
      await trained(await prepared(program(1), table)),
    ];
    const before = start.weights.get("vectors.embed_1.table")!;
    // Codes: 0 padding, 1 unknown, then one, five, four, six, three, two. A token counts 1 / the length of its text.
    const shares = [0, 0, 1 / 2 + 1, 1 / 3, 1 / 3, 1 / 3, 1, 1 / 2];
    expect(before.length).toBe(2 * shares.length);
    const expected = before.map((value, k) => value - (shares[k >> 1] * value) / (4 * 2));
    expectClose(after.weights.get("vectors.embed_1.table")!, expected, "table");
  });
});
