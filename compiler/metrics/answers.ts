import type { MetricInput } from "../registry/rows.ts";

/** What a head answered, read off its numbers, beside what was right; present elements only. */

export interface Pairs {
  readonly target: Float64Array;
  readonly predicted: Float64Array;
}

export function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}

/** The code that element `index` was given: the largest logit, lowest index on ties; logit > 0; levels with P > ½. */
export function predictedCode(input: MetricInput, index: number): number {
  const { kind, prediction, width } = input;
  const from = index * width;
  switch (kind.word) {
    case "class": {
      if (input.decoded) return input.decoded[index];
      let best = 0;
      for (let c = 1; c < width; c++) if (prediction[from + c] > prediction[from + best]) best = c;
      return best;
    }
    case "flag":
    case "flags":
      return prediction[from] > 0 ? 1 : 0;
    case "ordinal": {
      // P(y > k) = Π σ(z_j) falls with k, so the levels above ½ come first.
      let above = 1;
      for (let k = 0; k < width; k++) {
        above *= sigmoid(prediction[from + k]);
        if (!(above > 0.5)) return k;
      }
      return width;
    }
    case "real":
    case "count":
      throw new Error(`${kind.word} has no codes`);
  }
}

/** The number that element `index` was given: a value, e^z of a log rate, a level. */
function predictedValue(input: MetricInput, index: number): number {
  const { kind, prediction } = input;
  switch (kind.word) {
    case "real":
      return prediction[index];
    case "count":
      return Math.exp(prediction[index]);
    default:
      return predictedCode(input, index);
  }
}

/** Present elements, in order, whose place among `columns` outputs is `column`. */
function collect(
  input: MetricInput,
  read: (input: MetricInput, index: number) => number,
  columns: number,
  column: number,
): Pairs {
  const { target, present, rows, elements } = input;
  const total = rows * elements;
  let count = 0;
  for (let i = column; i < total; i += columns) count += present[i];
  const pairs = { target: new Float64Array(count), predicted: new Float64Array(count) };
  let at = 0;
  for (let i = column; i < total; i += columns) {
    if (present[i] === 0) continue;
    pairs.target[at] = target[i];
    pairs.predicted[at] = read(input, i);
    at++;
  }
  return pairs;
}

/** Codes of all present elements. */
export function codes(input: MetricInput): Pairs {
  return collect(input, predictedCode, 1, 0);
}
/** Numbers of all present elements, in the target's own units. */
export function values(input: MetricInput): Pairs {
  return collect(input, predictedValue, 1, 0);
}
/** Numbers of each output by itself: `real[4]` has four. Positions along a token axis are no outputs. */
export function valuesByOutput(input: MetricInput): Pairs[] {
  const { kind, elements } = input;
  const positions = (kind.axes ?? []).map((axis) => axis !== null).lastIndexOf(true);
  const own = kind.shape.slice(positions + 1);
  const outputs = positions < 0 ? elements : own.reduce<number>((size, each) => size * Number(each), 1);
  return Array.from({ length: outputs }, (_, output) => collect(input, predictedValue, outputs, output));
}
/** Each flag by itself, with its logit or its code; one for `flag`. */
export function flagsApart(input: MetricInput, read: "logit" | "code"): Pairs[] {
  const flags = input.kind.word === "flags" ? Number(input.kind.size) : 1;
  const reader = read === "code" ? predictedCode : (each: MetricInput, index: number) => each.prediction[index];
  return Array.from({ length: flags }, (_, flag) => collect(input, reader, flags, flag));
}

/** Number of codes that a target can have. */
export function codeCount(input: MetricInput): number {
  switch (input.kind.word) {
    case "class":
      return input.width;
    case "ordinal":
      return input.width + 1;
    default:
      return 2;
  }
}

/** log Σ e^z of an element's logits. */
export function logSumExp(input: MetricInput, index: number): number {
  const { prediction, width } = input;
  const from = index * width;
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < width; c++) largest = Math.max(largest, prediction[from + c]);
  let sum = 0;
  for (let c = 0; c < width; c++) sum += Math.exp(prediction[from + c] - largest);
  return largest + Math.log(sum);
}
