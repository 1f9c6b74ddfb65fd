import { expect, test } from "vitest";
import { csv, numbersFrom, prepared, startValues, trained } from "./small-training.ts";

/**
 * A training loop written a second time by hand, in 64-bit floats: forward and backward passes of a small network with a class,
 * a number and a flag, missing answers, weight decay, momentum and adamw. It shares no line with the program.
 */

const ROWS = 60;
const BATCH = 8;
const STEPS = 20;
const HIDDEN = 6;
const random = numbersFrom(5);
const x = Array.from({ length: ROWS }, () => [random(), random(), random(), random()]);
const mix = (row: number, a: number, b: number, c: number, d: number): number =>
  a * x[row][0] + b * x[row][1] + c * x[row][2] + d * x[row][3];
const kinds: (number | null)[] = x.map((_, row) =>
  row % 7 === 3 ? null : mix(row, 1, 2, -1, 0) > 0.5 ? 2 : mix(row, 1, -1, 0, 1) > 0 ? 1 : 0,
);
// The third batch (rows 16 to 23) has no mass at all.
const masses: (number | null)[] = x.map((_, row) =>
  (row >= 16 && row < 24) || row % 5 === 1 ? null : Math.round(256 * mix(row, 0.5, 1, 0.25, -1)) / 256,
);
const sexes: (number | null)[] = x.map((_, row) => (row % 3 === 2 ? null : mix(row, 0, 1, 1, -1) > 0 ? 1 : 0));

const tables = {
  "rows.csv": csv({
    a: x.map((row) => row[0]),
    b: x.map((row) => row[1]),
    c: x.map((row) => row[2]),
    d: x.map((row) => row[3]),
    kind: kinds,
    mass: masses,
    sex: sexes,
  }),
};
const text = (train: string): string => `model Birds
input x: f32[4] { from: ["a", "b", "c", "d"] }
shared trunk = x -> dense(${HIDDEN}) -> tanh
task kind: class(3) { head: trunk -> dense }
task mass: real { head: trunk -> dense  weight: 0.5 }
task sex: flag { head: trunk -> dense }
train { ${train}, steps: ${STEPS}, batch: ${BATCH}, shuffle: false, seed: 3 }
data { train: csv("rows.csv") }`;

interface Parameter {
  /** Row-major [in, out], or [out]. */
  readonly values: number[];
  readonly gradient: number[];
  readonly isKernel: boolean;
  readonly owner: "trunk" | "kind" | "mass" | "sex";
  readonly first: number[];
  readonly second: number[];
  steps: number;
}

