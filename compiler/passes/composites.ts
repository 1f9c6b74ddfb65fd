import { topologicalOrder } from "../graph/graph.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { rowOf } from "../operations/index.ts";
import { again, rewrite } from "./rewrite.ts";

/**
 * Writes composites out in other operations where their gradient stands in the graph too: both share most of their parts, and
 * the next pass makes them one. Composites without a gradient stay whole.
 */
export function shareComposites(graph: Graph): Graph {
  return rewrite(graph, (level) => {
    const readers = readersOf(level);
    return (g, node, inputs) => {
      const decompose = DECOMPOSED[node.operation]?.(readers.get(node.inputs[0]) ?? [])
        ? rowOf(node.operation).decomposition
        : null;
      return decompose ? decompose(g, inputs, node.attributes) : again(g, node, inputs);
    };
  });
}

/** From who reads its first operand: whether the gradient of the composite is there. */
const DECOMPOSED: Readonly<Record<string, (readers: readonly Node[]) => boolean>> = {
  softmaxCrossEntropy: (readers) => readers.some(({ operation }) => operation === "logSoftmax"),
  layerNorm: (readers) => readers.some(({ operation }) => operation === "mean"),
  gelu: (readers) => readers.some(({ operation }) => operation === "square" || operation === "mul"),
};

function readersOf(graph: Graph): ReadonlyMap<Node, readonly Node[]> {
  const readers = new Map<Node, Node[]>();
  for (const node of topologicalOrder(graph.outputs.values())) {
    for (const input of node.inputs) {
      const list = readers.get(input);
      if (list) list.push(node);
      else readers.set(input, [node]);
    }
  }
  return readers;
}
