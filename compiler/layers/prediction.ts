import type { Node } from "../graph/graph.ts";
import { layer, type LayerContext } from "../registry/layer.ts";
import { nameOf } from "../registry/settings.ts";
import { axisNames, resultType } from "./types.ts";

/** P(y > k) = Π_{j ≤ k} σ(z_j) along the last axis, as a sum of logarithms. */
function exceedance(g: LayerContext, logits: Node): Node {
  const levels = logits.type.shape[logits.type.shape.length - 1];
  const upTo = Array.from({ length: levels * levels }, (_, cell) =>
    Math.floor(cell / levels) <= cell % levels ? 1 : 0,
  );
  const logs = g.neg(g.softplus(g.neg(logits)));
  return g.exp(g.matmul(logs, g.constant(upTo, { element: "f32", shape: [levels, levels] })));
}

/** A vector along the last axis, or one number. */
function numbers(g: LayerContext, values: readonly number[]): Node {
  return values.length === 1 ? g.constant(values[0]) : g.constant(values, { element: "f32", shape: [values.length] });
}

/** What a task's output means. */
export const prediction = layer({
  name: "prediction",
  doc:
    "What a task's output means, as `heating.prediction` asks for it: the probabilities of a class (softmax) or a flag (sigmoid), the expected count (exp), " +
    "the values of a real in the units of its target, the chances of an ordinal to lie above each level.",
  group: "arithmetic",
  callable: false,
  operands: { min: 1, max: 1 },
  settings: { task: nameOf("task").describe("The task.") },
  shape: ({ inputs: [x] }) => resultType([x], x.shape, axisNames(x)),
  forward(g, { settings: { task }, inputs: [x] }) {
    const kind = g.taskKind(task);
    switch (kind) {
      case "class":
        return g.softmax(x);
      case "flag":
      case "flags":
        return g.sigmoid(x);
      case "count":
        return g.exp(x);
      case "ordinal":
        return exceedance(g, x);
      case "real": {
        const { shift, factor } = g.targetScale(task);
        if ([...shift].every((value) => value === 0) && [...factor].every((value) => value === 1)) return x;
        return g.add(g.mul(x, numbers(g, factor)), numbers(g, shift));
      }
      default:
        throw new Error(`prediction: there is no kind ${kind}`);
    }
  },
  example: [
    "shared trunk = x -> dense(16) -> relu",
    "task first: flag { head: trunk -> dense }",
    "task second: real { head: concat(trunk, first.prediction) -> dense }",
  ].join("\n"),
});
