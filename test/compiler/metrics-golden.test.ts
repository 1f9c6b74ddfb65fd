import { describe, expect, test } from "vitest";
import type { TaskKind, Value } from "../../compiler/ir/model.ts";
import { boxOverlaps, classOverlaps } from "../../compiler/metrics/iou.ts";
import { confusionOf } from "../../compiler/metrics/confusion.ts";
import { countSpans, spansOf } from "../../compiler/metrics/spans.ts";
import { predictedCode } from "../../compiler/metrics/answers.ts";
import { metricRows } from "../../compiler/metrics/index.ts";
import type { MetricInput } from "../../compiler/registry/rows.ts";
import { expectClose, flatten, golden, type Nested, numbers, printUnbuilt, settingsOf, shapeOf } from "./golden.ts";

type Tags = readonly (readonly string[])[];
interface Entry {
  readonly id: string;
  readonly metric: string;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly prediction_kind: "logits" | "values" | "log_rate" | "corn_logits" | "tags";
  readonly prediction: Nested | Tags;
  readonly target: Nested | Tags;
  readonly value: Nested;
  readonly tolerance: number;
  readonly per_box?: readonly number[];
  readonly classes_predicted?: readonly number[];
  readonly precision?: number;
  readonly recall?: number;
  readonly gold_spans?: readonly (readonly [number, number, number, string])[];
  readonly predicted_spans?: readonly (readonly [number, number, number, string])[];
}
const file = golden<{ entries: Entry[]; combined: { score: string }[]; diagnostics: unknown[] }>("metrics.json");

const rows = new Map(metricRows.map((row) => [row.name, row]));

function isTags(nested: Nested | Tags): nested is Tags {
  return JSON.stringify(nested).includes('"');
}
function kindOf(entry: Entry, target: readonly number[], width: number): TaskKind {
  const plain = { learnt: false, shape: target.slice(1) };
  switch (entry.prediction_kind) {
    case "values":
      return { ...plain, word: "real", size: 1 };
    case "log_rate":
      return { ...plain, word: "count", size: 1 };
    case "corn_logits":
      return { ...plain, word: "ordinal", size: width + 1 };
    case "tags":
      return { ...plain, word: "class", size: width, axes: ["words"] };
    case "logits": {
      const apart = shapeOf(isTags(entry.prediction) ? [] : entry.prediction).length > target.length;
      if (apart) return { ...plain, word: "class", size: width };
      return target.length === 2
        ? { word: "flags", size: target[1], learnt: false, shape: [] }
        : { ...plain, word: "flag", size: 1 };
    }
  }
}

/** Tags as codes and logits: 1 at the code, 0 elsewhere. Rows of unequal length are padded, with a label that would count. */
function coded(prediction: Tags, target: Tags): MetricInput {
  const labels = [...new Set([...prediction.flat(), ...target.flat(), "B-padding"])];
  const width = labels.length;
  const elements = Math.max(...target.map((row) => row.length));
  const padded = (rows: Tags) =>
    rows.flatMap((row) => Array.from({ length: elements }, (_, i) => labels.indexOf(row[i] ?? "B-padding")));
  return {
    kind: { word: "class", size: width, learnt: true, shape: [elements], axes: ["words"] },
    rows: target.length,
    elements,
    width,
    prediction: Float64Array.from(padded(prediction).flatMap((code) => labels.map((_, c) => (c === code ? 1 : 0)))),
    target: Float64Array.from(padded(target)),
    present: Uint8Array.from(
      target.flatMap((row) => Array.from({ length: elements }, (_, i) => (i < row.length ? 1 : 0))),
    ),
    labels,
  };
}

