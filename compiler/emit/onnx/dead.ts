import type { Value } from "./emission.ts";
import type { OnnxNode } from "./model.ts";

/** The nodes that the results need, in their order; a loop's body needs values from around it. */
export function needed(nodes: readonly OnnxNode[], results: Iterable<Value>): OnnxNode[] {
  const wanted = new Set(results);
  const kept: OnnxNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((output) => wanted.has(output))) continue;
    kept.push(node);
    for (const value of read(node)) wanted.add(value);
  }
  return kept.reverse();
}

function* read(node: OnnxNode): Iterable<Value> {
  yield* node.inputs;
  for (const attribute of Object.values(node.attributes)) {
    if (!("graph" in attribute)) continue;
    for (const inside of attribute.graph.nodes) yield* read(inside);
    for (const { name } of attribute.graph.outputs) yield name;
  }
}
