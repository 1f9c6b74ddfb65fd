import type { MetricInput, TaskWord } from "../registry/rows.ts";
import { type Pairs, valuesByOutput } from "./answers.ts";
import { kendallTau } from "./kendall.ts";
import { meanOf, metric } from "./row.ts";

/** How predictions move with targets: each output by itself, then the mean over those where it is defined. */

function average(numbers: Float64Array): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

function determination({ target, predicted }: Pairs): number | null {
  if (target.length < 2) return null;
  const center = average(target);
  let unexplained = 0;
  let spread = 0;
  for (let i = 0; i < target.length; i++) {
    unexplained += (predicted[i] - target[i]) ** 2;
    spread += (target[i] - center) ** 2;
  }
  return isConstant(target) ? null : 1 - unexplained / spread;
}

function isConstant(numbers: Float64Array): boolean {
  return numbers.every((each) => each === numbers[0]);
}

function correlation({ target, predicted }: Pairs): number | null {
  if (target.length < 2 || isConstant(target) || isConstant(predicted)) return null;
  const [a, b] = [average(target), average(predicted)];
  let together = 0;
  let spreadA = 0;
  let spreadB = 0;
  for (let i = 0; i < target.length; i++) {
    together += (target[i] - a) * (predicted[i] - b);
    spreadA += (target[i] - a) ** 2;
    spreadB += (predicted[i] - b) ** 2;
  }
  return together / (Math.sqrt(spreadA) * Math.sqrt(spreadB));
}

/** Places from 1 in rising order; equal numbers share the mean of theirs. */
function meanRanks(numbers: Float64Array): Float64Array {
  const order = Uint32Array.from(numbers, (_, i) => i).sort((a, b) => numbers[a] - numbers[b]);
  const ranks = new Float64Array(numbers.length);
  for (let i = 0; i < order.length;) {
    const from = i;
    while (i < order.length && numbers[order[i]] === numbers[order[from]]) i++;
    for (let j = from; j < i; j++) ranks[order[j]] = (from + 1 + i) / 2;
  }
  return ranks;
}

function byOutput(
  name: string,
  doc: string,
  kinds: readonly TaskWord[],
  aliases: readonly string[],
  compute: (pairs: Pairs) => number | null,
) {
  return metric({
    name,
    doc,
    kinds,
    better: "up",
    inUnits: false,
    settings: {},
    aliases,
    compute: (_, input: MetricInput) => meanOf(valuesByOutput(input).map(compute)),
  });
}

export const r2 = byOutput(
  "r2",
  "Share of the target's variance that is explained, 1 − Σ(p − t)² / Σ(t − mean t)²: 1 all, 0 no better than the mean. Per output, then the mean; undefined for fewer than two labels or constant targets.",
  ["real"],
  ["r2_score", "R2Score", "r_squared"],
  determination,
);
export const pearson = byOutput(
  "pearson",
  "Pearson's correlation. Per output, then the mean; undefined when targets or predictions are constant.",
  ["real", "ordinal"],
  ["pearsonr", "PearsonCorrelation"],
  correlation,
);
export const spearman = byOutput(
  "spearman",
  "Spearman's correlation: Pearson's on ranks, equal numbers sharing their mean rank. Per output, then the mean; undefined when targets or predictions are constant.",
  ["real", "ordinal"],
  ["spearmanr"],
  ({ target, predicted }) => correlation({ target: meanRanks(target), predicted: meanRanks(predicted) }),
);
export const kendall = byOutput(
  "kendall",
  "Kendall's tau-b: pairs in the right order less pairs in the wrong one, corrected for ties. Per output, then the mean; undefined when targets or predictions are constant.",
  ["real", "ordinal"],
  ["kendalltau", "kendall_tau"],
  kendallTau,
);
