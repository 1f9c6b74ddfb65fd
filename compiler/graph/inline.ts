import type { Builder } from "./builder.ts";
import { topologicalOrder, type Graph, type Node } from "./graph.ts";

/**
 * Makes the nodes of `graph` again with `g`, reading `inputs` (by name) in place of its inputs. Nodes that depend on no input
 * are taken as they are.
 * @returns the results by name.
 */
export function inline(g: Builder, graph: Graph, inputs: ReadonlyMap<string, Node>): Map<string, Node> {
  const made = new Map<Node, Node>();
  for (const { name, node } of graph.inputs) {
    const given = inputs.get(name);
    if (given === undefined) throw new Error(`nothing given for input ${name} of an inlined graph`);
    made.set(node, given);
  }
  for (const node of topologicalOrder(graph.outputs.values())) {
    if (made.has(node)) continue;
    const from = node.inputs.map((input) => made.get(input) ?? input);
    if (from.every((input, k) => input === node.inputs[k])) continue;
    const make = (): Node => g.apply(node.operation, from, node.attributes);
    made.set(node, node.origin === undefined ? make() : g.within(node.origin, make));
  }
  return new Map([...graph.outputs].map(([name, node]) => [name, made.get(node) ?? node]));
}
