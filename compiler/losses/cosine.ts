import type { Builder } from "../graph/builder.ts";
import { elementCount } from "../graph/graph.ts";
import type { Node } from "../graph/graph.ts";
import { loss, weightedSum } from "./row.ts";

/** [batch, everything else] */
function flat(g: Builder, value: Node, batch: number): Node {
  return g.reshape(value, [batch, elementCount(value.type.shape) / batch]);
}
/** Least square of a length that counts as more than none. */
const TINY = 1e-16;

export const cosine = loss({
  name: "cosine",
  doc: "One minus the cosine of the angle between prediction and target: 1 - p·t/(‖p‖‖t‖) for each row; lengths below 1e-8 count as 1e-8. A row with a missing element is missing.",
  kinds: ["real"],
  wants: "values",
  positive: true,
  settings: {},
  aliases: ["CosineEmbeddingLoss", "CosineSimilarity", "cosine_similarity", "cosine_embedding_loss", "cosine_distance"],
  fits: ({ shape, axes }) =>
    shape.length === 0
      ? "the angle between two single numbers says nothing: it needs a vector, such as real[8]"
      : axes?.some((axis) => axis !== null)
        ? "the padding of a shorter text has no part in an angle: it needs a vector of one length, such as real[8]"
        : null,
  parts(g, { prediction, target, weight }) {
    const [batch] = target.type.shape;
    const [p, t] = [flat(g, prediction, batch), flat(g, target, batch)];
    const length = (x: Node): Node => g.sqrt(g.maximum(g.sum(g.square(x), [-1]), g.constant(TINY)));
    const cosine = g.div(g.sum(g.mul(p, t), [-1]), g.mul(length(p), length(t)));
    return weightedSum(g, g.sub(g.constant(1), cosine), g.min(flat(g, weight, batch), [-1]));
  },
  example: "loss: cosine",
});
