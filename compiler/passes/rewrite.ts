import { graphOf } from "../graph/attributes.ts";
import type { Builder } from "../graph/builder.ts";
import { createBuilder } from "../graph/create.ts";
import { topologicalOrder } from "../graph/graph.ts";
import type { Graph, Node } from "../graph/graph.ts";

/** What a node becomes, made from what its inputs became. `node` is the old one; its attributes may be read. */
export type Visit = (g: Builder, node: Node, inputs: readonly Node[]) => Node;

/**
 * Builds a graph again node by node, inputs before users, and the bodies of its loops likewise, each with a visit of its own.
 * What the results do not reach is left out, inputs too.
 */
export function rewrite(graph: Graph, begin: (graph: Graph) => Visit): Graph {
  const g = createBuilder();
  const visit = begin(graph);
  const made = new Map<Node, Node>();
  const names = new Map(graph.inputs.map(({ name, node }) => [node, name]));
  for (const node of topologicalOrder(graph.outputs.values())) {
    const remade = (): Node => {
      if (node.operation === "input") return g.input(inputName(names, node), node.type);
      const inputs = node.inputs.map((input) => become(made, input));
      if (node.operation !== "scan") return visit(g, node, inputs);
      const body = rewrite(graphOf(node.attributes, "body"), begin);
      return visit(g, { ...node, attributes: { ...node.attributes, body } }, inputs);
    };
    made.set(node, node.origin === undefined ? remade() : g.within(node.origin, remade));
  }
  return g.finish(new Map([...graph.outputs].map(([name, node]) => [name, become(made, node)])));
}

/** The same node from other inputs. */
export function again(g: Builder, node: Node, inputs: readonly Node[]): Node {
  return g.apply(node.operation, inputs, node.attributes);
}

function become(made: ReadonlyMap<Node, Node>, node: Node): Node {
  const found = made.get(node);
  if (found === undefined) throw new Error(`${node.operation} ${node.id} is read before it is made`);
  return found;
}

function inputName(names: ReadonlyMap<Node, string>, node: Node): string {
  const name = names.get(node);
  if (name === undefined) throw new Error(`input ${node.id} has no name`);
  return name;
}
