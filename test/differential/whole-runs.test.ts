import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { Evaluation } from "../../runtime/generated/results.ts";
import { prepare } from "../../src/project/prepare.ts";
import type { ModelSource } from "../../src/project/sources.ts";
import { numbersFrom, sourceOf, trained, type Trained } from "../runtime/small-training.ts";
import { loadModule, moduleText } from "./generated.ts";

/**
 * Whole runs of a generated module beside live training: what each epoch's validation part gives, when training ends, which
 * weights are kept, and what the test part gives in the end.
 */

const ROWS = 60;
const random = numbersFrom(19);
const rows = Array.from({ length: ROWS }, (_, k) => {
  const [a, b, c] = [random(), random(), random()];
  return {
    a,
    b,
    c,
    kind: k % 9 === 4 ? null : a + b > 0.4 ? "big" : a - c > 0 ? "middle" : "small",
    yes: k % 7 === 2 ? null : Number(b + c + 0.3 * random() > 0),
    one: Number(a > 0),
    two: k % 5 === 0 ? null : Number(c > 0.2),
    size: k % 6 === 1 ? null : 3 * a - b + 0.2 * random(),
    level: Math.min(3, Math.max(0, Math.round(1.5 + 2 * c))),
    heavy: k % 4 === 0 ? 2 : 1,
  };
});
const table = { "rows.jsonl": rows.map((row) => JSON.stringify(row)).join("\n") };
const text = (...train: string[]): string =>
  `model Whole
input x: f32[3] { from: ["a", "b", "c"], scale: standard }
shared trunk = x -> dense(6, bias: false) -> batch_norm -> tanh -> dropout(0.1)
task kind: class { head: trunk -> dense, loss: cross_entropy(label_smoothing: 0.2), metrics: [accuracy, f1, log_loss] }
task yes: flag { head: trunk -> dense, loss: binary_cross_entropy(positive_weight: balanced, label_smoothing: 0.1), metrics: [auc, brier] }
task both: flags(2) { head: trunk -> dense, target: ["one", "two"], loss: binary_cross_entropy(label_smoothing: 0.3) }
task size: real { head: trunk -> dense, scale: standard, loss: huber, metrics: [mae, r2], weight: 0.5, row_weight: "heavy" }
task level: ordinal(4) { head: trunk -> dense, metrics: [mae, accuracy] }
task aside: real { head: trunk -> dense, target: "a", role: auxiliary }
${train.join("\n")}
data { train: jsonl("rows.jsonl"), validation: part(0.25, of: train), test: part(0.25, of: train) }`;

const programs: readonly (readonly [name: string, ...train: string[]])[] = [
  ["as it stands", "train { optimizer: adam(rate: 0.01), batch: 8, epochs: 3, seed: 5 }"],
  [
    "early stopping on a metric, with an average",
    "train { optimizer: adam(rate: 0.1), batch: 8, epochs: 30, seed: 5, average: ema(0.7), stop: early(on: validation.size.mae, patience: 2) }",
  ],
  [
    "weights of tasks that are trained, and weight decay of everything else",
    "train { optimizer: adamw(rate: 0.01, weight_decay: 0.5, decay: all), balance: uncertainty(rate: 0.1), batch: 8, epochs: 3, seed: 5 }",
  ],
  [
    "plateaus that drop the rate twice",
    "train { optimizer: sgd(rate: 0.5), batch: 8, epochs: 8, seed: 5, schedule: plateau(patience: 1, factor: 0.2) }",
  ],
  [
    "phases, each with its own stopping and freezing",
    "train first { optimizer: adam(rate: 0.1), batch: 8, epochs: 20, seed: 5, stop: early(on: validation.kind.accuracy, patience: 1) }",
    "train second { freeze: [trunk], epochs: 2, balance: uncertainty, accumulate: 2, schedule: cosine }",
  ],
];

/** Beside what lies near 0 nothing is relative. */
function expectAlike(found: unknown, expected: unknown, at: string): void {
  if (typeof expected === "number") {
    expect(typeof found, at).toBe("number");
    expect(Math.abs(Number(found) - expected), `${at}: ${String(found)} and ${expected}`).toBeLessThan(
      2e-4 * Math.max(1, Math.abs(expected)),
    );
  } else if (typeof expected === "object" && expected !== null) {
    expect(typeof found === "object" && found !== null, at).toBe(true);
    const others = new Map(Object.entries(found ?? {}));
    for (const [key, value] of Object.entries(expected)) expectAlike(others.get(key), value, `${at}.${key}`);
  } else expect(found, at).toEqual(expected);
}

describe("a module's whole run", () => {
  it.each(programs)("%s", async (_, ...train) => {
    await compareRuns(sourceOf(text(...train), table));
  });

  it("with steps in which a task is left out, since its loss is not finite", async () => {
    const train =
      "train { optimizer: adam(rate: 0.01), balance: static(on_nonfinite: skip), batch: 8, epochs: 3, seed: 5 }";
    const plain = text(train).replace("scale: standard, loss: huber", "loss: mse");
    // (p - 1e30)² is infinite in 32 bits.
    const cells = rows.map((row, k) => ({ ...row, size: k === 3 ? 1e30 : row.size, part: k % 4 }));
    const parts = `data { train: jsonl("rows.jsonl", only: { part: [0, 3] }), validation: jsonl("rows.jsonl", only: { part: 1 }), test: jsonl("rows.jsonl", only: { part: 2 }) }`;
    const source = sourceOf(plain.replace(/data \{.*\}$/, parts), {
      "rows.jsonl": cells.map((row) => JSON.stringify(row)).join("\n"),
    });
    const { steps } = await compareRuns(source);
    expect(steps.filter(({ losses }) => !("size" in losses)).length).toBe(3);
  });
});

/** Trains both ways and compares all that is told; gives live training. */
async function compareRuns(source: ModelSource): Promise<Trained> {
  const live = await trained(await prepare(source));

  const module = await loadModule(await moduleText(source));
  const from = `${resolve(source.folder)}/`;
  const epochs: (Evaluation | null)[] = [];
  let steps = 0;
  let factors: Readonly<Record<string, number>> = {};
  const network = await module.train({
    from,
    onStep: (event) => {
      steps += 1;
      ({ factors } = event);
    },
    onEpoch: ({ validation }) => void epochs.push(validation),
  });
  expect([epochs.length, steps]).toEqual([live.epochs.length, live.steps.length]);
  expectAlike(factors, live.steps.at(-1)?.weights, "factors of the last step");
  live.epochs.forEach(({ validation }, k) => {
    // Live training looks at what is watched and shown, a module at everything.
    expectAlike(epochs[k], validation, `epoch ${k + 1}`);
  });
  const { test } = await module.readRows(network, { from });
  expectAlike(await module.evaluate(test, network), { ...live.parts.get("test"), columns: undefined }, "test");
  expect(Object.keys(live.parts.get("test")!.metrics)).toHaveLength(6);
  return live;
}
