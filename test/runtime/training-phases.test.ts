import { describe, expect, test } from "vitest";
import { bits, csv, numbersFrom, prepared, trained, type Trained } from "./small-training.ts";

/** Phases, what goes on between them and what begins anew; early stopping, best weights, what is looked at after an epoch. */

const ROWS = 24;
const random = numbersFrom(41);
const columns: Record<string, (number | null)[]> = Object.fromEntries(
  ["a", "b", "c", "mass", "size"].map((name) => [name, Array.from({ length: ROWS }, random)]),
);
columns.kind = columns.a.map((value, row) => ((value ?? 0) > (columns.b[row] ?? 0) ? 1 : 0));
const tables = { "rows.csv": csv(columns) };
const text = (...sections: string[]): string =>
  `model Birds
input x: f32[3] { from: ["a", "b", "c"] }
shared trunk = x -> dense(5) -> tanh
task mass: real { head: trunk -> dense  metrics: [mae, r2, rmse] }
task size: real { head: trunk -> dense  weight: 0.25 }
task kind: class(2) { head: trunk -> dense  role: auxiliary }
${sections.join("\n")}
data { train: csv("rows.csv"), validation: part(8, of: train) }`.replace("part(8,", "part(0.34,");
const run = async (...sections: string[]): Promise<Trained> => trained(await prepared(text(...sections), tables));

const delta = (after: Trained, before: Trained): number[] =>
  [...before.weights].flatMap(([name, values]) => [...values].map((value, k) => value - after.weights.get(name)![k]));
function expectClose(got: readonly number[], wanted: readonly number[], tolerance = 1e-6): void {
  expect(got.length).toBe(wanted.length);
  got.forEach((value, k) => expect(Math.abs(value - wanted[k]), `at ${k}`).toBeLessThan(tolerance));
}

describe("an optimizer", () => {
  const adam = "optimizer: adam(rate: 0.01)";
  const common = "batch: 32, shuffle: false, seed: 3";

  test("goes on where the next phase has one of its kind", async () => {
    const whole = await run(`train { ${adam}, ${common}, steps: 6 }`);
    const parts = await run(`train a { ${adam}, ${common}, steps: 2 }`, "train b { steps: 1 }", "train c { steps: 3 }");
    expect(bits(parts.weights)).toEqual(bits(whole.weights));
    expect(parts.steps.map(({ losses }) => losses)).toEqual(whole.steps.map(({ losses }) => losses));
    expect(parts.snapshot.cursor.stepCounts).toEqual(whole.snapshot.cursor.stepCounts);
  });

  test("begins anew after one of another kind, its steps counted from 1", async () => {
    const before = await run(
      `train a { ${adam}, ${common}, steps: 5 }`,
      "train b { optimizer: sgd(rate: 0.01), steps: 2 }",
    );
    const after = await run(
      `train a { ${adam}, ${common}, steps: 5 }`,
      "train b { optimizer: sgd(rate: 0.01), steps: 2 }",
      `train c { ${adam}, steps: 1 }`,
    );
    // The first step of adam is the rate times the sign of the gradient.
    expectClose(
      delta(after, before).map(Math.abs),
      delta(after, before).map(() => 0.01),
      1e-5,
    );
    expect(new Set(Object.values(after.snapshot.cursor.stepCounts))).toEqual(new Set([1]));
  });

  test("begins anew with what the phase before did not keep", async () => {
    const first = `train a { optimizer: sgd(rate: 0.1, momentum: 0.9), ${common}, steps: 4 }`;
    const second = "train b { optimizer: sgd(rate: 0.1), steps: 2 }";
    const plain = await run(first, second, "train c { steps: 1 }");
    const again = await run(first, second, "train c { optimizer: sgd(rate: 0.1, momentum: 0.9), steps: 1 }");
    expect(bits(again.weights)).toEqual(bits(plain.weights));
  });

  test("waits for what is frozen in between", async () => {
    const [a, b, c] = [
      `train a { ${adam}, ${common}, steps: 3 }`,
      "train b { freeze: [trunk], steps: 2 }",
      "train c { freeze: [], steps: 1 }",
    ];
    const [one, two, three] = [await run(a), await run(a, b), await run(a, b, c)];
    for (const name of ["trunk.dense_1.kernel", "trunk.dense_1.bias"]) {
      expect([...two.weights.get(name)!]).toEqual([...one.weights.get(name)!]);
      expect([...three.weights.get(name)!]).not.toEqual([...one.weights.get(name)!]);
      expect(three.snapshot.cursor.stepCounts[name]).toBe(4);
    }
    expect(three.snapshot.cursor.stepCounts["mass.dense_1.kernel"]).toBe(6);
  });
});

