import { pool2dAttributes } from "../operations/pool2d.ts";
import type { Builder } from "../graph/builder.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { again, rewrite } from "./rewrite.ts";

/**
 * relu before max pooling: the way back masks the pooled gradient and not the whole image, which is a product of a quarter of
 * the size for windows of 2 x 2. Exact, because the gradient stands at each window's maximum alone, and there the image and
 * the pooled image are equal.
 */
export function pooledMasks(graph: Graph): Graph {
  return rewrite(graph, () => (g, node, inputs) => {
    if (node.operation === "mul") {
      const [a, b] = inputs;
      const masked = maskedBefore(g, a, b) ?? maskedBefore(g, b, a);
      if (masked !== null) return masked;
    }
    return again(g, node, inputs);
  });
}

/** The gradient of pooling x, times where x is not 0. */
function maskedBefore(g: Builder, gradient: Node, mask: Node): Node | null {
  if (gradient.operation !== "maxPool2dGradient" || mask.operation !== "cast") return null;
  const [image, pooledGradient] = gradient.inputs;
  const [truth] = mask.inputs;
  if (mask.type.element !== "f32" || truth.type.element !== "bool") return null;
  if (truth.operation !== "cast" || truth.inputs[0] !== image) return null;
  const attributes = pool2dAttributes(gradient.attributes);
  const pooledMask = g.cast(g.cast(g.maxPool2d(image, attributes), "bool"), "f32");
  return g.maxPool2dGradient(image, g.mul(pooledGradient, pooledMask), attributes);
}
