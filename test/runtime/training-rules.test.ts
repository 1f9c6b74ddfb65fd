import { describe, expect, test } from "vitest";
import { csv, numbersFrom, prepared, trained, type Trained } from "./small-training.ts";

/** What the keys of `train` do to a step, each against numbers worked out here. */

const ROWS = 32;
const random = numbersFrom(8);
const x = Array.from({ length: ROWS }, () => [random(), random(), random()]);
const rows = (change: (columns: Record<string, (number | null)[]>) => void = () => {}): Record<string, string> => {
  const columns: Record<string, (number | null)[]> = {
    a: x.map(([a]) => a),
    b: x.map(([, b]) => b),
    c: x.map(([, , c]) => c),
    mass: x.map(([a, b]) => a - 2 * b),
    size: x.map(([, b, c]) => 3 * b * c),
    sex: x.map(([a, , c]) => (a + c > 0 ? 1 : 0)),
  };
  change(columns);
  return { "rows.csv": csv(columns) };
};
const text = (train: string, more = ""): string => `model Birds
input x: f32[3] { from: ["a", "b", "c"] }
shared trunk = x -> dense(4) -> tanh
task mass: real { head: trunk -> dense }
task size: real { head: trunk -> dense(3) -> tanh -> dense  weight: 0.5 }
task sex: flag { head: trunk -> dense }
${more}
train { shuffle: false, seed: 6, ${train.includes("batch:") ? "" : `batch: ${ROWS},`} ${train} }
data { train: csv("rows.csv"), validation: csv("rows.csv") }`;

const run = async (train: string, more = "", table = rows()): Promise<Trained> =>
  trained(await prepared(text(train, more), table));

/** What the first step of `sgd(rate: 1)` takes off each parameter: its gradient, as the optimizer saw it. */
async function gradientOf(train: string, more = "", table = rows()): Promise<Map<string, Float64Array>> {
  const start = await run(`${train}, optimizer: sgd(rate: 1), steps: 0`, more, table);
  const after = await run(`${train}, optimizer: sgd(rate: 1), steps: 1`, more, table);
  return new Map(
    [...start.weights].map(([name, values]) => [
      name,
      Float64Array.from(values, (value, k) => value - after.weights.get(name)![k]),
    ]),
  );
}

function expectClose(got: ArrayLike<number>, wanted: ArrayLike<number>, what: string, tolerance = 2e-6): void {
  expect(got.length, what).toBe(wanted.length);
  for (let k = 0; k < got.length; k++)
    expect(Math.abs(got[k] - wanted[k]), `${what} at ${k}: ${got[k]}, not ${wanted[k]}`).toBeLessThan(tolerance);
}
const normOf = (gradient: ReadonlyMap<string, Float64Array>): number =>
  Math.sqrt([...gradient.values()].reduce((sum, values) => sum + values.reduce((s, v) => s + v * v, 0), 0));

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