function byHand(start: ReadonlyMap<string, Float32Array>, update: (parameter: Parameter) => void) {
  const parameters = new Map<string, Parameter>();
  for (const [name, data] of start) {
    const zeros = (): number[] => new Array<number>(data.length).fill(0);
    const owner = name.slice(0, name.indexOf(".")) as Parameter["owner"];
    const isKernel = name.endsWith("kernel");
    const state = { first: zeros(), second: zeros(), steps: 0 };
    parameters.set(name, { values: Array.from(data), gradient: zeros(), isKernel, owner, ...state });
  }
  const of = (name: string): Parameter => parameters.get(name)!;
  const dense = (input: readonly number[], name: string, width: number): number[] => {
    const [kernel, bias] = [of(`${name}.dense_1.kernel`).values, of(`${name}.dense_1.bias`).values];
    return bias.map((offset, j) => input.reduce((sum, value, i) => sum + value * kernel[i * width + j], offset));
  };
  /** Adds the gradients of a dense layer, and gives that of its input. */
  const back = (input: readonly number[], dy: readonly number[], name: string): number[] => {
    const width = dy.length;
    const [kernel, bias] = [of(`${name}.dense_1.kernel`), of(`${name}.dense_1.bias`)];
    dy.forEach((slope, j) => (bias.gradient[j] += slope));
    return input.map((value, i) => {
      let sum = 0;
      for (let j = 0; j < width; j++) {
        kernel.gradient[i * width + j] += value * dy[j];
        sum += kernel.values[i * width + j] * dy[j];
      }
      return sum;
    });
  };
  const losses: Record<string, number>[] = [];
  for (let step = 0; step < STEPS; step++) {
    const from = (step % Math.ceil(ROWS / BATCH)) * BATCH;
    const batch = Array.from({ length: Math.min(BATCH, ROWS - from) }, (_, k) => from + k);
    for (const { gradient } of parameters.values()) gradient.fill(0);
    const count = (answers: readonly (number | null)[]): number => batch.filter((row) => answers[row] !== null).length;
    const counts = { kind: count(kinds), mass: count(masses), sex: count(sexes) };
    const sums = { kind: 0, mass: 0, sex: 0 };
    for (const row of batch) {
      const hidden = dense(x[row], "trunk", HIDDEN).map(Math.tanh);
      const dHidden = new Array<number>(HIDDEN).fill(0);
      const take = (task: "kind" | "mass" | "sex", loss: number, dy: readonly number[], weight: number): void => {
        sums[task] += loss;
        const scaled = dy.map((slope) => (weight * slope) / counts[task]);
        back(hidden, scaled, task).forEach((slope, k) => (dHidden[k] += slope));
      };
      const [kind, mass, sex] = [kinds[row], masses[row], sexes[row]];
      if (kind !== null) {
        const logits = dense(hidden, "kind", 3);
        const total = logits.reduce((sum, z) => sum + Math.exp(z), 0);
        const chances = logits.map((z) => Math.exp(z) / total);
        take(
          "kind",
          -Math.log(chances[kind]),
          chances.map((p, c) => p - (c === kind ? 1 : 0)),
          1,
        );
      }
      if (mass !== null) {
        const [value] = dense(hidden, "mass", 1);
        take("mass", (value - mass) ** 2, [2 * (value - mass)], 0.5);
      }
      if (sex !== null) {
        const [logit] = dense(hidden, "sex", 1);
        const chance = 1 / (1 + Math.exp(-logit));
        take("sex", -Math.log(sex === 1 ? chance : 1 - chance), [chance - sex], 1);
      }
      back(
        x[row],
        dHidden.map((slope, k) => slope * (1 - hidden[k] ** 2)),
        "trunk",
      );
    }
    losses.push(
      Object.fromEntries(
        Object.entries(sums).flatMap(([task, sum]) => {
          const n = counts[task as keyof typeof counts];
          return n > 0 ? [[task, sum / n]] : [];
        }),
      ),
    );
    for (const parameter of parameters.values()) {
      if (parameter.owner !== "trunk" && counts[parameter.owner] === 0) continue;
      parameter.steps += 1;
      update(parameter);
    }
  }
  return { losses, values: new Map([...parameters].map(([name, { values }]) => [name, values])) };
}

const RATE = 0.05;
const DECAY = 0.1;

function momentum({ values, gradient, first, isKernel }: Parameter): void {
  values.forEach((value, k) => {
    const slope = gradient[k] + (isKernel ? DECAY * value : 0);
    first[k] = 0.9 * first[k] + slope;
    values[k] = value - RATE * first[k];
  });
}

function adamw({ values, gradient, first, second, isKernel, steps }: Parameter): void {
  values.forEach((value, k) => {
    first[k] = 0.9 * first[k] + 0.1 * gradient[k];
    second[k] = 0.999 * second[k] + 0.001 * gradient[k] ** 2;
    const shrunk = isKernel ? value * (1 - RATE * DECAY) : value;
    values[k] =
      shrunk - (RATE * (first[k] / (1 - 0.9 ** steps))) / (Math.sqrt(second[k] / (1 - 0.999 ** steps)) + 1e-8);
  });
}

test.each([
  ["sgd with momentum", `optimizer: sgd(rate: ${RATE}, momentum: 0.9, weight_decay: ${DECAY})`, momentum],
  ["adamw", `optimizer: adamw(rate: ${RATE}, weight_decay: ${DECAY})`, adamw],
])("twenty steps of %s are those of a loop by hand", async (_, train, update) => {
  const start = await startValues(text(train), tables);
  const ours = await trained(await prepared(text(train), tables));
  const theirs = byHand(start, update);
  expect(ours.steps.length).toBe(STEPS);
  ours.steps.forEach(({ losses }, step) => {
    expect(Object.keys(losses).sort()).toEqual(Object.keys(theirs.losses[step]).sort());
    for (const [task, loss] of Object.entries(theirs.losses[step]))
      expect(Math.abs(losses[task] - loss), `${task} in step ${step + 1}`).toBeLessThan(1e-4);
  });
  let moved = 0;
  for (const [name, values] of theirs.values) {
    values.forEach((value, k) => {
      expect(Math.abs(ours.weights.get(name)![k] - value), `${name} at ${k}`).toBeLessThan(1e-4);
      moved = Math.max(moved, Math.abs(value - start.get(name)![k]));
    });
  }
  expect(moved).toBeGreaterThan(0.1);
  // Both last batches of an epoch are short, and the third has no mass: the loop by hand knows what that means.
  expect(theirs.losses.filter((losses) => !("mass" in losses)).length).toBe(3);
});
