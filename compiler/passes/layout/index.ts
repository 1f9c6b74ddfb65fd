import { topologicalOrder } from "../../graph/graph.ts";
import type { Graph } from "../../graph/graph.ts";
import { isOperationName } from "../../operations/index.ts";
import { Laying } from "./laying.ts";
import { layoutRules, plain } from "./rules.ts";

/**
 * The layout pass, for targets whose images are channels-first. In: a graph as it is meant, channels-last. Out: the same
 * results from nodes whose image operations take [batch, channels, height, width] and kernels [out, in, height, width] (the
 * gradient of a kernel alone still comes as [height, width, in, out]). Every other operation works in whatever order its
 * operands lie, so that elements move only where images enter and leave; other transpositions are put off likewise, until an
 * operation needs the order, and dropped where the next one undoes them.
 */
export function layoutChannelsFirst(graph: Graph): Graph {
  const laying = new Laying(layoutChannelsFirst);
  const order = topologicalOrder(graph.outputs.values());
  for (const node of order) {
    const rule = isOperationName(node.operation) ? layoutRules[node.operation] : plain;
    laying.set(node, rule(laying, node));
  }
  const reached = new Set(order);
  return {
    inputs: graph.inputs
      .filter(({ node }) => reached.has(node))
      .map(({ name, node }) => ({ name, node: laying.plain(node) })),
    outputs: new Map([...graph.outputs].map(([name, node]) => [name, laying.plain(node)])),
  };
}
