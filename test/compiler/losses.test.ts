import { describe, expect, it } from "vitest";
import { createBuilder } from "../../compiler/graph/create.ts";
import { gradients } from "../../compiler/graph/gradients.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import type { TaskKind, Value } from "../../compiler/ir/model.ts";
import { lossRows } from "../../compiler/losses/index.ts";
import { randomStream } from "../../compiler/random/index.ts";
import type { LossRow } from "../../compiler/registry/rows.ts";
import { expectClose, settingsOf } from "./golden.ts";

interface Case {
  kind: Pick<TaskKind, "word" | "shape"> & { size: number };
  /** [batch, …] of prediction and target. */
  predicted: readonly number[];
  targeted: readonly number[];
}
const kindsOf: Record<TaskKind["word"], Case> = {
  class: { kind: { word: "class", size: 3, shape: [2] }, predicted: [4, 2, 3], targeted: [4, 2] },
  flag: { kind: { word: "flag", size: 1, shape: [] }, predicted: [4, 1], targeted: [4] },
  flags: { kind: { word: "flags", size: 3, shape: [3] }, predicted: [4, 3], targeted: [4, 3] },
  real: { kind: { word: "real", size: 1, shape: [4] }, predicted: [3, 4], targeted: [3, 4] },
  count: { kind: { word: "count", size: 1, shape: [] }, predicted: [4, 1], targeted: [4] },
  ordinal: { kind: { word: "ordinal", size: 4, shape: [] }, predicted: [4, 3], targeted: [4] },
};
const size = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);
function rowOf(name: string): LossRow {
  const row = lossRows.find((row) => row.name === name);
  if (row === undefined) throw new Error(`no loss ${name}`);
  return row;
}

function run(
  name: string,
  { kind, predicted, targeted }: Case,
  values: { prediction: readonly number[]; target: readonly number[]; weight?: readonly number[] },
  given: Record<string, Value> = {},
  classCounts?: readonly number[],
) {
  const row = rowOf(name);
  const g = createBuilder();
  const labels = kind.word === "class" || kind.word === "ordinal";
  const prediction = g.input("prediction", { element: "f32", shape: predicted });
  const target = g.input("target", { element: labels ? "i32" : "f32", shape: targeted });
  const weight = g.input("weight", { element: "f32", shape: targeted });
  const settings = settingsOf(row, given);
  const full = { ...kind, learnt: false };
  const random = randomStream(3, name);
  const parameters = Object.fromEntries(
    Object.entries(row.parameters?.(full) ?? {}).map(([own, { shape }]) => [
      own,
      g.constant(
        Float64Array.from({ length: size(shape) }, () => random.normal()),
        { element: "f32", shape },
      ),
    ]),
  );
  const teacher = g.constant(
    Float64Array.from({ length: size(predicted) }, () => random.normal()),
    { element: "f32", shape: predicted },
  );
  const call = { settings, prediction, target, weight, kind: full, classCounts, parameters, teacher };
  const parts = row.parts?.(g, call);
  if (parts === undefined) throw new Error(`${name} is not built`);
  const [slope] = gradients(g, [{ node: parts.sum, cotangent: null }], [prediction]);
  if (slope === null) throw new Error("no gradient");
  const got = evaluate(g.finish({ ...parts, slope }), { weight: values.target.map(() => 1), ...values });
  return {
    sum: got.sum[0],
    count: got.count[0],
    slope: Array.from(got.slope, (v) => v + 0),
    value: got.sum[0] / got.count[0],
  };
}
/** A task of one number a row. */
const scalar = (word: "real" | "flag" | "count", batch: number): Case => ({
  kind: { word, size: 1, shape: [] },
  predicted: [batch, 1],
  targeted: [batch],
});

