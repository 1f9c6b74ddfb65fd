import type { MetricInput } from "../registry/rows.ts";
import { codeCount, codes } from "./answers.ts";
import { metric } from "./row.ts";

/** How often each class was answered by each. */
export interface Confusion {
  readonly size: number;
  readonly total: number;
  /** How often each class was answered by each, of the pairs that occur. */
  readonly pairs: readonly Pair[];
  /** How often each class was answered rightly. */
  readonly right: Float64Array;
  /** How often each class is the target, and how often it is predicted. */
  readonly targets: Float64Array;
  readonly predictions: Float64Array;
}

interface Pair {
  readonly target: number;
  readonly predicted: number;
  readonly count: number;
}

export function confusionOf(input: MetricInput): Confusion {
  const { target, predicted } = codes(input);
  return countPairs(codeCount(input), target, predicted);
}

export function countPairs(size: number, target: Float64Array, predicted: Float64Array): Confusion {
  const counts = new Map<number, number>();
  const right = new Float64Array(size);
  const targets = new Float64Array(size);
  const predictions = new Float64Array(size);
  for (let i = 0; i < target.length; i++) {
    const pair = target[i] * size + predicted[i];
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
    if (target[i] === predicted[i]) right[target[i]]++;
    targets[target[i]]++;
    predictions[predicted[i]]++;
  }
  const pairs = [...counts].map(([pair, count]) => ({
    target: Math.floor(pair / size),
    predicted: pair % size,
    count,
  }));
  return { size, total: target.length, pairs, right, targets, predictions };
}

/** How often class `c` was answered rightly. */
export function hits({ right }: Confusion, c: number): number {
  return right[c];
}
/** Classes that occur in targets or predictions. */
export function occurring({ size, targets, predictions }: Confusion): number[] {
  return Array.from({ length: size }, (_, c) => c).filter((c) => targets[c] + predictions[c] > 0);
}

export const confusion = metric({
  name: "confusion",
  doc: "How often each class was answered by each: rows are the right classes, columns the predicted ones.",
  kinds: ["class", "flag"],
  better: null,
  inUnits: false,
  settings: {},
  aliases: ["confusion_matrix", "ConfusionMatrix"],
  compute(_, input) {
    const { pairs, size, total } = confusionOf(input);
    if (total === 0) return null;
    const table = Array.from({ length: size }, () => new Array<number>(size).fill(0));
    for (const { target, predicted, count } of pairs) table[target][predicted] = count;
    return table;
  },
});
