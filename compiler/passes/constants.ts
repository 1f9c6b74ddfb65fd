import { valuesOf } from "../graph/attributes.ts";
import { elementCount } from "../graph/graph.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { evaluate } from "../graph/interpreter.ts";
import { rowOf } from "../operations/index.ts";
import type { Tensor } from "../operations/operation.ts";
import { again, rewrite } from "./rewrite.ts";

/** Larger tensors are cheaper to make when the graph runs. */
const LARGEST = 4096;

/** Computes what depends on constants alone, by the reference meaning of its operation. */
export function foldConstants(graph: Graph): Graph {
  return rewrite(graph, () => (g, node, inputs) => {
    if (!foldable(node, inputs)) return again(g, node, inputs);
    const [{ values }] = rowOf(node.operation).reference(inputs.map(tensorOf), node.attributes, evaluate);
    const { element, shape } = node.type;
    return g.apply("constant", [], { values, element, shape });
  });
}

function foldable(node: Node, inputs: readonly Node[]): boolean {
  return (
    inputs.length > 0 &&
    node.operation !== "result" &&
    node.results === undefined &&
    inputs.every(({ operation }) => operation === "constant") &&
    elementCount(node.type.shape) <= LARGEST
  );
}

function tensorOf(node: Node): Tensor {
  return { values: valuesOf(node.attributes, "values"), shape: node.type.shape };
}
