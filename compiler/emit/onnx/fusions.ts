import { topologicalOrder } from "../../graph/graph.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import { sameShape } from "../../graph/shape.ts";
import type { Emission, Value } from "./emission.ts";
import { convolution } from "./images.ts";

/** Several nodes that ONNX has one operation for: written at the last of them. */
export interface Fusion {
  /** Nodes that are written nowhere else. */
  readonly inner: readonly Node[];
  readonly write: (e: Emission) => Value;
}

/**
 * The fusions of a graph by their last node: products and convolutions with their bias and relu, and what is taken away from
 * single elements (the gradient of cross-entropy). A node inside a fusion is read by nobody else.
 */
export function findFusions(graph: Graph, users: (node: Node) => readonly Node[]): ReadonlyMap<Node, Fusion> {
  const results = new Set(graph.outputs.values());
  const alone = (node: Node): boolean => users(node).length === 1 && !results.has(node);
  const fusions = new Map<Node, Fusion>();
  const taken = new Set<Node>();
  // From the back: the longest chain is found at its end.
  for (const node of topologicalOrder(results).reverse()) {
    if (taken.has(node)) continue;
    const fusion = withBias(node, alone) ?? takenAway(node, alone);
    if (fusion === null) continue;
    fusions.set(node, fusion);
    for (const inner of fusion.inner) taken.add(inner);
  }
  return fusions;
}

type Alone = (node: Node) => boolean;

/** relu(x W + b), x W + b, relu(conv(x, W) + b), conv(x, W) + b, relu(conv(x, W)), relu(x W). */
function withBias(node: Node, alone: Alone): Fusion | null {
  const activation = node.operation === "relu" && alone(node.inputs[0]) ? "Relu" : undefined;
  const sum = activation === undefined ? node : node.inputs[0];
  const outer = sum === node ? [] : [sum];
  if (sum.operation === "add") {
    for (const [product, bias] of [sum.inputs, [...sum.inputs].reverse()]) {
      if (!alone(product) || !sameShape(product.type.shape, sum.type.shape)) continue;
      const write = productWriter(product, bias, activation);
      if (write) return { inner: [...outer, product], write };
    }
  }
  if (activation === undefined) return null;
  const write = productWriter(sum, null, activation);
  return write && { inner: [sum], write };
}

function productWriter(product: Node, bias: Node | null, activation?: string): ((e: Emission) => Value) | null {
  const [a, b] = product.inputs;
  if (product.operation === "conv2d") {
    const channels = product.type.shape[1];
    if (bias && !sameShape(bias.type.shape, [1, channels, 1, 1])) return null;
    return (e) => {
      const operands = [e.value(a), e.value(b), ...(bias ? [e.reshape(e.value(bias), [channels])] : [])];
      return convolution(e, product, operands, activation);
    };
  }
  if (product.operation !== "matmul" || a.type.shape.length !== 2 || b.type.shape.length !== 2) return null;
  const columns = product.type.shape[1];
  if (bias && !sameShape(bias.type.shape, [columns]) && !sameShape(bias.type.shape, [1, columns])) return null;
  return (e) => {
    const operands = [e.value(a), e.value(b), ...(bias ? [e.value(bias)] : [])];
    const attributes = {
      transA: product.attributes["transposeA"] === true ? 1 : 0,
      transB: product.attributes["transposeB"] === true ? 1 : 0,
    };
    return activation === undefined
      ? e.op("Gemm", operands, attributes)
      : e.op("FusedGemm", operands, { ...attributes, activation });
  };
}

/** x - place(values, indices). */
function takenAway(node: Node, alone: Alone): Fusion | null {
  if (node.operation !== "sub") return null;
  const [x, placed] = node.inputs;
  if (placed.operation !== "place" || !alone(placed) || !sameShape(x.type.shape, node.type.shape)) return null;
  if (!sameShape(placed.type.shape, node.type.shape)) return null;
  const [values, indices] = placed.inputs;
  const column = [...indices.type.shape, 1];
  return {
    inner: [placed],
    write: (e) => {
      const negative = e.op("Neg", [e.reshape(e.value(values), column)]);
      const operands = [e.value(x), e.reshape(e.value(indices), column), negative];
      return e.op("ScatterElements", operands, { axis: -1, reduction: "add" });
    },
  };
}