function inputOf(entry: Entry): MetricInput {
  const { prediction, target } = entry;
  if (isTags(prediction) || isTags(target)) {
    if (!isTags(prediction) || !isTags(target)) throw new Error(`${entry.id}: tags on one side only`);
    return coded(prediction, target);
  }
  const shape = shapeOf(target);
  const width = shapeOf(prediction)[shape.length] ?? 1;
  const answers = flatten(target);
  return {
    kind: kindOf(entry, shape, width),
    rows: shape[0],
    elements: answers.length / shape[0],
    width,
    prediction: Float64Array.from(numbers(prediction)),
    target: Float64Array.from(answers, (value) => value ?? 0),
    present: Uint8Array.from(answers, (value) => (value === null ? 0 : 1)),
  };
}

/** Settings as the language has them: `binary` and the plain mean over flags go without saying. */
function ours(entry: Entry): Record<string, Value> {
  const settings: Record<string, Value> = { ...entry.settings };
  delete settings.kind;
  const row = rows.get(entry.metric);
  if (settings.average === "binary" || !row || !("average" in row.settings)) delete settings.average;
  return settings;
}

describe("metrics agree with other programs", () => {
  const entries = file.entries;
  test.each(entries.map((entry): [string, Entry] => [entry.id, entry]))("%s", (_, entry) => {
    const row = rows.get(entry.metric);
    const input = inputOf(entry);
    if (!row?.compute) throw new Error(`no metric ${entry.metric}`);
    expect(row.kinds).toContain(input.kind.word);
    // One value a class is not a metric of its own: it is what `iou` is the mean of.
    if (entry.settings.average === "none") {
      const overlaps = classOverlaps(confusionOf(input));
      expect(overlaps.map((each) => each === null)).toEqual(flatten(entry.value).map((each) => each === null));
      return expectClose(
        overlaps.filter((each) => each !== null),
        flatten(entry.value).filter((each) => each !== null),
        entry.tolerance,
      );
    }
    const value = row.compute(settingsOf(row, ours(entry)), input);
    if (entry.value === null) return expect(value).toBeNull();
    if (value === null) return expect.fail("null, but it is defined");
    expectClose(typeof value === "number" ? [value] : value.flat(), numbers(entry.value), entry.tolerance);
  });

  test("what the entries say beside their value holds too", () => {
    const checked = { boxes: 0, levels: 0, spans: 0 };
    for (const entry of entries) {
      const input = inputOf(entry);
      if (entry.per_box) {
        const form = entry.settings.box;
        if (form !== "xywh") throw new Error(`${entry.id}: ${form} is not handled here`);
        expectClose(boxOverlaps(input, form), entry.per_box, entry.tolerance);
        checked.boxes++;
      }
      if (entry.classes_predicted) {
        const present = Array.from(input.present.keys()).filter((i) => input.present[i] === 1);
        const all = Array.from(input.present.keys()).map((i) => predictedCode(input, i));
        const wanted = entry.classes_predicted;
        expect(wanted.length === all.length ? all : present.map((i) => all[i])).toEqual(wanted);
        checked.levels++;
      }
      if (entry.gold_spans && isTags(entry.prediction) && isTags(entry.target)) {
        const list = (tags: Tags) =>
          tags.flatMap((row, i) => spansOf(row).map(({ first, last, type }) => [i, first, last, type]));
        expect(list(entry.target)).toEqual(entry.gold_spans);
        expect(list(entry.prediction)).toEqual(entry.predicted_spans);
        const counts = countSpans(input);
        if (!counts) throw new Error(`${entry.id}: no counts`);
        expectClose([counts.right / Math.max(1, counts.predicted)], [entry.precision ?? NaN], entry.tolerance);
        expectClose([counts.right / Math.max(1, counts.gold)], [entry.recall ?? NaN], entry.tolerance);
        checked.spans++;
      }
    }
    expect(checked).toEqual({ boxes: 1, levels: 1, spans: 9 });
  });
});

// Scores of several tasks or runs together, and what gradients say of each other: words of reports, which the language has not.
if (file) {
  const scores = file.combined.map(({ score }) => score);
  printUnbuilt("metrics.json", [...scores, ...file.diagnostics.map(() => "gradient diagnostics")]);
}
