import type { Builder } from "./builder.ts";
import type { Node } from "./graph.ts";

/** The sum of the cotangents that reach a value. */
export function total(g: Builder, parts: readonly Node[]): Node {
  return parts.reduce((sum, part) => g.add(sum, part));
}
