import { rowOf } from "../operations/index.ts";
import type { Tensor } from "../operations/operation.ts";
import { numberOf } from "./attributes.ts";
import { elementCount, topologicalOrder, type Graph, type Node } from "./graph.ts";
import { sameShape, showShape } from "./shape.ts";

/**
 * The reference meaning of a graph, in float64 and as slow as it is plain: what every engine is compared with.
 * @param inputs row-major values by name; bool as 0 and 1. Names that the graph does not read are ignored.
 */
export function evaluate(
  graph: Graph,
  inputs: Readonly<Record<string, ArrayLike<number>>>,
): Record<string, Float64Array> {
  const values = new Map<Node, readonly Tensor[]>();
  for (const { name, node } of graph.inputs) {
    const given = inputs[name];
    const { shape } = node.type;
    if (given === undefined) throw new Error(`no values for input ${name}`);
    if (given.length !== elementCount(shape))
      throw new Error(`${given.length} values for input ${name} of shape ${showShape(shape)}`);
    values.set(node, [{ values: given instanceof Float64Array ? given : Float64Array.from(given), shape }]);
  }
  const valuesOf = (node: Node): readonly Tensor[] => {
    const known = values.get(node);
    if (known === undefined) throw new Error(`${node.operation} ${node.id} is read before it is there`);
    return known;
  };
  for (const node of topologicalOrder(graph.outputs.values())) {
    if (values.has(node)) continue;
    if (node.operation === "input") throw new Error(`input ${String(node.attributes.name)} is not declared`);
    values.set(node, results(node, node.inputs.map(valuesOf)));
  }
  return Object.fromEntries([...graph.outputs].map(([name, node]) => [name, valuesOf(node)[0].values]));
}

function results(node: Node, inputs: readonly (readonly Tensor[])[]): readonly Tensor[] {
  if (node.operation === "result") return [inputs[0][numberOf(node.attributes, "index")]];
  const tensors = rowOf(node.operation).reference(
    inputs.map(([tensor]) => tensor),
    node.attributes,
    evaluate,
  );
  const types = node.results ?? [node.type];
  types.forEach(({ shape }, k) => {
    if (!sameShape(tensors[k].shape, shape) || tensors[k].values.length !== elementCount(shape))
      throw new Error(`${node.operation} gave ${showShape(tensors[k].shape)} where ${showShape(shape)} was promised`);
  });
  return tensors;
}
