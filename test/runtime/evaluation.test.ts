import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { registry } from "../../compiler/registry/index.ts";
import { createOnnxEngine } from "../../runtime/engines/onnx.ts";
import { prepareEvaluator } from "../../runtime/train/evaluate.ts";
import { factsOf } from "../../runtime/train/plan.ts";
import { floats } from "../../runtime/train/state.ts";
import { prepare } from "../../src/project/prepare.ts";
import { openSource } from "../../src/project/sources.ts";
import { mtlc, sound } from "../slow/command.ts";
import { csv, folderOf, numbersFrom, prepared, trained } from "./small-training.ts";

/** Whole parts are measured as if at once, by `train`, `evaluate` and `predict` alike; missing answers count nowhere. */

const random = numbersFrom(51);
const ROWS = 190;
type Cells = readonly (string | number | null)[];
function columnsOf(rows: number): Record<string, Cells> {
  const [a, b, c] = ["a", "b", "c"].map(() => Array.from({ length: rows }, random));
  return {
    a,
    b,
    c,
    kind: a.map((value, row) => (row % 5 === 2 ? null : value + b[row] > 0.3 ? "owl" : value > -0.2 ? "crow" : "gull")),
    mass: a.map((value, row) => (row % 4 === 1 ? null : Math.round(3500 + 800 * (value - c[row])))),
    sex: b.map((value, row) => (row % 3 === 0 ? null : value * c[row] > 0 ? "male" : "female")),
  };
}
const rest = columnsOf(ROWS);
const text = `model Birds
input x: f32[3] { from: ["a", "b", "c"] }
shared trunk = x -> dense(12) -> batch_norm -> relu -> dropout(0.2)
task kind: class { head: trunk -> dense  loss: cross_entropy(label_smoothing: 0.1) }
task mass: real { head: trunk -> dense  scale: standard  unit: "g" }
task sex: flag { head: trunk -> dense  positive: "male" }
train { epochs: 6, batch: 16, optimizer: adam(rate: 0.02), average: ema(0.9) }
data { train: csv("train.csv"), validation: part(0.2, of: train), test: csv("test.csv") }`;

let folder = "";
let run = "";
let ours: { splits: Record<string, Record<string, Record<string, number>>> };
beforeAll(async () => {
  folder = folderOf({ "birds.mtl": text, "train.csv": csv(columnsOf(120)), "test.csv": csv(rest) });
  run = join(folder, "run");
  ours = JSON.parse(
    await sound("train", join(folder, "birds.mtl"), "--run", run, "--format", "json", "--threads", "1"),
  );
});

interface Predicted {
  readonly kind: { label: string; probabilities: Record<string, number> };
  readonly mass: number;
  readonly sex: { label: boolean; probability: number };
}
const predict = async (file: string): Promise<Predicted[]> =>
  JSON.parse(await sound("predict", run, file, "--format", "json", "--threads", "1"));

