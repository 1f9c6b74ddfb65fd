import { expect, it } from "vitest";
import { csv, startValues } from "./small-training.ts";

/** `bias_start: prior`: before any step a head answers each label as often as it occurs in the training rows, plus a half. */

const ROWS = 20;
/** 6 yes, 12 no, 2 missing; classes 0, 1, 2: 4, 10, 6; flags: 15 and 5 of 20 yes. */
const columns = {
  x: Array.from({ length: ROWS }, (_, k) => k),
  y: Array.from({ length: ROWS }, (_, k) => (k < 6 ? 1 : k < 18 ? 0 : null)),
  c: Array.from({ length: ROWS }, (_, k) => (k < 4 ? 0 : k < 14 ? 1 : 2)),
  f: Array.from({ length: ROWS }, (_, k) => Number(k < 15)),
  g: Array.from({ length: ROWS }, (_, k) => Number(k < 5)),
};
const text = `model Prior
input x: f32
task y: flag { head: x -> dense(bias_start: prior) }
task c: class(3) { head: x -> dense(bias_start: prior) }
task fs: flags(2) { head: x -> dense(bias_start: prior), target: ["f", "g"] }
train { epochs: 1 }
data { train: csv("rows.csv") }`;

it("starts a bias at the log-odds of the labels", async () => {
  const tables = { "rows.csv": csv(columns) };
  const start = await startValues(text, tables);
  const bias = (task: string): number[] => [...start.get(`${task}.dense_1.bias`)!];
  const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
  expect(sigmoid(bias("y")[0])).toBeCloseTo(6.5 / 19, 6);
  expect(bias("fs").map(sigmoid)).toEqual([expect.closeTo(15.5 / 21, 6), expect.closeTo(5.5 / 21, 6)]);
  const exps = bias("c").map(Math.exp);
  const sum = exps.reduce((a, b) => a + b, 0);
  expect(exps.map((value) => value / sum)).toEqual([4.5, 10.5, 6.5].map((count) => expect.closeTo(count / 21.5, 6)));
});
