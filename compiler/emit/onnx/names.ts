import type { Value } from "./emission.ts";
import type { OnnxAttribute, OnnxNode } from "./model.ts";

/** Nodes with values under other names, in the bodies of loops too. */
export function renamed(nodes: readonly OnnxNode[], names: ReadonlyMap<Value, Value>): OnnxNode[] {
  const rename = (value: Value): Value => names.get(value) ?? value;
  return nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: Object.fromEntries(
      Object.entries(node.attributes).map(([name, attribute]) => [name, inBody(attribute, names)]),
    ),
  }));
}

function inBody(attribute: OnnxAttribute, names: ReadonlyMap<Value, Value>): OnnxAttribute {
  if (!("graph" in attribute)) return attribute;
  return { graph: { ...attribute.graph, nodes: renamed(attribute.graph.nodes, names) } };
}