describe("a trained run", () => {
  test("is measured by `evaluate` exactly as `train` measured it", async () => {
    expect(Object.keys(ours.splits)).toEqual(["test", "validation"]);
    const again = JSON.parse(await sound("evaluate", run, "--format", "json", "--bootstrap", "0", "--threads", "1"));
    expect(again.splits).toEqual(ours.splits);
    expect([again.epochs, again.steps, again.parameters]).toEqual([6, 36, JSON.parse(JSON.stringify(ours)).parameters]);
    const file = join(folder, "test.csv");
    const on = JSON.parse(
      await sound("evaluate", run, "--on", file, "--format", "json", "--bootstrap", "0", "--threads", "1"),
    );
    expect(on.splits).toEqual({ [file]: ours.splits.test });
  });

  test("answers as it was measured: the metrics follow from the predictions, over present answers alone", async () => {
    const predicted = await predict(join(folder, "test.csv"));
    expect(predicted.length).toBe(ROWS);
    const present = (name: string): number[] => rest[name].flatMap((cell, row) => (cell === null ? [] : [row]));
    const kinds = present("kind");
    const right = kinds.filter((row) => predicted[row].kind.label === rest.kind[row]).length;
    expect(ours.splits.test.kind.accuracy).toBeCloseTo(right / kinds.length, 12);
    const sexes = present("sex");
    const male = sexes.filter((row) => predicted[row].sex.label === (rest.sex[row] === "male")).length;
    expect(ours.splits.test.sex.accuracy).toBeCloseTo(male / sexes.length, 12);
    const masses = present("mass");
    const error = masses.reduce((sum, row) => sum + Math.abs(predicted[row].mass - Number(rest.mass[row])), 0);
    expect(ours.splits.test.mass.mae).toBeCloseTo(error / masses.length, 4);
    expect(ours.splits.test.mass.mae).toBeGreaterThan(10);
    for (const { kind, sex } of predicted) {
      expect(Object.values(kind.probabilities).reduce((a, b) => a + b)).toBeCloseTo(1, 6);
      expect(Object.entries(kind.probabilities).every(([, p]) => p <= kind.probabilities[kind.label])).toBe(true);
      expect(sex.label).toBe(sex.probability > 0.5);
    }
  });

  test("needs no answers to predict, and says the same of a row alone and among others", async () => {
    const { a, b, c } = rest;
    const bare = join(folder, "bare.csv");
    writeFileSync(bare, csv({ a, b, c }));
    const all = await predict(join(folder, "test.csv"));
    expect(await predict(bare)).toEqual(all);
    const one = join(folder, "one.csv");
    writeFileSync(one, csv({ a: [a[140]], b: [b[140]], c: [c[140]] }));
    const [single] = await predict(one);
    expect(single.mass).toBeCloseTo(all[140].mass, 2);
    expect(single.sex.probability).toBeCloseTo(all[140].sex.probability, 5);
    expect(single.kind.label).toBe(all[140].kind.label);
  });

  test("keeps the averaged weights, and norms' statistics beside them", async () => {
    const { model, data } = await prepare(openSource(join(folder, "birds.mtl")));
    const { weights, parts } = await trained({ model, data });
    const bytes = readFileSync(join(run, "model.safetensors"));
    const header: Record<string, unknown> = JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE(0))));
    expect(Object.keys(header).sort()).toEqual(["__metadata__", ...weights.keys()].sort());
    expect(JSON.parse(JSON.stringify(parts.get("test")!.metrics))).toEqual(ours.splits.test);
  });

  test("a run that is asked with a file that has no answers at all says that there is nothing to measure", async () => {
    const { code, out, err } = await mtlc("evaluate", run, "--on", join(folder, "bare.csv"), "--threads", "1");
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(`[MTL8407] there is nothing to measure: no row of ${join(folder, "bare.csv")} has an answer`);
  });
});

describe("a metric that stands twice", () => {
  test("is two numbers, each by its settings, and the first is watched", async () => {
    const program = text
      .replace("loss: cross_entropy(label_smoothing: 0.1)", "metrics: [f1, accuracy, f1(average: micro)]")
      .replace("average: ema(0.9)", "stop: early(on: validation.kind.f1, patience: 9)");
    const ready = await prepared(program, { "train.csv": csv(columnsOf(120)), "test.csv": csv(rest) });
    const { epochs, parts } = await trained(ready);
    const { kind } = parts.get("test")!.metrics;
    expect(Object.keys(kind)).toEqual(["f1(average: macro)", "accuracy", "f1(average: micro)"]);
    // Micro F1 over all classes of one label a row is the accuracy.
    expect(kind["f1(average: micro)"]).toBeCloseTo(kind.accuracy as number, 12);
    expect(kind["f1(average: macro)"]).not.toBe(kind["f1(average: micro)"]);
    const watched = epochs.map(({ validation }) => validation!.metrics.kind["f1(average: macro)"] as number);
    epochs.forEach(({ best }, k) => expect(best).toBe(watched.slice(0, k).every((value) => watched[k] > value)));
  });
});

