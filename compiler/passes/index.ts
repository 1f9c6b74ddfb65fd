import type { Graph } from "../graph/graph.ts";
import { commonSubexpressions } from "./common-subexpressions.ts";
import { shareComposites } from "./composites.ts";
import { foldConstants } from "./constants.ts";
import { pooledMasks } from "./pooled-masks.ts";
import { shareOperands } from "./shared-operands.ts";
import { simplify } from "./simplify.ts";

/**
 * Passes over the tensor graph: each takes a graph and gives one with the same results. Every one of them builds the graph
 * again from what the results reach, so that dead code goes with each. What depends on a target (layout) is its emitter's.
 */

export interface OptimizeOptions {
  /** Names of passes to leave out, to find out what one does. */
  readonly without?: readonly PassName[];
}

export type PassName =
  "simplify" | "composites" | "pooledMasks" | "constants" | "sharedOperands" | "commonSubexpressions";

const PASSES: readonly { readonly name: PassName; readonly run: (graph: Graph) => Graph }[] = [
  { name: "simplify", run: simplify },
  { name: "composites", run: shareComposites },
  { name: "pooledMasks", run: pooledMasks },
  { name: "constants", run: foldConstants },
  { name: "sharedOperands", run: shareOperands },
  { name: "commonSubexpressions", run: commonSubexpressions },
];

/** The graph with the same results in fewer and cheaper nodes. Inputs that no result needs are gone. */
export function optimize(graph: Graph, options: OptimizeOptions = {}): { readonly graph: Graph } {
  const passes = PASSES.filter(({ name }) => !options.without?.includes(name));
  return { graph: passes.reduce((before, { run }) => run(before), graph) };
}
