import type { Builder } from "../../graph/builder.ts";
import { elementCount, type Graph, type Node } from "../../graph/graph.ts";
import { conv2dAttributes } from "../../operations/conv2d.ts";
import { again, rewrite } from "../../passes/rewrite.ts";

/**
 * The graph as the backend in plain JavaScript computes it in reasonable time: its kernel for the gradient of a convolution's
 * kernel takes twelve times as long as products of the same numbers (4.22, [4, 28, 28, 32] and 64 filters of 3 × 3).
 */
export function forPlainJavaScript(graph: Graph): Graph {
  return rewrite(
    graph,
    () => (g, node, inputs) =>
      node.operation === "conv2dKernelGradient" && node.attributes.groups === 1
        ? productsOfTaps(g, node, inputs)
        : again(g, node, inputs),
  );
}

/** For each tap of the kernel, the pixels that it saw, as rows, times dy. */
function productsOfTaps(g: Builder, node: Node, [x, dy]: readonly Node[]): Node {
  const { strides, dilations, padding } = conv2dAttributes(node.attributes);
  const [height, width, channels, filters] = node.type.shape;
  const [batch, rows, columns] = dy.type.shape;
  const [top, bottom, left, right] = padding;
  const image = g.pad(x, [0, top, left, 0], [0, bottom, right, 0]);
  const places = batch * rows * columns;
  const outputs = g.reshape(dy, [places, filters]);
  const size = [batch, (rows - 1) * strides[0] + 1, (columns - 1) * strides[1] + 1, channels];
  const taps = Array.from({ length: elementCount([height, width]) }, (_, tap) => {
    const begin = [0, Math.floor(tap / width) * dilations[0], (tap % width) * dilations[1], 0];
    const seen = g.slice(image, begin, size, [1, ...strides, 1]);
    return g.matmul(g.reshape(seen, [places, channels]), outputs, { transposeA: true });
  });
  return g.reshape(g.concat(taps, 0), node.type.shape);
}
