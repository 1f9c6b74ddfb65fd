import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { bindData } from "../../runtime/data/bind.ts";
import { readTrained } from "../../src/project/trained.ts";
import { exportStep } from "../../src/project/export-onnx.ts";
import { numbersFrom } from "../runtime/small-training.ts";
import { sound } from "./command.ts";
import { preparePython, python } from "./onnx/python.ts";

/** An exported training step, run once by Python: its losses, and the weights that its gradients lead to, are those of `mtlc train`. */
const RATE = 0.125;
const ROWS = 32;
const text = `model Step
input x: f32[3] { from: ["a", "b", "c"], scale: standard }
input city: category
shared body = concat(x, city -> embed(2)) -> dense(6) -> batch_norm -> tanh
task kind: class(["low", "mid", "high"]) { head: body -> dense }
task alert: flag { head: body -> dense, weight: 0.5 }
task level: real { head: body -> dense, scale: standard }
train { optimizer: sgd(rate: ${RATE}, momentum: 0), batch: ${ROWS}, epochs: 1, shuffle: false, seed: 4 }
data { train: jsonl("rows.jsonl") }`;

const number = numbersFrom(3);
const rows = Array.from({ length: ROWS }, (_, index) => ({
  ...{ a: number(), b: 50 + number(), c: number(), city: ["Rome", "Oslo"][index % 2] },
  ...{ kind: ["low", "mid", "high"][index % 3], alert: index % 5 === 0, level: index % 7 === 0 ? null : number() },
}));

const ready = preparePython();
const base = mkdtempSync("node_modules/.step-");
afterAll(() => rmSync(base, { recursive: true, force: true }));

it.skipIf(!ready)("an exported step is the step of training (skipped without Python's onnxruntime)", async () => {
  const file = join(base, "step.mtl");
  writeFileSync(file, text);
  writeFileSync(join(base, "rows.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
  const [before, after] = [join(base, "before"), join(base, "after")];
  await sound("train", file, "--run", before, "--set", "train.epochs=0");
  await sound("train", file, "--run", after, "--log", "steps");
  const graph = join(base, "step.onnx");
  writeFileSync(graph, exportStep(before).bytes);

  const { model, codes, weights } = readTrained(before);
  const { sections } = await bindData(model, { folder: base, seed: 4, codes });
  const feeds: Record<string, readonly number[]> = { rows: new Array<number>(ROWS).fill(1) };
  for (const [name, { data }] of weights) {
    feeds[`parameter/${name}`] = [...data];
    feeds[`state/${name}`] = [...data];
  }
  const [{ train }] = sections;
  for (const [name, values] of Object.entries(train.inputs)) feeds[`input/${name}`] = [...values];
  for (const [name, { values, weight }] of Object.entries(train.targets)) {
    feeds[`target/${name}`] = [...values];
    feeds[`weight/${name}`] = [...weight];
  }
  writeFileSync(join(base, "feeds.json"), JSON.stringify(feeds));
  const words = ["test/slow/onnx/step.py", graph, join(base, "feeds.json")];
  const found: Record<string, number[]> = JSON.parse(execFileSync(python, words, { encoding: "utf8" }));

  const [line] = readFileSync(join(after, "steps.jsonl"), "utf8").split("\n");
  const { losses } = JSON.parse(line);
  Object.values(losses).forEach((loss, k) =>
    expect(Math.abs(found.losses[k] - Number(loss))).toBeLessThanOrEqual(1e-5),
  );
  expect(found.losses).toHaveLength(3);

  const learnt = readTrained(after).weights;
  let compared = 0;
  for (const [name, { data }] of weights) {
    const now = learnt.get(name)?.data ?? new Float32Array();
    const slope = found[`gradient/${name}`];
    const next = found[`next/${name}`];
    expect(
      [slope, next].filter((each) => each !== undefined),
      name,
    ).toHaveLength(1);
    const expected = slope ? slope.map((value, k) => data[k] - RATE * value) : next;
    const moved = expected.some((value, k) => Math.abs(value - data[k]) > 1e-4);
    // A bias in front of a batch norm changes nothing.
    expect(moved, name).toBe(name !== "body.dense_1.bias");
    expected.forEach((value, k) => expect(Math.abs(now[k] - value), `${name}[${k}]`).toBeLessThanOrEqual(1e-5));
    compared += expected.length;
  }
  expect(compared).toBeGreaterThan(50);
});
