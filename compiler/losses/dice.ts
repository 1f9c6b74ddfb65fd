import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import { number } from "../registry/settings.ts";
import { loss } from "./row.ts";

/** [everything before, classes] */
function byClass(g: Builder, value: Node): Node {
  const classes = value.type.shape.at(-1) ?? 1;
  const elements = value.type.shape.slice(0, -1).reduce((product, size) => product * size, 1);
  return g.reshape(value, [elements, classes]);
}

/** 1 at each label's place on a new last axis. */
function oneHot(g: Builder, labels: Node, classes: number): Node {
  const places = g.equal(g.reshape(labels, [...labels.type.shape, 1]), g.iota(classes));
  return g.cast(places, "f32");
}

export const dice = loss({
  name: "dice",
  doc: "One minus the overlap of predicted and true areas: for each class over all present elements of the batch 1 - (2 Σ p t + s)/(Σ p + Σ t + s), p the probability and t the truth; then the mean of all classes. It looks at areas, so rare classes count as much as frequent ones.",
  kinds: ["class", "flags"],
  wants: "logits",
  positive: true,
  settings: {
    smooth: number({ min: 0 })
      .positional()
      .default(1)
      .describe("s: keeps classes that do not occur from dividing by 0."),
  },
  source: "1606.04797",
  aliases: ["DiceLoss", "dice_loss", "Dice", "soft_dice"],
  fits: (kind) =>
    kind.word === "class" && kind.shape.length === 0
      ? "it compares areas: it needs a class along axes, such as class(3)[64, 64], or flags"
      : null,
  parts(g, { settings, prediction, target, weight, kind }) {
    const classes = prediction.type.shape.at(-1) ?? 1;
    const labels = kind.word === "class";
    const p = byClass(g, labels ? g.softmax(prediction) : g.sigmoid(prediction));
    const t = byClass(g, labels ? oneHot(g, target, classes) : target);
    const w = labels ? g.reshape(weight, [p.type.shape[0], 1]) : byClass(g, weight);
    const area = (x: Node): Node => g.sum(g.mul(w, x), [0]);
    const smooth = g.constant(settings.smooth);
    const met = g.add(g.mul(g.constant(2), area(g.mul(p, t))), smooth);
    const whole = g.add(g.add(area(p), area(t)), smooth);
    // Without a smoothing term a batch that has no answer has no area either; its value counts for nothing.
    const divisor = g.select(g.greater(whole, g.constant(0)), whole, g.constant(1));
    const value = g.mean(g.sub(g.constant(1), g.div(met, divisor)));
    // A batch's value counts as often as the batch has present elements.
    const count = g.sum(weight);
    return { sum: g.mul(value, count), count };
  },
  example: "loss: cross_entropy + 0.5 * dice",
});