describe("losses of a part", () => {
  test("are those of all its rows at once, whatever the batch, smoothing and dropout left out", async () => {
    const losses = [
      "cross_entropy(class_weights: [1, 4, 0.25], label_smoothing: 0.2) + 0.5 * focal",
      "mse + 0.25 * mae",
    ];
    const program = text
      .replace("task kind: class {", 'task kind: class(["owl", "crow", "gull"]) {')
      .replace("cross_entropy(label_smoothing: 0.1)", losses[0])
      .replace("scale: standard  unit", `loss: ${losses[1]}  scale: standard  unit`);
    const ready = await prepared(program, { "train.csv": csv(columnsOf(120)), "test.csv": csv(rest) });
    const { weights, parts } = await trained(ready);
    const set = ready.data.sections[0].test!;
    const engine = await createOnnxEngine({ threads: 1 });
    const load = (name: string) => {
      const data = weights.get(name)!;
      const shape = ready.model.instructions.length > 0 ? shapes.get(name)! : [data.length];
      const buffer = engine.buffer({ element: "f32", shape });
      floats(buffer).set(data);
      return buffer;
    };
    const shapes = new Map<string, readonly number[]>();
    for (const [name, { shape }] of (await trained(ready)).snapshot.tensors)
      shapes.set(name.replace(/^(parameter|statistic)\//, ""), shape);
    const atOnce = await prepareEvaluator(engine, registry, ready.model, ROWS, factsOf(ready.data), {
      parameter: load,
      statistic: load,
    });
    const whole = await atOnce.run(set);
    await engine.close();
    const known = parts.get("test")!.losses;
    for (const task of ["kind", "mass", "sex"]) expect(known[task]).toBeCloseTo(whole.losses[task]!, 5);

    // By hand, from the raw outputs.
    const kinds = ["owl", "crow", "gull"];
    let [sum, count, focal, present] = [0, 0, 0, 0];
    rest.kind.forEach((cell, row) => {
      if (cell === null) return;
      const code = kinds.indexOf(String(cell));
      const logits = [...whole.predictions.kind.subarray(3 * row, 3 * row + 3)];
      const cost = Math.log(logits.reduce((total, z) => total + Math.exp(z), 0)) - logits[code];
      const weight = [1, 4, 0.25][code];
      sum += weight * cost;
      count += weight;
      focal += (1 - Math.exp(-cost)) ** 2 * cost;
      present += 1;
    });
    expect(known.kind).toBeCloseTo(sum / count + (0.5 * focal) / present, 5);
    const { shift, factor } = ready.data.codes.tasks.mass.scale!;
    let [squares, sizes, answers] = [0, 0, 0];
    rest.mass.forEach((cell, row) => {
      if (cell === null) return;
      const error = whole.predictions.mass[row] - (Number(cell) - shift[0]) / factor[0];
      squares += error * error;
      sizes += Math.abs(error);
      answers += 1;
    });
    expect(known.mass).toBeCloseTo((squares + 0.25 * sizes) / answers, 5);
  });

  test("are nothing where there is no answer, or no finite number", async () => {
    const none = { ...rest, mass: rest.mass.map(() => null) };
    const ready = await prepared(text, { "train.csv": csv(columnsOf(120)), "test.csv": csv(none) });
    const { parts } = await trained(ready);
    expect(parts.get("test")!.losses.mass).toBeNull();
    expect(parts.get("test")!.metrics.mass).toEqual({ mae: null, r2: null });
    const { kind, sex } = parts.get("test")!.losses;
    expect(parts.get("test")!.loss).toBeCloseTo(kind! + sex!, 12);
    // A number so far off that its square is infinite in 32 bits.
    const wild = { ...rest, mass: rest.mass.map((cell, row) => (row === 3 ? 1e30 : cell)) };
    const astray = await trained(await prepared(text, { "train.csv": csv(columnsOf(120)), "test.csv": csv(wild) }));
    expect(astray.parts.get("test")!.losses.mass).toBeNull();
  });
});
