import { ownOf } from "../../compiler/ir/own.ts";
import { knownAnswerShape, predictionWidthOf } from "../../compiler/lower/answers.ts";
import { elementCount } from "../../compiler/graph/graph.ts";
import type { Cell, Model, Task } from "../../compiler/ir/model.ts";
import type { Codes, RowSet } from "../data/data.ts";
import { lengthsAlong } from "./decode.ts";
import type { SetResult } from "./evaluate.ts";

/** What a task answers for one row, in its own terms. Answers along axes are nested lists. */
export type Answer = Nested<number | ClassAnswer | FlagAnswer | OrdinalAnswer>;
export type Nested<T> = T | readonly Nested<T>[];
export interface ClassAnswer {
  readonly label: Cell;
  /** By label, as text. */
  readonly probabilities: Readonly<Record<string, number>>;
}
export interface FlagAnswer {
  readonly label: boolean;
  readonly probability: number;
}
/** Of `ordinal(n)`; levels that are written are answered as the labels of a class are. */
export interface OrdinalAnswer {
  readonly label: number;
  /** Of each level. */
  readonly probabilities: readonly number[];
}

/** Answers of every row, by task, from the raw outputs of the heads; along tokens as many as the row has. */
export function answersOf(
  model: Model,
  codes: Codes,
  set: RowSet,
  { rows, predictions, decoded }: SetResult,
): Record<string, Answer>[] {
  const readers = model.tasks.map((task) => {
    const lengths = knownAnswerShape(task).map((_, index) => {
      const axis = task.kind.axes?.[index] ?? null;
      return axis === null ? null : lengthsAlong(set, axis);
    });
    return { name: task.name, at: rowReader(task, codes, predictions[task.name], ownOf(decoded, task.name), lengths) };
  });
  return Array.from({ length: rows }, (_, row) => Object.fromEntries(readers.map(({ name, at }) => [name, at(row)])));
}

/** Answers such as a row gets, of no row: they tell the columns of a table of answers that has no rows. */
export function blankAnswers(model: Model, codes: Codes): Record<string, Answer> {
  return Object.fromEntries(
    model.tasks.map((task) => {
      const size = elementCount(knownAnswerShape(task)) * predictionWidthOf(task);
      return [task.name, rowReader(task, codes, new Float32Array(size), null, [])(0)];
    }),
  );
}

/** Reads a task's answer for a row. `lengths` are those of the rows along an axis; null for one that is always full. */
function rowReader(
  task: Task,
  codes: Codes,
  raw: Float32Array,
  chosen: ArrayLike<number> | null | undefined,
  lengths: readonly (Int32Array | null)[],
): (row: number) => Answer {
  const shape = knownAnswerShape(task);
  const width = predictionWidthOf(task);
  const elements = elementCount(shape);
  const read = elementReader(task, codes, width);
  return (row) => {
    const real = shape.map((size, index) => Math.min(size, lengths[index]?.[row] ?? size));
    return nest(shape, real, (k) => read(raw, (row * elements + k) * width, k, chosen?.[row * elements + k]));
  };
}

/** Labels by code, of a task that has them. */
export function labelsOf(task: Task, codes: Codes, width: number): readonly Cell[] {
  return ownOf(codes.tasks, task.name)?.labels ?? task.kind.labels ?? Array.from({ length: width }, (_, code) => code);
}

type ElementReader = (
  raw: Float32Array,
  at: number,
  element: number,
  /** Its label, where labels are chosen together. */
  chosen: number | undefined,
) => number | ClassAnswer | FlagAnswer | OrdinalAnswer;

function elementReader(task: Task, codes: Codes, width: number): ElementReader {
  switch (task.kind.word) {
    case "class": {
      const labels = labelsOf(task, codes, width);
      return (raw, at, _, chosen) => {
        const probabilities = softmax(raw.subarray(at, at + width));
        return classAnswer(labels, chosen ?? largest(probabilities), probabilities);
      };
    }
    case "flag":
    case "flags":
      return (raw, at) => ({ label: raw[at] > 0, probability: 1 / (1 + Math.exp(-raw[at])) });
    case "ordinal": {
      const { labels } = task.kind;
      return (raw, at) => {
        const answer = ordinalAnswer(raw.subarray(at, at + width));
        return labels ? classAnswer(labels, answer.label, answer.probabilities) : answer;
      };
    }
    case "count":
      return (raw, at) => Math.exp(raw[at]);
    case "real": {
      const scale = ownOf(codes.tasks, task.name)?.scale;
      if (!scale) return (raw, at) => raw[at];
      const { factor, shift } = scale;
      return (raw, at, element) => raw[at] * factor[element % factor.length] + shift[element % shift.length];
    }
    default:
      throw new Error(`no answers of kind ${String(task.kind.word satisfies never)}`);
  }
}

function classAnswer(labels: readonly Cell[], code: number, probabilities: readonly number[]): ClassAnswer {
  return {
    label: labels[code],
    probabilities: Object.fromEntries(labels.map((label, k) => [String(label), probabilities[k]])),
  };
}

/** P(y > k) is the product of the first k + 1 sigmoids; the class is the number of k for which it is above one half. */
function ordinalAnswer(logits: Float32Array): OrdinalAnswer {
  const above: number[] = [];
  let product = 1;
  for (const logit of logits) above.push((product *= 1 / (1 + Math.exp(-logit))));
  const probabilities = [1, ...above].map((chance, level) => chance - (above[level] ?? 0));
  return { label: above.filter((chance) => chance > 0.5).length, probabilities };
}

function softmax(logits: Float32Array): number[] {
  const most = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - most));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

function largest(values: readonly number[]): number {
  return values.reduce((best, value, k) => (value > values[best] ? k : best), 0);
}

/** The first `real` elements of each axis of a shape as nested lists; a single one stands by itself. */
function nest<T>(shape: readonly number[], real: readonly number[], at: (index: number) => T, from = 0): Nested<T> {
  const [, ...rest] = shape;
  const [size, ...others] = real;
  if (size === undefined) return at(from);
  const step = elementCount(rest);
  return Array.from({ length: size }, (_, k) => nest(rest, others, at, from + k * step));
}
