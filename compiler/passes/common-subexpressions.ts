import type { Attribute, Graph, Node } from "../graph/graph.ts";
import { again, rewrite } from "./rewrite.ts";

/** One node for all that compute the same from the same. */
export function commonSubexpressions(graph: Graph): Graph {
  return rewrite(graph, () => {
    const known = new Map<string, Node>();
    return (g, node, inputs) => {
      const key = keyOf(node, inputs);
      if (key === null) return again(g, node, inputs);
      const found = known.get(key);
      if (found !== undefined) return found;
      const made = again(g, node, inputs);
      known.set(key, made);
      return made;
    };
  });
}

/** Longer lists of values are too seldom equal to be compared. */
const LONGEST = 64;

function keyOf(node: Node, inputs: readonly Node[]): string | null {
  const parts = [node.operation, inputs.map(({ id }) => id).join()];
  for (const name of Object.keys(node.attributes).sort()) {
    const text = attributeKey(node.attributes[name]);
    if (text === null) return null;
    parts.push(`${name}=${text}`);
  }
  return parts.join(" ");
}

function attributeKey(value: Attribute): string | null {
  if (typeof value !== "object") return `${typeof value}:${String(value)}`;
  if ("outputs" in value) return null;
  return value.length <= LONGEST ? Array.from(value, (number) => (Object.is(number, -0) ? "-0" : number)).join() : null;
}
