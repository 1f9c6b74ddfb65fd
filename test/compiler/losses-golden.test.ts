import { describe, expect, it } from "vitest";
import { createBuilder } from "../../compiler/graph/create.ts";
import { gradients } from "../../compiler/graph/gradients.ts";
import { elementCount } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import type { TaskKind, Value } from "../../compiler/ir/model.ts";
import { lossRows } from "../../compiler/losses/index.ts";
import type { LossRow } from "../../compiler/registry/rows.ts";
import { expectClose, flatten, golden, numbers, printUnbuilt, settingsOf, shapeOf } from "./golden.ts";
import type { Nested } from "./golden.ts";

interface Entry {
  id: string;
  loss: string;
  settings: Record<string, Value>;
  prediction: Nested;
  target: Nested;
  value: number | null;
  gradient: Nested;
  tolerance: number;
  /** Of crf: real positions of each row, own parameters with their gradients, the paths of the highest score. */
  lengths?: number[];
  transitions?: Nested;
  start?: Nested;
  end?: Nested;
  gradient_transitions?: Nested;
  gradient_start?: Nested;
  gradient_end?: Nested;
  best_paths?: number[][];
}
const file = golden<{ entries: Entry[] }>("losses.json");
const rowOf = (name: string): LossRow | undefined => lossRows.find((row) => row.name === name);

/** What distillation calls its target is a teacher's logits; its rows all have an answer. */
function teacherOf({ loss, target }: Entry): Nested | undefined {
  return loss === "distillation" ? target : undefined;
}

/** The kind of task that an entry belongs to: said by the entry, else by its loss and shapes. */
function kindOf(entry: Entry, row: LossRow): TaskKind {
  const shape = teacherOf(entry) ? [] : shapeOf(entry.target).slice(1);
  const written = row.kinds.find((word) => word === entry.settings.kind);
  const flags: TaskKind["word"] = shape.length > 0 ? "flags" : "flag";
  const word = written ?? (row.kinds[0] === "flag" ? flags : row.kinds[0]);
  return { word, size: shapeOf(entry.prediction).at(-1) ?? 1, learnt: false, shape };
}

/** A loss's own parameters and what their gradients should be. */
function ownParameters({ transitions, start, end, ...entry }: Entry) {
  if (transitions === undefined || start === undefined || end === undefined) return {};
  const { gradient_transitions = [], gradient_start = [], gradient_end = [] } = entry;
  return {
    transitions: { value: transitions, gradient: gradient_transitions },
    start: { value: start, gradient: gradient_start },
    end: { value: end, gradient: gradient_end },
  };
}

/** Value and gradient, with `stored` standing where the target is missing. */
function run(entry: Entry, row: LossRow, stored: number) {
  const kind = kindOf(entry, row);
  const { kind: _kind, classes: _classes, pos_weight, ...rest } = entry.settings;
  const settings = settingsOf(row, pos_weight === undefined ? rest : { ...rest, positive_weight: pos_weight });
  const labels = kind.word === "class" || kind.word === "ordinal";
  const g = createBuilder();
  const taught = teacherOf(entry);
  const shape = taught ? shapeOf(taught).slice(0, 1) : shapeOf(entry.target);
  const prediction = g.input("prediction", { element: "f32", shape: shapeOf(entry.prediction) });
  const target = g.input("target", { element: labels ? "i32" : "f32", shape });
  const weight = g.input("weight", { element: "f32", shape });
  if (row.parts === undefined) throw new Error(`${row.name} is not built`);
  const own = Object.entries(ownParameters(entry));
  const parameters = Object.fromEntries(
    own.map(([name, { value }]) => [name, g.input(name, { element: "f32", shape: shapeOf(value) })]),
  );
  const mask = entry.lengths && g.input("mask", { element: "f32", shape });
  const teacher = taught === undefined ? undefined : g.input("teacher", prediction.type);
  const { sum, count } = row.parts(g, { settings, prediction, target, weight, kind, mask, parameters, teacher });
  const wrt = [prediction, ...own.map(([name]) => parameters[name])];
  const [slope, ...ownSlopes] = gradients(g, [{ node: sum, cotangent: null }], wrt);
  if (slope === null) throw new Error("no gradient");
  const slopes = Object.fromEntries(
    ownSlopes.flatMap((node, k) => (node === null ? [] : [[`slope/${own[k][0]}`, node]])),
  );
  const targets = taught ? new Array<number>(shape[0]).fill(0) : flatten(entry.target);
  const got = evaluate(g.finish({ sum, count, slope, ...slopes }), {
    ...Object.fromEntries(own.map(([name, { value }]) => [name, numbers(value)])),
    ...(entry.lengths && {
      mask: entry.lengths.flatMap((length) => Array.from({ length: shape[1] }, (_, at) => (at < length ? 1 : 0))),
    }),
    prediction: numbers(entry.prediction),
    ...(taught && { teacher: numbers(taught) }),
    target: targets.map((value) => value ?? stored),
    weight: targets.map((value) => (value === null ? 0 : 1)),
  });
  expect(slope.type.shape).toEqual(prediction.type.shape);
  expect(elementCount(sum.type.shape) + elementCount(count.type.shape)).toBe(2);
  return { sum: got.sum[0], count: got.count[0], slope: got.slope, got };
}

describe("losses against other programs", () => {
  const entries = file.entries;
  const built = entries.filter((entry) => rowOf(entry.loss)?.built);

  it("prints what is not built", () => {
    const missing = entries.filter((entry) => !built.includes(entry)).map((entry) => entry.loss);
    printUnbuilt("losses.json", missing);
    expect(missing).toEqual([]);
  });

  it.each(built)("$id", (entry) => {
    const row = rowOf(entry.loss);
    if (row === undefined) throw new Error(`no loss ${entry.loss}`);
    for (const stored of [0, 1]) {
      const { sum, count, slope, got } = run(entry, row, stored);
      if (entry.value === null) {
        expect([sum, count]).toEqual([0, 0]);
        expect(slope.every((value) => value === 0)).toBe(true);
        continue;
      }
      expectClose([sum / count], [entry.value], entry.tolerance);
      expectClose(
        slope.map((value) => value / count),
        numbers(entry.gradient),
        entry.tolerance,
      );
      for (const [name, { gradient }] of Object.entries(ownParameters(entry)))
        expectClose(
          got[`slope/${name}`].map((value) => value / count),
          numbers(gradient),
          entry.tolerance,
        );
    }
    if (entry.best_paths) expect(decoded(entry, row)).toEqual(entry.best_paths);
  });
});

function decoded(entry: Entry, row: LossRow): number[][] {
  const [, length, classes] = shapeOf(entry.prediction);
  const parameters = Object.fromEntries(
    Object.entries(ownParameters(entry)).map(([name, { value }]) => [name, numbers(value)]),
  );
  const all = numbers(entry.prediction);
  return (entry.lengths ?? []).map((real, k) => {
    const emissions = all.slice(k * length * classes, (k * length + real) * classes);
    return [...(row.decode?.({ emissions, classes, parameters }).codes ?? [])];
  });
}
