import type { MetricInput } from "../registry/rows.ts";
import { flagsApart, logSumExp, type Pairs } from "./answers.ts";
import { meanOf, metric } from "./row.ts";

/** How well scores put the positive elements before the negative ones. */

/** Runs of equal scores from the largest down: how many positives and negatives each holds. */
function* steps({ target, predicted }: Pairs): Generator<{ positives: number; negatives: number }> {
  const order = Uint32Array.from(target, (_, i) => i).sort((a, b) => predicted[b] - predicted[a]);
  for (let i = 0; i < order.length;) {
    const score = predicted[order[i]];
    let positives = 0;
    const from = i;
    for (; i < order.length && predicted[order[i]] === score; i++) positives += target[order[i]];
    yield { positives, negatives: i - from - positives };
  }
}

/** Mann–Whitney: the share of pairs of a positive and a negative that stand in the right order, a tie counting half. */
function areaUnderCurve(pairs: Pairs): number | null {
  let above = 0;
  let ordered = 0;
  let negativesSeen = 0;
  for (const { positives, negatives } of steps(pairs)) {
    ordered += negatives * (above + positives / 2);
    above += positives;
    negativesSeen += negatives;
  }
  return above > 0 && negativesSeen > 0 ? ordered / (above * negativesSeen) : null;
}

function averagePrecisionOf(pairs: Pairs): number | null {
  let found = 0;
  let seen = 0;
  let sum = 0;
  for (const { positives, negatives } of steps(pairs)) {
    found += positives;
    seen += positives + negatives;
    sum += positives * (found / seen);
  }
  return found > 0 ? sum / found : null;
}

/** Each class against the rest, scored by its softmax probability. */
function oneAgainstRest(input: MetricInput): Pairs[] {
  const { rows, elements, width, prediction, target, present } = input;
  const kept: number[] = [];
  for (let i = 0; i < rows * elements; i++) if (present[i] !== 0) kept.push(i);
  const norms = kept.map((index) => logSumExp(input, index));
  return Array.from({ length: width }, (_, c) => ({
    target: Float64Array.from(kept, (index) => (target[index] === c ? 1 : 0)),
    predicted: Float64Array.from(kept, (index, i) => Math.exp(prediction[index * width + c] - norms[i])),
  }));
}

export const auc = metric({
  name: "auc",
  doc: "Area under the ROC curve: how often a yes is scored above a no, ties counting half. Undefined where only one of the two occurs. For flags the mean over those where it is defined; for classes the mean of one against the rest on softmax probabilities.",
  kinds: ["flag", "flags", "class"],
  better: "up",
  inUnits: false,
  settings: {},
  source: "Mann and Whitney 1947",
  aliases: ["roc_auc", "AUC", "AUROC", "roc_auc_score"],
  compute(_, input) {
    const parts = input.kind.word === "class" ? oneAgainstRest(input) : flagsApart(input, "logit");
    return meanOf(parts.map(areaUnderCurve));
  },
});

export const averagePrecision = metric({
  name: "average_precision",
  doc: "Σ (R_n − R_{n−1}) P_n over the distinct scores from the largest down: precision averaged over recall. Undefined without a yes. For flags the mean over those where it is defined.",
  kinds: ["flag", "flags"],
  better: "up",
  inUnits: false,
  settings: {},
  aliases: ["ap", "pr_auc", "AveragePrecision", "average_precision_score"],
  compute: (_, input) => meanOf(flagsApart(input, "logit").map(averagePrecisionOf)),
});
