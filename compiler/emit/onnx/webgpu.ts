import { numberOf, numbersOf } from "../../graph/attributes.ts";
import type { Builder } from "../../graph/builder.ts";
import { gradients } from "../../graph/gradients.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import { conv2dAttributes } from "../../operations/conv2d.ts";
import { rowOf } from "../../operations/index.ts";
import { pool2dAttributes } from "../../operations/pool2d.ts";
import { again, rewrite } from "../../passes/rewrite.ts";

/**
 * The graph without what onnxruntime's WebGPU kernels compute wrongly or not at all (1.30): transposed convolutions in groups,
 * the places of maxima, and log Σ e^x of large x.
 */
export function forWebgpu(graph: Graph): Graph {
  return rewrite(graph, () => (g, node, inputs) => {
    switch (node.operation) {
      case "logSumExp":
        return rowOf("logSumExp").decomposition!(g, inputs, node.attributes);
      case "conv2dInputGradient":
        return numberOf(node.attributes, "groups") === 1 ? again(g, node, inputs) : byGroups(g, node, inputs);
      case "maxPool2dPick":
        return picked(g, node, inputs[0], inputs[1]);
      case "maxPool2dGradient": {
        const [x, dy] = inputs;
        const [dx] = gradients(g, [{ node: picked(g, node, x, x), cotangent: dy }], [x]);
        if (dx === null) throw new Error("a pooled image has a gradient");
        return dx;
      }
      default:
        return again(g, node, inputs);
    }
  });
}

/** Each group by itself. */
function byGroups(g: Builder, node: Node, [dy, kernel]: readonly Node[]): Node {
  const { groups, ...attributes } = conv2dAttributes(node.attributes);
  const shape = numbersOf(node.attributes, "inputShape");
  const part = (x: Node, group: number): Node => {
    const size = [...x.type.shape.slice(0, 3), x.type.shape[3] / groups];
    return g.slice(x, [0, 0, 0, group * size[3]], size);
  };
  const parts = Array.from({ length: groups }, (_, group) =>
    g.conv2dInputGradient(part(dy, group), part(kernel, group), [...shape.slice(0, 3), shape[3] / groups], {
      ...attributes,
      groups: 1,
    }),
  );
  return g.concat(parts, 3);
}

/** The element of `values` at each window's first largest element of x, by looking at every place of the window. */
function picked(g: Builder, node: Node, x: Node, values: Node): Node {
  const attributes = pool2dAttributes(node.attributes);
  const { window, strides, padding } = attributes;
  const [top, bottom, left, right] = padding;
  const padded = (image: Node, value: number): Node => g.pad(image, [0, top, left, 0], [0, bottom, right, 0], value);
  const peak = g.maxPool2d(x, attributes);
  const [batch, rows, columns, channels] = peak.type.shape;
  const view = (image: Node, row: number, column: number): Node =>
    g.slice(
      image,
      [0, row, column, 0],
      [batch, (rows - 1) * strides[0] + 1, (columns - 1) * strides[1] + 1, channels],
      [1, ...strides, 1],
    );
  // The lowest number of f32, so that padding never is a maximum.
  const [scores, source] = [padded(g.stopGradient(x), -3.4028234663852886e38), padded(values, 0)];
  let chosen: Node | null = null;
  for (let place = window[0] * window[1] - 1; place >= 0; place--) {
    const [row, column] = [Math.floor(place / window[1]), place % window[1]];
    const here = view(source, row, column);
    chosen = chosen === null ? here : g.select(g.equal(view(scores, row, column), peak), here, chosen);
  }
  if (chosen === null) throw new Error("a window has no place");
  return chosen;
}