describe("missing answers", () => {
  const pairs = lossRows.flatMap((row) => (row.built ? row.kinds.map((word) => ({ name: row.name, word })) : []));

  it.each(pairs)("$name of $word: a missing element adds nothing, whatever stands there", ({ name, word }) => {
    const given = kindsOf[word];
    const random = randomStream(1, `${name}/${word}`);
    const prediction = Array.from({ length: size(given.predicted) }, () => random.normal());
    const levels = word === "real" ? 0 : word === "flag" || word === "flags" ? 2 : given.kind.size || 3;
    const target = Array.from({ length: size(given.targeted) }, () =>
      levels === 0 ? random.normal() : random.below(Math.max(2, levels)),
    );
    const weight = target.map((_, k) => (k === 1 ? 0 : 1));
    const first = run(name, given, { prediction, target, weight });
    const other = run(name, given, {
      prediction,
      target: target.map((t, k) => (k === 1 ? 1 - Math.sign(t) : t)),
      weight,
    });
    expect(Number.isFinite(first.value)).toBe(true);
    expect(other).toEqual(first);
    expect(first.slope.every(Number.isFinite)).toBe(true);

    const none = run(name, given, { prediction, target, weight: target.map(() => 0) });
    expect([none.sum, none.count]).toEqual([0, 0]);
    expect(none.slope.every((value) => value === 0)).toBe(true);
  });

  it("dice without a smoothing term has no area to divide by where no answer is there", () => {
    const values = {
      prediction: Array.from({ length: 12 }, (_, k) => k / 4),
      target: [0, 1, 1, 0],
      weight: [0, 0, 0, 0],
    };
    const got = run("dice", { ...kindsOf.class, predicted: [2, 2, 3], targeted: [2, 2] }, values, { smooth: 0 });
    expect([got.sum, got.count]).toEqual([0, 0]);
    expect(got.slope.every((value) => value === 0)).toBe(true);
  });

  it("counts of any rate may be missing: their exponential is never taken", () => {
    for (const name of ["poisson", "mse", "mae"]) {
      const got = run(name, scalar("count", 2), { prediction: [0.5, 5000], target: [2, 0], weight: [1, 0] });
      expect(Number.isFinite(got.sum)).toBe(true);
      expect(got.slope.every(Number.isFinite)).toBe(true);
      expect(got.slope[1]).toBe(0);
    }
  });
});

describe("weights of rows", () => {
  it("give Σ v ℓ / Σ v", () => {
    const got = run("mse", scalar("real", 3), { prediction: [1, 2, 3], target: [0, 0, 0], weight: [1, 2, 0.5] });
    expectClose([got.value], [(1 + 2 * 4 + 0.5 * 9) / 3.5], 1e-12);
  });
  it("weigh the pairs of an ordinal row alike", () => {
    const row: Case = { kind: { word: "ordinal", size: 4, shape: [] }, predicted: [2, 3], targeted: [2] };
    // Row 0 has y = 0: one pair. Row 1 has y = 3: three pairs.
    const got = run("ordinal", row, { prediction: [0, 0, 0, 0, 0, 0], target: [0, 3], weight: [2, 1] });
    expect(got.count).toBe(5);
    expectClose([got.value], [Math.LN2], 1e-12);
  });
});

describe("balanced weights", () => {
  const four: Case = { kind: { word: "class", size: 3, shape: [] }, predicted: [3, 3], targeted: [3] };
  const values = { prediction: [2, 0, 0, 0, 1, 0, 0, 0, 0.5], target: [0, 1, 1] };

  it("of classes are N/(C N_c)", () => {
    const given = run("cross_entropy", four, values, { class_weights: [10 / 6, 10 / 24, 0] });
    const balanced = run("cross_entropy", four, values, { class_weights: "balanced" }, [2, 8, 0]);
    expectClose([balanced.value], [given.value], 1e-12);
  });
  it("of flags are negatives over positives, and 1 where one of them never occurs", () => {
    const flags = kindsOf.flags;
    const prediction = [0.3, -1, 2, 1, 1, -2, 0, 0.5, 0.7, 1, 2, 3];
    const target = [1, 0, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0];
    const written = run("binary_cross_entropy", flags, { prediction, target }, { positive_weight: [3, 0.25, 1] });
    const balanced = run(
      "binary_cross_entropy",
      flags,
      { prediction, target },
      { positive_weight: "balanced" },
      [30, 10, 2, 8, 5, 0],
    );
    expectClose([balanced.value], [written.value], 1e-12);
  });
});

