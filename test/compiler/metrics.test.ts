import { describe, expect, test } from "vitest";
import type { TaskKind } from "../../compiler/ir/model.ts";
import { metricRows } from "../../compiler/metrics/index.ts";
import { kendallTau } from "../../compiler/metrics/kendall.ts";
import { spansOf } from "../../compiler/metrics/spans.ts";
import type { MetricInput, MetricRow, MetricValue } from "../../compiler/registry/rows.ts";
import { settingsOf } from "./golden.ts";

const rows = new Map(metricRows.map((row) => [row.name, row]));

function kind(word: TaskKind["word"], shape: readonly number[] = [], size = 1): TaskKind {
  return { word, size, learnt: false, shape };
}
/** `answers[i]` null where it is missing. */
function input(
  of: TaskKind,
  width: number,
  prediction: number[],
  answers: (number | null)[],
  elements = 1,
): MetricInput {
  return {
    kind: of,
    rows: answers.length / elements,
    elements,
    width,
    prediction: Float32Array.from(prediction),
    target: Float64Array.from(answers, (each) => each ?? 0),
    present: Uint8Array.from(answers, (each) => (each === null ? 0 : 1)),
    labels: of.axes ? ["O", "B-a", "I-a"] : undefined,
  };
}
function value(name: string, of: MetricInput, settings: Record<string, number | string> = {}): MetricValue {
  const row = rows.get(name);
  if (!row?.compute) throw new Error(`no metric ${name}`);
  return row.compute(settingsOf(row, settings), of);
}

/** An input of a row's first kind whose answers all are missing. */
function nothing(row: MetricRow): MetricInput {
  const word = row.kinds[0];
  if (row.name === "span_f1")
    return input({ ...kind("class", [2], 3), axes: ["words"] }, 3, Array(12).fill(1), Array(4).fill(null), 2);
  if (row.fits?.(kind("real", [4])) === null)
    return input(kind("real", [4]), 1, Array(8).fill(1), Array(8).fill(null), 4);
  if (word === "class") return input(kind("class", [], 3), 3, [1, 2, 3, 3, 2, 1], [null, null]);
  if (word === "flags") return input(kind("flags", [], 2), 1, [1, 2, 3, 4], Array(4).fill(null), 2);
  return input(kind(word), 1, [1, 2], [null, null]);
}

test.each(metricRows.map((row): [string, MetricRow] => [row.name, row]))(
  "%s is undefined where nothing is present",
  (_, row) => {
    expect(row.compute?.(settingsOf(row, row.name === "top_k" ? { k: 1 } : {}), nothing(row))).toBeNull();
  },
);

