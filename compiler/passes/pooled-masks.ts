import { numbersOf } from "../graph/attributes.ts";
import { pool2dAttributes } from "../operations/pool2d.ts";
import type { Builder } from "../graph/builder.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { again, rewrite } from "./rewrite.ts";

/**
 * What is done to the gradient of max pooling while it is small, a quarter of the size for windows of 2 x 2. relu before pooling
 * masks the pooled gradient and not the whole image: exact, because the gradient stands at each window's maximum alone, and
 * there the image and the pooled image are equal. A sum over pictures (the gradient of a bias) is that of the pooled gradient,
 * of which every element stands at one place.
 */
export function pooledMasks(graph: Graph): Graph {
  return rewrite(graph, () => (g, node, inputs) => {
    if (node.operation === "mul") {
      const [a, b] = inputs;
      const masked = maskedBefore(g, a, b) ?? maskedBefore(g, b, a);
      if (masked !== null) return masked;
    }
    if (node.operation === "sum" && inputs[0].operation === "maxPool2dGradient" && isOverPictures(node)) {
      return again(g, node, [inputs[0].inputs[1]]);
    }
    return again(g, node, inputs);
  });
}

function isOverPictures({ attributes }: Node): boolean {
  const axes = numbersOf(attributes, "axes");
  return axes.includes(1) && axes.includes(2);
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
