import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import { choice, either, list, number } from "../registry/settings.ts";
import { inShapeOf, loss, weightedSum } from "./row.ts";

/** q of each flag: as written, or negatives/positives of the training rows; 1 where one of the two never occurs. */
export function positiveWeights(
  setting: number | "balanced" | readonly number[],
  counts?: readonly number[],
): number[] {
  if (typeof setting === "number") return [setting];
  if (setting !== "balanced") return [...setting];
  if (counts === undefined) throw new Error("a balanced positive weight needs counts of no and yes for each flag");
  return Array.from({ length: counts.length / 2 }, (_, flag) => {
    const [no, yes] = counts.slice(2 * flag, 2 * flag + 2);
    return no > 0 && yes > 0 ? no / yes : 1;
  });
}

/** y(1-ε) + ε/2 */
function smoothedFlags(g: Builder, target: Node, epsilon: number): Node {
  return epsilon === 0 ? target : g.add(g.mul(target, g.constant(1 - epsilon)), g.constant(epsilon / 2));
}

export const binaryCrossEntropy = loss({
  name: "binary_cross_entropy",
  doc: "Minus the logarithm of the probability that sigmoid gives the right answer: max(z, 0) - z y + log(1 + e^-|z|) for logit z and answer y. With a positive weight q: -q y log σ(z) - (1-y) log σ(-z), and the mean is not reweighted. With label smoothing ε the answer y becomes y(1-ε) + ε/2. Several flags are averaged over all present answers.",
  kinds: ["flag", "flags"],
  wants: "logits",
  positive: true,
  settings: {
    positive_weight: either(either(choice("balanced"), number({ above: 0 })), list(number({ above: 0 })))
      .positional()
      .optional()
      .describe(
        "q: how much more a yes weighs than a no; one number, one for each flag, or `balanced`: negatives/positives of the training rows.",
      ),
    label_smoothing: number({ min: 0, below: 1 }).default(0).describe("ε: answers become y(1-ε) + ε/2."),
  },
  aliases: [
    "bce",
    "BCELoss",
    "BCEWithLogitsLoss",
    "binary_crossentropy",
    "BinaryCrossentropy",
    "sigmoid_cross_entropy",
    "binary_cross_entropy_with_logits",
    "logistic",
  ],
  parts(g, { settings, prediction, target, weight, classCounts }) {
    const logits = inShapeOf(g, target, prediction);
    const answers = smoothedFlags(g, target, settings.label_smoothing);
    if (settings.positive_weight === null) return weightedSum(g, g.sigmoidCrossEntropy(logits, answers), weight);
    const q = positiveWeights(settings.positive_weight, classCounts);
    const factor = q.length === 1 ? g.constant(q[0]) : g.constant(q, { element: "f32", shape: [q.length] });
    const yes = g.mul(g.mul(factor, answers), g.softplus(g.neg(logits)));
    const no = g.mul(g.sub(g.constant(1), answers), g.softplus(logits));
    return weightedSum(g, g.add(yes, no), weight);
  },
  example: "loss: binary_cross_entropy(positive_weight: balanced)",
});