describe("phases", () => {
  test("have their own batches, steps and schedules; epochs and steps are numbered through", async () => {
    // Sixteen rows to train on: four batches of four, then two of eight.
    const { steps, epochs } = await run(
      "train a { optimizer: sgd(rate: 0.5), schedule: linear, batch: 4, epochs: 1 }",
      "train b { batch: 8, steps: 3, schedule: linear }",
      "train c { epochs: 0 }",
      "train d { epochs: 1, accumulate: 2, schedule: constant }",
    );
    expect(
      steps.map(({ step, epoch, epochs: of, done, total, rate }) => [
        step,
        epoch,
        of,
        done,
        total,
        Number(rate.toFixed(12)),
      ]),
    ).toEqual([
      [1, 1, 1, 1, 4, 0.5],
      [2, 1, 1, 2, 4, 0.375],
      [3, 1, 1, 3, 4, 0.25],
      [4, 1, 1, 4, 4, 0.125],
      [5, 2, 3, 1, 3, 0.5],
      [6, 2, 3, 2, 3, 0.333333333333],
      [7, 3, 3, 3, 3, 0.166666666667],
      [8, 4, 4, 1, 1, 0.5],
    ]);
    expect(epochs.map(({ epoch, phase, step }) => [epoch, phase, step])).toEqual([
      [1, "a", 4],
      [2, "b", 6],
      [3, "b", 7],
      [4, "d", 8],
    ]);
  });

  test("keep the balance going: scalars and epochs' means go on, also past a rule that does not use them", async () => {
    const { steps, snapshot } = await run(
      "train a { balance: [uncertainty(rate: 0.5), dwa], optimizer: sgd(rate: 0.05), batch: 16, epochs: 2, shuffle: false }",
      "train b { balance: static, epochs: 1 }",
      "train c { balance: [uncertainty(rate: 0.5), dwa], epochs: 1 }",
    );
    expect(steps.length).toBe(4);
    expect(steps[2].weights).toEqual({ mass: 1, size: 0.25, kind: 1 });
    // dwa has its two epochs from the first phase, and uncertainty its scalars.
    expect(Object.values(steps[3].weights)).not.toEqual([0.5, 0.125, 0.5]);
    expect(snapshot.cursor.balance.rules.dwa.epochMeans.length).toBe(3);
    expect(Math.abs(steps[3].weights.mass / steps[3].weights.kind - 1)).toBeGreaterThan(1e-3);
  });

  test("without an epoch leave the start values, in an average too", async () => {
    const [none, averaged] = [
      await run("train { epochs: 0 }"),
      await run("train { epochs: 0, average: ema(0.9), stop: early(patience: 1) }"),
    ];
    expect(none.steps).toEqual([]);
    expect(bits(averaged.weights)).toEqual(bits(none.weights));
    expect([...none.parts.keys()]).toEqual(["validation"]);
    const after = await run("train { batch: 32, epochs: 1 }");
    expect(bits(after.weights)).not.toEqual(bits(none.weights));
  });
});

describe("early stopping", () => {
  const wild = "optimizer: adam(rate: 0.3), batch: 8, seed: 1";
  test("ends after `patience` epochs without an improvement and keeps the best weights", async () => {
    const stopped = await run(`train { ${wild}, stop: early(patience: 3), epochs: 40 }`);
    const losses = stopped.epochs.map(({ validation }) => validation!.loss!);
    const best = losses.indexOf(Math.min(...losses));
    expect(best).toBeGreaterThan(0);
    expect(losses.length).toBe(best + 1 + 3);
    stopped.epochs.forEach(({ best: isBest }, k) =>
      expect(isBest).toBe(losses.slice(0, k).every((loss) => losses[k] < loss)),
    );
    const short = await run(`train { ${wild}, epochs: ${best + 1} }`);
    expect(bits(stopped.weights)).toEqual(bits(short.weights));
    expect(stopped.parts.get("validation")!.loss).toBe(losses[best]);
  });

  test("with an average watches it and keeps it", async () => {
    const average = "average: ema(0.6)";
    const stopped = await run(
      `train { ${wild}, ${average}, stop: early(on: validation.mass.rmse, patience: 2), epochs: 40 }`,
    );
    const errors = stopped.epochs.map(({ validation }) => validation!.metrics.mass.rmse as number);
    const best = errors.indexOf(Math.min(...errors));
    expect(errors.length).toBe(best + 1 + 2);
    const short = await run(`train { ${wild}, ${average}, epochs: ${best + 1} }`);
    expect(bits(stopped.weights)).toEqual(bits(short.weights));
    expect(stopped.parts.get("validation")!.metrics.mass.rmse).toBe(errors[best]);
  });

  test("hands the best weights on, and its patience begins anew", async () => {
    const first = `train a { ${wild}, stop: early(patience: 2), epochs: 40 }`;
    const [one, two] = [
      await run(first),
      await run(first, "train b { optimizer: sgd(rate: 1e-30), stop: none, epochs: 1 }"),
    ];
    expect(bits(two.weights)).toEqual(bits(one.weights));
    const third = await run(first, "train b { optimizer: sgd(rate: 1e-30), epochs: 9 }");
    // Nothing gets better: the first epoch is the best, and two more are waited for.
    expect(third.epochs.length).toBe(one.epochs.length + 3);
    expect(bits(third.weights)).toEqual(bits(one.weights));
  });

  test("a metric for which larger is better is watched upwards", async () => {
    const { epochs } = await run(`train { ${wild}, stop: early(on: validation.mass.r2, patience: 40), epochs: 8 }`);
    const values = epochs.map(({ validation }) => validation!.metrics.mass.r2 as number);
    epochs.forEach(({ best }, k) => expect(best).toBe(values.slice(0, k).every((value) => values[k] > value)));
    expect(epochs.filter(({ best }) => best).length).toBeGreaterThan(1);
  });
});

