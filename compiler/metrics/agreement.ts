import { choice } from "../registry/settings.ts";
import { confusionOf, hits } from "./confusion.ts";
import { metric } from "./row.ts";

/** Agreement beyond chance, from the table of confusions. 0 where the denominator is 0. */

export const mcc = metric({
  name: "mcc",
  doc: "Matthews' correlation between targets and predictions, for any number of classes: 1 all right, 0 no better than chance.",
  kinds: ["class", "flag", "ordinal"],
  better: "up",
  inUnits: false,
  settings: {},
  source: "Gorodkin 2004",
  aliases: ["matthews_corrcoef", "MatthewsCorrelationCoefficient"],
  compute(_, input) {
    const table = confusionOf(input);
    const { size, total, targets, predictions } = table;
    if (total === 0) return null;
    let right = 0;
    let chance = 0;
    let spreadOfTargets = total * total;
    let spreadOfPredictions = total * total;
    for (let c = 0; c < size; c++) {
      right += hits(table, c);
      chance += targets[c] * predictions[c];
      spreadOfTargets -= targets[c] ** 2;
      spreadOfPredictions -= predictions[c] ** 2;
    }
    const denominator = Math.sqrt(spreadOfTargets) * Math.sqrt(spreadOfPredictions);
    return denominator > 0 ? (right * total - chance) / denominator : 0;
  },
});

export const kappa = metric({
  name: "kappa",
  doc: "Cohen's kappa: agreement beyond what the frequencies alone would give. With `weights: quadratic` an answer two classes off costs four times one class off, for ordered classes.",
  kinds: ["class", "flag", "ordinal"],
  better: "up",
  inUnits: false,
  settings: {
    weights: choice("none", "quadratic")
      .positional()
      .default("none")
      .describe("What a wrong answer costs: the same always, or the square of its distance."),
  },
  source: "Cohen 1960",
  aliases: ["cohen_kappa", "cohen_kappa_score", "quadratic_weighted_kappa"],
  compute({ weights }, input) {
    const { total, pairs, targets, predictions } = confusionOf(input);
    if (total === 0) return null;
    const cost = (a: number, b: number): number => (weights === "quadratic" ? (a - b) ** 2 : a === b ? 0 : 1);
    const observed = pairs.reduce((sum, { target, predicted, count }) => sum + count * cost(target, predicted), 0);
    // Each target beside each prediction, without a look at every pair of classes.
    const expected =
      weights === "quadratic"
        ? total * (moment(targets, 2) + moment(predictions, 2)) - 2 * moment(targets, 1) * moment(predictions, 1)
        : total ** 2 - targets.reduce((sum, count, c) => sum + count * predictions[c], 0);
    return expected > 0 ? 1 - (observed * total) / expected : 0;
  },
});

/** Sum of count · class^power. */
function moment(counts: Float64Array, power: number): number {
  return counts.reduce((sum, count, c) => sum + count * c ** power, 0);
}
