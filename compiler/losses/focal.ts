import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import { number } from "../registry/settings.ts";
import { inShapeOf, loss, weightedSum } from "./row.ts";

/** (1 - p)^γ · (-log p), from -log p. Slope 0 where p rounds to 1: there the power has no finite slope for γ < 1. */
function focus(g: Builder, cost: Node, gamma: number): Node {
  if (gamma === 0) return cost;
  const doubt = g.neg(g.expm1(g.neg(cost)));
  if (gamma === 1) return g.mul(doubt, cost);
  if (gamma === 2) return g.mul(g.square(doubt), cost);
  const open = g.greater(doubt, g.constant(0));
  const power = g.exp(g.mul(g.constant(gamma), g.log(g.select(open, doubt, g.constant(1)))));
  return g.select(open, g.mul(power, cost), g.constant(0));
}

export const focal = loss({
  name: "focal",
  doc: "Cross-entropy that counts easy elements less: (1 - p_t)^γ (-log p_t), p_t the probability given to the right answer. For flags, alpha weighs a yes by α and a no by 1 - α.",
  kinds: ["class", "flag", "flags"],
  only: { alpha: ["flag", "flags"] },
  wants: "logits",
  positive: true,
  settings: {
    gamma: number({ min: 0 })
      .positional()
      .default(2)
      .describe("γ: how strongly easy elements are played down; 0 is plain cross-entropy."),
    alpha: number({ min: 0, max: 1 }).optional().describe("α: weight of a yes, 1 - α of a no; only for flags."),
  },
  source: "1708.02002",
  aliases: ["focal_loss", "FocalLoss", "BinaryFocalCrossentropy", "CategoricalFocalCrossentropy", "sigmoid_focal_loss"],
  parts(g, { settings, prediction, target, weight, kind }) {
    if (kind.word === "class") {
      return weightedSum(g, focus(g, g.softmaxCrossEntropy(prediction, target), settings.gamma), weight);
    }
    const cost = g.sigmoidCrossEntropy(inShapeOf(g, target, prediction), target);
    const focused = focus(g, cost, settings.gamma);
    if (settings.alpha === null) return weightedSum(g, focused, weight);
    const { alpha } = settings;
    const side = g.add(g.mul(g.constant(2 * alpha - 1), target), g.constant(1 - alpha));
    return weightedSum(g, g.mul(side, focused), weight);
  },
  example: "loss: focal(gamma: 2)",
});
