import { loss, weightedSum } from "./row.ts";

export const ordinal = loss({
  name: "ordinal",
  doc: "CORN, for ordered classes: K - 1 logits; logit k is trained on the rows with y ≥ k to say whether y > k, and the loss is the sum of these cross-entropies over the number of (row, k) pairs used. P(y > k) = Π_{j ≤ k} σ(z_j), so the probabilities are ordered by construction; the predicted class is the number of k with P > ½.",
  kinds: ["ordinal"],
  wants: "logits",
  positive: true,
  settings: {},
  source: "2111.08851",
  aliases: ["corn", "CORN", "coral", "corn_loss", "ordinal_regression"],
  width: (size) => size - 1,
  parts(g, { prediction, target, weight }) {
    const levels = prediction.type.shape.at(-1) ?? 1;
    const label = g.reshape(g.cast(target, "f32"), [...target.type.shape, 1]);
    const level = g.cast(g.iota(levels), "f32");
    const used = g.cast(g.greaterEqual(label, level), "f32");
    const above = g.cast(g.greater(label, level), "f32");
    const pairs = g.mul(g.reshape(weight, [...weight.type.shape, 1]), used);
    return weightedSum(g, g.sigmoidCrossEntropy(prediction, above), pairs);
  },
  example: "loss: ordinal",
});
