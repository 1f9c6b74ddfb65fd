import type { Builder } from "../../graph/builder.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import { again, rewrite } from "../../passes/rewrite.ts";

/** Operations whose kernels move axes, which the backend of WebGPU does with numbers alone (4.22). */
const moving = new Set(["transpose", "sum", "max", "min", "argmax"]);

/**
 * The graph as the backend of WebGPU computes it. Its cast of codes and conditions to f32 changes the name of the type and no number: what
 * only moves elements fails on the result, and a sum makes numbers of it.
 */
export function forWebgpu(graph: Graph): Graph {
  return rewrite(graph, () => (g, node, inputs) => {
    const [x] = inputs;
    if (node.operation === "cast" && node.type.element === "f32") return asNumbers(g, x);
    if (!moving.has(node.operation) || x.type.element === "f32") return again(g, node, inputs);
    const moved = again(g, node, [asNumbers(g, x)]);
    return moved.type.element === node.type.element ? moved : g.cast(moved, node.type.element);
  });
}

function asNumbers(g: Builder, x: Node): Node {
  return x.type.element === "f32" ? x : g.add(g.cast(x, "f32"), g.constant(0));
}
