import type { MetricInput } from "../registry/rows.ts";
import { codeCount, codes } from "./answers.ts";
import { metric } from "./row.ts";

/** How often each class was answered by each. */
export interface Confusion {
  readonly size: number;
  readonly total: number;
  /** [size × size]: row target, column prediction. */
  readonly counts: Float64Array;
  /** How often each class is the target, and how often it is predicted. */
  readonly targets: Float64Array;
  readonly predictions: Float64Array;
}

export function confusionOf(input: MetricInput): Confusion {
  const { target, predicted } = codes(input);
  return countPairs(codeCount(input), target, predicted);
}

export function countPairs(size: number, target: Float64Array, predicted: Float64Array): Confusion {
  const counts = new Float64Array(size * size);
  const targets = new Float64Array(size);
  const predictions = new Float64Array(size);
  for (let i = 0; i < target.length; i++) {
    counts[target[i] * size + predicted[i]]++;
    targets[target[i]]++;
    predictions[predicted[i]]++;
  }
  return { size, total: target.length, counts, targets, predictions };
}

/** How often class `c` was answered rightly. */
export function hits({ counts, size }: Confusion, c: number): number {
  return counts[c * size + c];
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
    const { counts, size, total } = confusionOf(input);
    if (total === 0) return null;
    return Array.from({ length: size }, (_, row) => Array.from(counts.subarray(row * size, (row + 1) * size)));
  },
});