describe("balance between steps", () => {
  const factors = ({ steps }: Trained, task: string): (number | null)[] =>
    steps.map(({ weights }) => weights[task] ?? null);
  /** size is absent from the second and the third batch of four. */
  const holes = rows((columns) => columns.size.fill(null, 8, 24));
  const four = "optimizer: sgd(rate: 1e-30), batch: 8";

  test("scale: mean divides by the present tasks, sum by nothing, paper leaves the formula", async () => {
    const weights = async (balance: string) =>
      (await run(`balance: ${balance}, ${four}, steps: 2`, "", holes)).steps.map((step) => step.weights);
    expect(await weights("static")).toEqual([
      { mass: 1, size: 0.5, sex: 1 },
      { mass: 1, sex: 1 },
    ]);
    const [all, some] = await weights("static(scale: mean)");
    expectClose(Object.values(all), [1 / 3, 0.5 / 3, 1 / 3], "all three");
    expect(some).toEqual({ mass: 0.5, sex: 0.5 });
    expect(await weights("uncertainty")).toEqual([
      { mass: 0.5, size: 0.25, sex: 0.5 },
      { mass: 0.5, sex: 0.5 },
    ]);
    expect(await weights("uncertainty(scale: sum)")).toEqual([
      { mass: 1, size: 0.5, sex: 1 },
      { mass: 1, sex: 1 },
    ]);
    // Of a list the last stage's scale alone counts.
    expect(await weights("[uncertainty(scale: mean), static(scale: sum)]")).toEqual(await weights("uncertainty"));
  });

  test("smoothing mixes with a task's own last weight; an absent task keeps its", async () => {
    const plain = await run(`balance: random(scale: paper), ${four}, steps: 8`, "", holes);
    const smooth = await run(`balance: random(scale: paper, smoothing: 0.75), ${four}, steps: 8`, "", holes);
    for (const [task, written] of [
      ["mass", 1],
      ["size", 0.5],
      ["sex", 1],
    ] as const) {
      let kept: number | null = null;
      factors(plain, task).forEach((fresh, step) => {
        const got = factors(smooth, task)[step];
        if (fresh === null) return expect(got).toBeNull();
        const weight = fresh / written;
        kept = kept === null ? weight : 0.75 * kept + 0.25 * weight;
        expectClose([got ?? NaN], [written * kept], `${task} in step ${step + 1}`);
      });
    }
  });

  test.each(["random(scale: paper, every: 3)", "pcgrad(scale: paper, every: 3)"])(
    "%s keeps its weights between two solutions; who was not there then counts 1",
    async (balance) => {
      // Batches 1 to 4 in turn: solutions in steps 1, 4, 7 and 10; size is there in steps 1, 4, 5, 8, 9, 12.
      const solved = await run(`balance: ${balance.replace(", every: 3", "")}, ${four}, steps: 12`, "", holes);
      const sparse = await run(`balance: ${balance}, ${four}, steps: 12`, "", holes);
      const absentAtSolution = await run(
        `balance: ${balance}, ${four}, steps: 12`,
        "",
        rows((columns) => columns.size.fill(null, 0, 16)),
      );
      const at = (result: Trained, task: string, step: number): number | null => factors(result, task)[step - 1];
      for (const task of ["mass", "sex"]) {
        for (const step of [1, 4, 7, 10]) {
          expectClose([at(sparse, task, step)!], [at(solved, task, step)!], `${task} ${step}`);
          for (const later of [step + 1, step + 2])
            expect(at(sparse, task, later), `${task} ${later}`).toBe(at(sparse, task, step));
        }
      }
      expect(at(sparse, "size", 2)).toBeNull();
      expect(at(sparse, "size", 5)).toBe(at(sparse, "size", 4));
      // Step 7 has the third batch, without size: what was solved in step 4 is over.
      expect(at(sparse, "size", 7)).toBeNull();
      expect(at(sparse, "size", 8)).toBe(0.5);
      expect(at(sparse, "size", 9)).toBe(0.5);
      expect(at(absentAtSolution, "size", 3)).toBe(0.5);
    },
  );

  test("dwa weighs by the last two epochs' mean losses as it sees them", async () => {
    const softmax = (ratios: readonly number[]): number[] => {
      const powers = ratios.map((ratio) => Math.exp(ratio / 2));
      const total = powers.reduce((a, b) => a + b);
      return powers.map((power) => (ratios.length * power) / total);
    };
    const tasks = ["mass", "size", "sex"];
    for (const before of ["", "uncertainty(rate: 0.5), "]) {
      const { steps, epochs } = await run(
        `balance: [${before}dwa(temperature: 2)], optimizer: sgd(rate: 0.1), epochs: 3, batch: 16`,
      );
      // Losses as dwa sees them: written weight, and what the stage before made of it.
      const first = (weights: Readonly<Record<string, number>>, task: string): number => weights[task];
      const means = [0, 1].map((epoch) =>
        tasks.map((task) => {
          const seen = steps
            .slice(2 * epoch, 2 * epoch + 2)
            .map(({ losses, weights }) => losses[task] * first(weights, task));
          return (seen[0] + seen[1]) / 2;
        }),
      );
      const expected = softmax(means[1].map((mean, k) => mean / means[0][k]));
      const stage = before === "" ? tasks.map((task) => (task === "size" ? 0.5 : 1)) : null;
      expect(epochs.length).toBe(3);
      if (stage)
        expectClose(
          tasks.map((task) => steps[4].weights[task]),
          expected.map((w, k) => w * stage[k]),
          "third epoch",
          1e-5,
        );
      else {
        // Uncertainty's own factor of step 5 follows from its s, which the snapshot before it holds.
        const two = await run(
          `balance: [${before}dwa(temperature: 2)], optimizer: sgd(rate: 0.1), epochs: 2, batch: 16`,
        );
        const s = two.snapshot.tensors.get("parameter/balance/uncertainty/s")!.data;
        const own = tasks.map((task, k) => (task === "size" ? 0.5 : 1) * 0.5 * Math.exp(-s[k]));
        expectClose(
          tasks.map((task) => steps[4].weights[task]),
          expected.map((w, k) => w * own[k]),
          "third epoch",
          1e-5,
        );
      }
    }
  });

  test("uncertainty's scalars learn by their own gradient: no decay, outside clipping, at their own rate", async () => {
    const tasks = ["mass", "size", "sex"];
    const { steps, snapshot } = await run(
      "balance: uncertainty(rate: 0.25), optimizer: sgd(rate: 0.01, momentum: 0.5, weight_decay: 0.5), clip: norm(0.001), schedule: linear, steps: 5",
    );
    const s = [0, 0, 0];
    const velocity = [0, 0, 0];
    steps.forEach(({ losses, weights }, k) => {
      tasks.forEach((task, i) => {
        const written = task === "size" ? 0.5 : 1;
        expectClose([weights[task]], [written * 0.5 * Math.exp(-s[i])], `${task} in step ${k + 1}`, 1e-6);
        const slope = 0.5 - 0.5 * Math.exp(-s[i]) * written * losses[task];
        velocity[i] = 0.5 * velocity[i] + slope;
        s[i] -= 0.25 * (1 - k / 5) * velocity[i];
      });
    });
    expectClose(snapshot.tensors.get("parameter/balance/uncertainty/s")!.data, s, "s", 1e-6);
  });

  test("a rule that stands twice in a list has two states", async () => {
    const { snapshot, steps } = await run("balance: [uncertainty, uncertainty], optimizer: sgd(rate: 0.1), steps: 3");
    const scalars = [...snapshot.tensors.keys()].filter((name) => name.startsWith("parameter/balance/"));
    expect(scalars).toEqual(["parameter/balance/uncertainty/s", "parameter/balance/uncertainty#2/s"]);
    expect(steps[0].weights.mass).toBe(0.25);
  });
});