describe("conventions", () => {
  test("missing answers are left out, whatever stands in their place", () => {
    const full = input(kind("real"), 1, [1, 2, 3], [2, 2, 5]);
    const holes = input(kind("real"), 1, [1, 99, 2, 3, -5], [2, null, 2, 5, null]);
    for (const name of ["mae", "mse", "rmse", "mape", "r2", "pearson", "spearman", "kendall"]) {
      expect(value(name, holes)).toBe(value(name, full));
    }
    expect(value("mae", full)).toBe(1);
    expect(value("rmse", full)).toBeCloseTo(Math.sqrt(5 / 3), 12);
  });
  test("a tie of logits goes to the lowest class, also among the k largest", () => {
    const ties = input(kind("class", [], 3), 3, [1, 1, 1, 0, 2, 2], [0, 2]);
    expect(value("accuracy", ties)).toBe(0.5);
    expect(value("top_k", ties, { k: 1 })).toBe(0.5);
    expect(value("top_k", ties, { k: 2 })).toBe(1);
  });
  test("a flag is yes above 0 only", () => {
    expect(value("accuracy", input(kind("flag"), 1, [0, 0.1, -0.1], [0, 1, 0]))).toBe(1);
  });
  test("macro means leave out flags without an answer, and undefined ones", () => {
    const flags = input(
      kind("flags", [], 3),
      1,
      [1, -1, 5, -1, -1, 5, 2, 1, 5],
      [1, 0, null, 0, 0, null, 1, 0, null],
      3,
    );
    expect(value("auc", flags)).toBe(1);
    expect(value("f1", flags)).toBe(0.5);
    expect(value("exact_match", flags)).toBeNull();
  });
  test("outputs of a real target count alike in r2 and correlations", () => {
    const both = input(kind("real", [2]), 1, [1, 0, 2, 0, 3, 1], [1, 1, 2, 2, 3, 0], 2);
    const first = input(kind("real"), 1, [1, 2, 3], [1, 2, 3]);
    const second = input(kind("real"), 1, [0, 0, 1], [1, 2, 0]);
    expect(value("r2", both)).toBe((Number(value("r2", first)) + Number(value("r2", second))) / 2);
    // One output is constant: it has no correlation, and the mean is the other's.
    const half = input(kind("real", [2]), 1, [1, 7, 2, 7, 4, 7], [1, 1, 2, 2, 3, 3], 2);
    expect(value("pearson", half)).toBe(value("pearson", input(kind("real"), 1, [1, 2, 4], [1, 2, 3])));
  });
  test("positions along a token axis are no outputs", () => {
    const tokens = { ...kind("real", [2]), axes: ["words"] };
    expect(value("r2", input(tokens, 1, [1, 2, 3, 5], [1, 2, 3, 4], 2))).toBe(0.8);
  });
  test("counts are compared as e to the log rate", () => {
    const counts = input(kind("count"), 1, [0, Math.log(3)], [0, 3]);
    expect(value("mae", counts)).toBeCloseTo(0.5, 6);
    expect(value("poisson_deviance", counts)).toBeCloseTo(1, 6);
  });
  test("ordinal levels are the thresholds passed by the product of chances", () => {
    // σ(3) > ½, σ(3)·σ(0.2) > ½, then σ(-1) ends it although σ(9) would pass alone.
    expect(value("mae", input(kind("ordinal", [], 5), 4, [3, 0.2, -1, 9], [2]))).toBe(0);
    expect(value("accuracy", input(kind("ordinal", [], 3), 2, [0.4, 0.4], [1]))).toBe(1);
  });
  test("an absurd logit gives no NaN", () => {
    expect(value("log_loss", input(kind("class", [], 2), 2, [1e30, -1e30], [1]))).toBeGreaterThan(1e30);
    expect(value("brier", input(kind("flag"), 1, [-1e30, 1e30], [1, 1]))).toBe(0.5);
  });
  test("a box with a missing corner is missing", () => {
    const boxes = input(kind("real", [4]), 1, [0, 0, 2, 2, 9, 9, 9, 9], [1, 0, 2, 2, 0, null, 1, 1], 4);
    expect(value("iou", boxes)).toBe(0.5);
    expect(value("iou", boxes, { box: "xywh" })).toBeCloseTo(2 / 6, 12);
  });
  test("iou and span_f1 say which kinds they fit", () => {
    expect(rows.get("iou")?.fits?.(kind("real", [3]))).toContain("real[4]");
    expect(rows.get("iou")?.fits?.(kind("class", [8, 8], 3))).toBeNull();
    expect(rows.get("iou")?.fits?.(kind("class", [], 3))).not.toBeNull();
    expect(rows.get("span_f1")?.fits?.({ ...kind("class", [9], 3), axes: ["words"] })).toBeNull();
    expect(rows.get("span_f1")?.fits?.(kind("class", [9], 3))).not.toBeNull();
  });
  test("padding inside a row does not part a span", () => {
    expect(spansOf(["I-a", "I-a", "B-a", "O", "B-b", "I-a"])).toEqual([
      { first: 0, last: 1, type: "a" },
      { first: 2, last: 2, type: "a" },
      { first: 4, last: 4, type: "b" },
      { first: 5, last: 5, type: "a" },
    ]);
    const words = { ...kind("class", [3], 3), axes: ["words"] };
    const logits = [0, 1, 0, 1, 0, 0, 0, 0, 1];
    // The middle token has no answer: B-a, I-a are neighbours then.
    expect(value("span_f1", input(words, 3, logits, [1, null, 2], 3))).toBe(1);
  });
});

test("kendall's tau agrees with counting every pair", () => {
  let state = 12345;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let round = 0; round < 200; round++) {
    const count = random(40);
    const target = Float64Array.from({ length: count }, () => random(1 + (round % 12)));
    const predicted = Float64Array.from({ length: count }, () => random(12));
    let [less, x, y] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < i; j++) {
        const [a, b] = [Math.sign(target[i] - target[j]), Math.sign(predicted[i] - predicted[j])];
        less += a * b;
        x += Math.abs(a);
        y += Math.abs(b);
      }
    }
    const expected = x > 0 && y > 0 ? less / Math.sqrt(x * y) : null;
    const tau = kendallTau({ target, predicted });
    if (expected === null) expect(tau).toBeNull();
    else expect(tau).toBeCloseTo(expected, 12);
  }
});
