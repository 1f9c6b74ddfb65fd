import { describe, expect, it } from "vitest";
import { bits, csv, numbersFrom, prepared, startValues, trained, type Trained } from "./small-training.ts";

/** Settings that act on the same numbers, two at a time: what each says still holds. Expected values are worked out by hand in 64-bit floats. */

const random = numbersFrom(77);
const ROWS = 16;
const columns = Object.fromEntries(["x", "u", "v"].map((name) => [name, Array.from({ length: ROWS }, random)]));
const tables = { "rows.csv": csv(columns) };
const run = async (text: string, rows: Record<string, string> = tables): Promise<Trained> =>
  trained(await prepared(text, rows));

/** Mean squared error of w x + b and its slopes in w and b, over all rows. */
function errorOf(target: "u" | "v", w: number, b: number): { loss: number; w: number; b: number } {
  const sum = { loss: 0, w: 0, b: 0 };
  columns.x.forEach((x, row) => {
    const error = w * x + b - columns[target][row];
    sum.loss += error ** 2 / ROWS;
    sum.w += (2 * error * x) / ROWS;
    sum.b += (2 * error) / ROWS;
  });
  return sum;
}
const line = (tasks: string, train: string): string => `model Line
input x: f32
${tasks}
train { ${train}, steps: 5, batch: ${ROWS}, shuffle: false, seed: 1 }
data { train: csv("rows.csv") }`;
const lineOf = (name: string): string =>
  `task ${name}: real { head: x -> dense(start: constant(0.75), bias_start: constant(0.5)) }`;

function expectLine(got: Trained, task: string, w: number, b: number): void {
  expect(got.weights.get(`${task}.dense_1.kernel`)![0]).toBeCloseTo(w, 5);
  expect(got.weights.get(`${task}.dense_1.bias`)![0]).toBeCloseTo(b, 5);
}

describe("weight decay and a penalty", () => {
  it.each([
    ["kernels", 0],
    ["all", 1],
  ])("decay: %s, and a penalty on what decays", async (decay, ofBias) => {
    const got = await run(
      line(lineOf("u"), `optimizer: sgd(rate: 0.1, weight_decay: 0.4, decay: ${decay}), penalty: l2(0.3)`),
    );
    let [w, b] = [0.75, 0.5];
    for (let step = 0; step < 5; step++) {
      const slope = errorOf("u", w, b);
      [w, b] = [w - 0.1 * (slope.w + 2 * 0.3 * w + 0.4 * w), b - 0.1 * (slope.b + ofBias * (2 * 0.3 * b + 0.4 * b))];
    }
    expectLine(got, "u", w, b);
  });
});

describe("trained scalars and clipping", () => {
  it("uncertainty's scalars are no part of the norm, and are not clipped", async () => {
    const CLIP = 0.05;
    const got = await run(
      line(`${lineOf("u")}\n${lineOf("v")}`, `optimizer: sgd(rate: 0.5), balance: uncertainty, clip: norm(${CLIP})`),
    );
    const at = { u: { w: 0.75, b: 0.5, s: 0 }, v: { w: 0.75, b: 0.5, s: 0 } };
    const tasks = ["u", "v"] as const;
    for (let step = 0; step < 5; step++) {
      const slopes = tasks.map((task) => {
        const { w, b, s } = at[task];
        const { loss, ...slope } = errorOf(task, w, b);
        const alpha = Math.exp(-s) / 2;
        return { w: alpha * slope.w, b: alpha * slope.b, s: 0.5 - alpha * loss };
      });
      const norm = Math.sqrt(slopes.reduce((sum, { w, b }) => sum + w ** 2 + b ** 2, 0));
      expect(norm).toBeGreaterThan(CLIP);
      const factor = Math.min(1, CLIP / (norm + 1e-6));
      tasks.forEach((task, k) => {
        at[task].w -= 0.5 * factor * slopes[k].w;
        at[task].b -= 0.5 * factor * slopes[k].b;
        at[task].s -= 0.5 * slopes[k].s;
      });
    }
    for (const task of tasks) expectLine(got, task, at[task].w, at[task].b);
    expect(got.steps.at(-1)!.weights.u).not.toBeCloseTo(0.5, 2);
  });
});

describe("early stopping and running statistics", () => {
  it("keeps the best epoch's statistics of batch_norm with its weights", async () => {
    const text = (train: string): string => `model Line
input x: f32
shared trunk = x -> dense(4) -> batch_norm -> tanh
task u: real { head: trunk -> dense }
train { optimizer: adam(rate: 0.3), batch: 4, seed: 2, ${train} }
data { train: csv("rows.csv"), validation: part(0.25, of: train) }`;
    const stopped = await run(text("stop: early(patience: 3), epochs: 40"));
    const losses = stopped.epochs.map(({ validation }) => validation!.loss!);
    const best = losses.indexOf(Math.min(...losses));
    expect(losses.length).toBe(best + 1 + 3);
    const [short, long] = [await run(text(`epochs: ${best + 1}`)), await run(text(`epochs: ${best + 4}`))];
    const statistics = ["trunk.batch_norm_1.mean", "trunk.batch_norm_1.variance"];
    expect([...stopped.weights.keys()]).toEqual(expect.arrayContaining(statistics));
    expect(bits(stopped.weights)).toEqual(bits(short.weights));
    for (const name of statistics) expect(bits(stopped.weights)[name]).not.toEqual(bits(long.weights)[name]);
  });
});

describe("a conditional random field whose loss is not finite", () => {
  it("is absent under on_nonfinite: skip, with its transitions, and the other task learns as by itself", async () => {
    const rows = Array.from({ length: ROWS }, (_, k) => ({
      words: ["a", "b", "c"].slice(0, 1 + (k % 3)),
      tags: ["x", "y", "x"].slice(0, 1 + (k % 3)),
      x: columns.x[k],
      u: columns.u[k],
    }));
    const text = (tags: string): string => `model Tags
input words: tokens(3)
input x: f32
${tags}
${lineOf("u")}
train { optimizer: adam(rate: 0.1), balance: static(on_nonfinite: skip), batch: 8, epochs: 2, seed: 3 }
data { train: jsonl("rows.jsonl") }`;
    // 1e30 · 1e30 is infinite in 32 bits.
    const huge = "dense(2, start: constant(1e30), bias_start: constant(1e30)) -> dense(start: constant(1e30))";
    const tagged = text(`task tags: class[words] { head: words -> embed(2) -> ${huge}, loss: crf }`);
    const table = { "rows.jsonl": rows.map((row) => JSON.stringify(row)).join("\n") };
    const [both, alone, start] = [
      await run(tagged, table),
      await run(text(""), table),
      await startValues(tagged, table),
    ];
    expect(both.steps.map(({ losses }) => Object.keys(losses))).toEqual(both.steps.map(() => ["u"]));
    const own = (weights: Trained["weights"], task: string) =>
      bits(new Map([...weights].filter(([name]) => name.startsWith(`${task}.`))));
    expect(Object.keys(own(both.weights, "tags"))).toContain("tags.crf.transitions");
    expect(own(both.weights, "tags")).toEqual(own(start, "tags"));
    expect(own(both.weights, "u")).toEqual(own(alone.weights, "u"));
    expect(own(both.weights, "u")).not.toEqual(own(start, "u"));
  });
});