describe("single losses", () => {
  it("mae of a count is measured on counts, not on log rates", () => {
    const got = run("mae", scalar("count", 2), { prediction: [Math.log(5), Math.log(2)], target: [3, 4] });
    expectClose([got.value], [2], 1e-12);
  });

  it("focal costs nothing and pulls at nothing where an answer is certain", () => {
    for (const gamma of [0.5, 1, 2, 3]) {
      const got = run("focal", scalar("flag", 2), { prediction: [800, -800], target: [1, 0] }, { gamma });
      expect(got.sum).toBe(0);
      expect(got.slope.map(Math.abs)).toEqual([0, 0]);
    }
  });

  const boxes: Case = { kind: { word: "real", size: 1, shape: [4] }, predicted: [1, 4], targeted: [1, 4] };
  it.each(["iou", "giou"])("%s says the same of a box however it is written", (name) => {
    const value = (box: string, prediction: number[], target: number[]) =>
      run(name, boxes, { prediction, target }, { box }).value;
    const corners = value("xyxy", [1, 2, 4, 4], [2, 1, 5, 3]);
    expect(value("xywh", [1, 2, 3, 2], [2, 1, 3, 2])).toBeCloseTo(corners, 12);
    expect(value("cxcywh", [2.5, 3, 3, 2], [3.5, 2, 3, 2])).toBeCloseTo(corners, 12);
    // Areas 6 and 6, intersection 2, union 10, hull 4 · 3.
    expect(corners).toBeCloseTo(name === "iou" ? 1 - 2 / 10 : 1 - (2 / 10 - 2 / 12), 6);
  });
  it("giou of a box that is turned inside out is between 1 and 2, like that of one that misses", () => {
    // With one side turned, and with both: taken as they come, the areas would be -1 and 1.
    for (const prediction of [
      [4, 1.5, 3, 2.5],
      [4, 2.5, 3, 1.5],
    ]) {
      const { value, slope } = run("giou", boxes, { prediction, target: [2, 1, 5, 3] });
      expect(value).toBeGreaterThanOrEqual(1);
      expect(value).toBeLessThanOrEqual(2);
      expect(slope.every(Number.isFinite)).toBe(true);
    }
    // Beyond the target the hull pulls the ends back: descent moves the low end (6) down and the high end (1) up.
    const { slope } = run("giou", boxes, { prediction: [6, 1.5, 1, 2.5], target: [2, 1, 5, 3] });
    expect(slope[0]).toBeGreaterThanOrEqual(0);
    expect(slope[2]).toBeLessThanOrEqual(0);
  });

  it.each(["iou", "giou"])("%s: a box with a missing side is missing", (name) => {
    const two: Case = { ...boxes, predicted: [2, 4], targeted: [2, 4] };
    const prediction = [1, 2, 4, 4, 0, 0, 3, 3];
    const both = { prediction, target: [2, 1, 5, 3, 1, 1, 2, 2], weight: [1, 1, 1, 1, 1, 0, 1, 1] };
    const one = run(name, boxes, { prediction: prediction.slice(0, 4), target: both.target.slice(0, 4) });
    const got = run(name, two, both);
    expect(got.value).toBeCloseTo(one.value ?? NaN, 12);
    expectClose(got.slope.slice(0, 4), one.slope, 1e-12);
    expect(got.slope.slice(4).map(Math.abs)).toEqual([0, 0, 0, 0]);
  });

  it("cosine sees directions only, and is defined for a vector without one", () => {
    const rows: Case = { kind: { word: "real", size: 1, shape: [2] }, predicted: [2, 2], targeted: [2, 2] };
    const got = run("cosine", rows, { prediction: [3, 4, 30, 40], target: [4, 3, 40, 30] });
    expectClose([got.value], [1 - 24 / 25], 1e-12);
    const none = run("cosine", rows, { prediction: [0, 0, 1, 0], target: [1, 0, 0, 0] });
    expect(none.value).toBe(1);
    expect(none.slope.every(Number.isFinite)).toBe(true);
  });

  it("dice of a perfect answer is 0 and of a wrong one near 1", () => {
    const flags: Case = { kind: { word: "flags", size: 1, shape: [1] }, predicted: [50, 1], targeted: [50, 1] };
    const target = Array.from({ length: 50 }, (_, k) => k % 2);
    const right = run("dice", flags, { prediction: target.map((t) => 2000 * t - 1000), target });
    const wrong = run("dice", flags, { prediction: target.map((t) => 1000 - 2000 * t), target });
    expectClose([right.value, wrong.value], [0, 1 - 1 / 51], 1e-9);
    expect(right.count).toBe(50);
  });

  it("a prediction that cannot answer its target is a mistake of the caller", () => {
    const wrong: Case = { kind: { word: "real", size: 1, shape: [] }, predicted: [3, 2], targeted: [3] };
    expect(() => run("mse", wrong, { prediction: [1, 2, 3, 4, 5, 6], target: [1, 2, 3] })).toThrow("does not answer");
  });
});
