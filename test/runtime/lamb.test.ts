import { expect, it } from "vitest";
import { csv, numbersFrom, prepared, startValues, trained } from "./small-training.ts";

const text = `
model Small
input x: f32[3] { from: ["a", "b", "c"] }
shared trunk = x -> dense(4) -> tanh -> dense(3) -> tanh
task y: real { head: trunk -> dense }
task z: real { head: trunk -> dense }
train { optimizer: lamb(rate: 0.01), batch: 20, steps: 1 }
data { train: csv("rows.csv") }`;
const next = numbersFrom(7);
const column = (): number[] => Array.from({ length: 20 }, next);
const tables = { "rows.csv": csv({ a: column(), b: column(), c: column(), y: column(), z: column() }) };

it("lamb moves each tensor by the same share of its own length, beside neighbours of the same tasks", async () => {
  const before = await startValues(text.replace("steps: 1", "epochs: 1"), tables);
  const { weights } = await trained(await prepared(text, tables));
  const length = (values: Iterable<number>): number => Math.hypot(...values);
  const kernels = [...before.keys()].filter((name) => name.endsWith("kernel"));
  expect(kernels).toHaveLength(4);
  for (const name of kernels) {
    const moved = before.get(name)!.map((value, k) => weights.get(name)![k] - value);
    expect(length(moved) / length(before.get(name)!), name).toBeCloseTo(0.01, 5);
  }
  // A bias that starts at 0 has no length: it takes adam's own step.
  for (const value of weights.get("y.dense_1.bias")!) expect(Math.abs(value)).toBeCloseTo(0.01, 5);
});