describe("a plateau", () => {
  test("multiplies the rate after `patience` epochs without an improvement", async () => {
    const { epochs, steps } = await run(
      "train { optimizer: adam(rate: 0.25), schedule: plateau(factor: 0.5, patience: 2, on: validation.mass.mae), batch: 8, epochs: 14 }",
    );
    let rate = 0.25;
    let best = Infinity;
    let still = 0;
    const rates = epochs.map(({ validation }) => {
      const now = rate;
      const value = validation!.metrics.mass.mae as number;
      still = value < best ? 0 : still + 1;
      best = Math.min(best, value);
      if (still === 2) {
        rate *= 0.5;
        still = 0;
      }
      return now;
    });
    expect(rates.at(-1)).toBeLessThan(0.25);
    expect(steps.filter(({ step }) => step % 2 === 1).map((step) => step.rate)).toEqual(rates);
    expect(epochs.map((epoch) => epoch.rate)).toEqual(rates);
  });
});

describe("after an epoch", () => {
  test("the validation loss is Σ weight · loss over the tasks that are not auxiliary", async () => {
    const { epochs, parts } = await run("train { epochs: 2 }");
    for (const result of [...epochs.map(({ validation }) => validation!), parts.get("validation")!]) {
      expect(Object.keys(result.losses)).toEqual(["mass", "size", "kind"]);
      expect(result.loss).toBeCloseTo(result.losses.mass! + 0.25 * result.losses.size!, 12);
    }
  });

  test("only main metrics and those that are watched are computed; at the end all are", async () => {
    const metricsOf = ({ epochs }: Trained) =>
      Object.fromEntries(Object.entries(epochs[0].validation!.metrics).map(([task, row]) => [task, Object.keys(row)]));
    const main = { mass: ["mae"], size: ["mae"], kind: ["accuracy"] };
    const plain = await run("train { epochs: 1 }");
    expect(metricsOf(plain)).toEqual(main);
    const watched = await run(
      "train { epochs: 1, stop: early(on: validation.mass.rmse), schedule: plateau(on: validation.kind.f1) }",
    );
    expect(metricsOf(watched)).toEqual({ ...main, mass: ["mae", "rmse"], kind: ["accuracy", "f1"] });
    expect(Object.keys(plain.parts.get("validation")!.metrics.mass)).toEqual(["mae", "r2", "rmse"]);
  });

  test("a group of tasks is watched by its mean", async () => {
    const group = text(
      "train { epochs: 4, batch: 4, optimizer: adam(rate: 0.3), stop: early(on: validation.body.mae, patience: 9) }",
    ).replace(
      /task size.*\n/,
      'task body: real { head: trunk -> dense  target: each(["size", "c"])  metrics: [r2, mae] }\n',
    );
    const { epochs } = await trained(await prepared(group, tables));
    const means = epochs.map(({ validation }) => {
      const { metrics } = validation!;
      return ((metrics["body.size"].mae as number) + (metrics["body.c"].mae as number)) / 2;
    });
    epochs.forEach(({ best }, k) => expect(best).toBe(means.slice(0, k).every((mean) => means[k] < mean)));
  });

  test("means are over the steps in which a task was present", async () => {
    const holes = {
      "rows.csv": csv({ ...columns, size: columns.size.map((value, row) => (row < 12 ? null : value)) }),
    };
    const program = text("train { epochs: 1, batch: 4, shuffle: false }").replace(
      ", validation: part(0.34, of: train)",
      "",
    );
    const { epochs, steps } = await trained(await prepared(program, holes));
    const seen = steps.flatMap(({ losses }) => losses.size ?? []);
    expect(seen.length).toBe(3);
    expect(epochs[0].losses.size).toBeCloseTo((seen[0] + seen[1] + seen[2]) / 3, 12);
    expect(epochs[0].validation).toBeNull();
  });
});
