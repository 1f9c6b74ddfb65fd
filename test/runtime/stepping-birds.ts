import { expect } from "vitest";
import { csv, numbersFrom, prepared, trained, type Trained } from "./small-training.ts";

/** A model of three tasks on 32 rows, what a step of it takes off its parameters, and numbers that are to be close. */

export const ROWS = 32;
const random = numbersFrom(8);
export const x = Array.from({ length: ROWS }, () => [random(), random(), random()]);
export const rows = (
  change: (columns: Record<string, (number | null)[]>) => void = () => {},
): Record<string, string> => {
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
export const text = (train: string, more = ""): string => `model Birds
input x: f32[3] { from: ["a", "b", "c"] }
shared trunk = x -> dense(4) -> tanh
task mass: real { head: trunk -> dense }
task size: real { head: trunk -> dense(3) -> tanh -> dense  weight: 0.5 }
task sex: flag { head: trunk -> dense }
${more}
train { shuffle: false, seed: 6, ${train.includes("batch:") ? "" : `batch: ${ROWS},`} ${train} }
data { train: csv("rows.csv"), validation: csv("rows.csv") }`;

export const run = async (train: string, more = "", table = rows()): Promise<Trained> =>
  trained(await prepared(text(train, more), table));

/** What the first step of `sgd(rate: 1)` takes off each parameter: its gradient, as the optimizer saw it. */
export async function gradientOf(train: string, more = "", table = rows()): Promise<Map<string, Float64Array>> {
  const start = await run(`${train}, optimizer: sgd(rate: 1), steps: 0`, more, table);
  const after = await run(`${train}, optimizer: sgd(rate: 1), steps: 1`, more, table);
  return new Map(
    [...start.weights].map(([name, values]) => [
      name,
      Float64Array.from(values, (value, k) => value - after.weights.get(name)![k]),
    ]),
  );
}

export function expectClose(got: ArrayLike<number>, wanted: ArrayLike<number>, what: string, tolerance = 2e-6): void {
  expect(got.length, what).toBe(wanted.length);
  for (let k = 0; k < got.length; k++)
    expect(Math.abs(got[k] - wanted[k]), `${what} at ${k}: ${got[k]}, not ${wanted[k]}`).toBeLessThan(tolerance);
}
export const normOf = (gradient: ReadonlyMap<string, Float64Array>): number =>
  Math.sqrt([...gradient.values()].reduce((sum, values) => sum + values.reduce((s, v) => s + v * v, 0), 0));
