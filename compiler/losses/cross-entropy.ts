import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import { choice, either, list, number } from "../registry/settings.ts";
import { loss, weightedSum } from "./row.ts";

/** v_c of each class: as written, or N/(C N_c) on the training rows; a class that never occurs there weighs nothing. */
export function classWeights(
  setting: "balanced" | readonly number[],
  classes: number,
  counts: readonly number[] | undefined,
): readonly number[] {
  if (setting !== "balanced") {
    if (setting.length !== classes) throw new Error(`${setting.length} class weights for ${classes} classes`);
    return setting;
  }
  if (counts === undefined) throw new Error("balanced class weights need the classes' counts");
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (count > 0 ? total / (classes * count) : 0));
}

export const crossEntropy = loss({
  name: "cross_entropy",
  doc: "Minus the logarithm of the probability that softmax gives the right class: -Σ_c t_c log softmax(z)_c, where t = (1-ε) · onehot + ε/C with label smoothing ε over C classes. With class weights v an element costs (1-ε) v_y (-log p_y) + (ε/C) Σ_c v_c (-log p_c), and the mean divides by the sum of v_y instead of the number of elements.",
  kinds: ["class"],
  wants: "logits",
  positive: true,
  settings: {
    label_smoothing: number({ min: 0, below: 1 })
      .positional()
      .default(0)
      .describe("ε: the share of each target that is spread evenly over all classes."),
    class_weights: either(choice("balanced"), list(number({ min: 0 })))
      .optional()
      .describe("A weight for each class, or `balanced`: N/(C N_c) from the counts of the training rows."),
  },
  aliases: [
    "CrossEntropyLoss",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
    "CategoricalCrossentropy",
    "SparseCategoricalCrossentropy",
    "nll_loss",
    "NLLLoss",
    "softmax_cross_entropy",
    "log_loss",
    "ce",
    "xent",
  ],
  parts(g, { settings, prediction, target, weight, classCounts }) {
    const { label_smoothing: epsilon, class_weights } = settings;
    const classes = prediction.type.shape.at(-1) ?? 1;
    if (class_weights === null) return weightedSum(g, smoothed(g, prediction, target, epsilon), weight);
    const values = classWeights(class_weights, classes, classCounts);
    const table = g.constant(values, { element: "f32", shape: [classes] });
    const own = g.mul(weight, g.gather(table, target));
    const right = g.mul(own, g.softmaxCrossEntropy(prediction, target));
    if (epsilon === 0) return { sum: g.sum(right), count: g.sum(own) };
    const all = g.neg(g.sum(g.mul(table, g.logSoftmax(prediction)), [-1]));
    const spread = g.mul(weight, g.mul(g.constant(epsilon / classes), all));
    return { sum: g.sum(g.add(g.mul(g.constant(1 - epsilon), right), spread)), count: g.sum(own) };
  },
  example: "loss: cross_entropy(label_smoothing: 0.05)",
});

/** Cross-entropy of each element against a target of which the share epsilon is spread over all classes. */
function smoothed(g: Builder, logits: Node, labels: Node, epsilon: number): Node {
  const right = g.softmaxCrossEntropy(logits, labels);
  if (epsilon === 0) return right;
  const spread = g.neg(g.mean(g.logSoftmax(logits), [-1]));
  return g.add(g.mul(g.constant(1 - epsilon), right), g.mul(g.constant(epsilon), spread));
}
