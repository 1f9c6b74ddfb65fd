import { numberOf } from "../graph/attributes.ts";
import type { Builder } from "../graph/builder.ts";
import { elementCount, type Node } from "../graph/graph.ts";
import { sameShape, showShape } from "../graph/shape.ts";
import { sumTo } from "./broadcasting.ts";
import { expect, expectElement, operation } from "./operation.ts";

/** The same nodes in the decomposition and in the gradient, so that both share them. */
function standardized(g: Builder, x: Node, epsilon: number): { normal: Node; inverse: Node } {
  const centered = g.sub(x, g.mean(x, [-1], true));
  const variance = g.mean(g.square(centered), [-1], true);
  const inverse = g.reciprocal(g.sqrt(g.add(variance, g.constant(epsilon))));
  return { normal: g.mul(centered, inverse), inverse };
}

export const layerNorm = operation({
  name: "layerNorm",
  doc: "(x - mean) / sqrt(variance + `epsilon`) · scale + offset over the last axis; variance divided by n (arXiv 1607.06450).",
  type: ([x, scale, offset]) => {
    for (const type of [x, scale, offset]) expectElement("layerNorm", type, "f32");
    const last = x.shape.slice(-1);
    expect(
      "layerNorm",
      last.length === 1 && sameShape(scale.shape, last) && sameShape(offset.shape, last),
      () => `x ${showShape(x.shape)}, scale ${showShape(scale.shape)}, offset ${showShape(offset.shape)}`,
    );
    return x;
  },
  gradient: (g, node, dy, needs) => {
    const [x, scale, offset] = node.inputs;
    const { normal, inverse } = standardized(g, x, numberOf(node.attributes, "epsilon"));
    const scaled = g.mul(dy, scale);
    const weighted = g.mul(dy, normal);
    // The mean of what is multiplied by the scale: a product with a vector takes less time than an elementwise one and a mean.
    const n = elementCount(scale.type.shape);
    const share = g.reshape(g.mul(scale, g.constant(1 / n)), [n, 1]);
    const scaledMean = (values: Node): Node => {
      const { shape } = values.type;
      return g.reshape(g.matmul(g.reshape(values, [elementCount(shape) / n, n]), share), [...shape.slice(0, -1), 1]);
    };
    const correlation = scaledMean(weighted);
    return [
      needs[0] ? g.mul(g.sub(g.sub(scaled, scaledMean(dy)), g.mul(normal, correlation)), inverse) : null,
      needs[1] ? sumTo(g, weighted, scale.type.shape) : null,
      needs[2] ? sumTo(g, dy, offset.type.shape) : null,
    ];
  },
  reference: ([x, scale, offset], attributes) => {
    const n = scale.values.length;
    const epsilon = numberOf(attributes, "epsilon");
    const values = new Float64Array(x.values.length);
    for (let start = 0; start < values.length; start += n) {
      const row = x.values.subarray(start, start + n);
      const mean = row.reduce((sum, value) => sum + value, 0) / n;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
      for (let k = 0; k < n; k++)
        values[start + k] = ((row[k] - mean) / Math.sqrt(variance + epsilon)) * scale.values[k] + offset.values[k];
    }
    return { values, shape: x.shape };
  },
  decomposition: (g, [x, scale, offset], attributes) =>
    g.add(g.mul(standardized(g, x, numberOf(attributes, "epsilon")).normal, scale), offset),
});
