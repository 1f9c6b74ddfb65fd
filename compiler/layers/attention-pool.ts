import type { Node } from "../graph/graph.ts";
import { layer, type LayerContext } from "../registry/layer.ts";
import { axisName, needSequence, resultType } from "./types.ts";
import { denseParameters } from "./weights.ts";

/** Scores that no softmax sees where the mask is 0. */
function hidden(g: LayerContext, scores: Node, mask: Node): Node {
  return g.select(g.greater(mask, g.constant(0)), scores, g.constant(-1e30));
}

export const attentionPool = layer({
  name: "attention_pool",
  doc: "A weighted mean of the positions: softmax(x · kernel + bias) over the positions weighs them. Padding has no weight; without any position the result is 0.",
  group: "sequences",
  aliases: ["AttentionPooling", "attentive_pool"],
  operands: { min: 1, max: 1 },
  settings: {},
  shape({ inputs: [x] }) {
    needSequence("attention_pool", x);
    return resultType([x], [x.shape[1]]);
  },
  parameters: ({ inputs: [x] }) => denseParameters(x.shape[1], 1),
  forward(g, { inputs: [x], inputTypes: [type], parameters: { kernel, bias } }) {
    const [length, channels] = type.shape;
    const scores = g.reshape(g.add(g.matmul(x, kernel), bias), [g.batch, length]);
    const axis = axisName(type, 0);
    const mask = axis === null ? null : g.mask(axis);
    const shares = mask ? g.mul(g.softmax(hidden(g, scores, mask)), mask) : g.softmax(scores);
    return g.reshape(g.matmul(g.reshape(shares, [g.batch, 1, length]), x), [g.batch, channels]);
  },
  work: ({ inputs: [x] }) => 2 * x.shape[0] * x.shape[1],
  example: "shared sentence = words -> embed(16) -> attention_pool",
});
