import { flagsApart, logSumExp, sigmoid } from "./answers.ts";
import { metric } from "./row.ts";

/** How far probabilities are from the answers. */

export const logLoss = metric({
  name: "log_loss",
  doc: "Mean of −log p_y, p_y the softmax probability of the right class.",
  kinds: ["class"],
  better: "down",
  inUnits: false,
  settings: {},
  aliases: ["nll", "negative_log_likelihood", "LogLoss"],
  compute(_, input) {
    const { rows, elements, width, prediction, target, present } = input;
    let count = 0;
    let sum = 0;
    for (let i = 0; i < rows * elements; i++) {
      if (present[i] === 0) continue;
      count++;
      sum += logSumExp(input, i) - prediction[i * width + target[i]];
    }
    return count > 0 ? sum / count : null;
  },
});

export const brier = metric({
  name: "brier",
  doc: "Brier score: mean of (p − y)², p the probability of yes.",
  kinds: ["flag"],
  better: "down",
  inUnits: false,
  settings: {},
  source: "Brier 1950",
  aliases: ["brier_score", "BrierScore"],
  compute(_, input) {
    const [{ target, predicted }] = flagsApart(input, "logit");
    if (target.length === 0) return null;
    return target.reduce((sum, y, i) => sum + (sigmoid(predicted[i]) - y) ** 2, 0) / target.length;
  },
});
