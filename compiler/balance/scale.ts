import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";

export type ScaleMode = "sum" | "mean" | "paper";

/**
 * The `scale` rule on the host: `alpha` holds a number for each task, 0 for those that are not live. T equal gradients g give
 * T·g under `sum`, T/P · g under `mean`; `paper` leaves α as it is. Σ|α| = 0 stays 0.
 */
export function scaledAlpha(alpha: Float64Array, live: number, present: number, mode: ScaleMode): Float64Array {
  const total = alpha.reduce((sum, a) => sum + Math.abs(a), 0);
  const factor = scaleFactor(total, live, present, mode);
  return alpha.map((a) => a * factor);
}
function scaleFactor(total: number, live: number, present: number, mode: ScaleMode): number {
  if (total === 0) return mode === "paper" ? 1 : 0;
  switch (mode) {
    case "sum":
      return live / total;
    case "mean":
      return live / present / total;
    case "paper":
      return 1;
    default:
      return mode satisfies never;
  }
}

/**
 * The same for loss rules, inside a graph: `weights` and `present` are [tasks], every present task is live, and absent ones
 * have the weight 0.
 */
export function scaleWeights(g: Builder, weights: Node, present: Node, mode: ScaleMode): Node {
  if (mode === "paper") return weights;
  const total = g.sum(g.abs(weights));
  const some = g.greater(total, g.constant(0));
  const length = mode === "sum" ? g.sum(present) : g.constant(1);
  const factor = g.div(length, g.select(some, total, g.constant(1)));
  return g.mul(weights, g.select(some, factor, g.constant(0)));
}

/**
 * `smoothing: a` on the host: α_k = a α_{k-1} + (1-a) α̂_k for live tasks, where a task's first α is α̂ itself. `kept` holds
 * α_{k-1} of each task, null before its first, and is brought up to date; tasks that are not live keep theirs and get 0.
 */
export function smoothedAlpha(
  kept: (number | null)[],
  alpha: Float64Array,
  live: readonly number[],
  a: number,
): Float64Array {
  const smoothed = new Float64Array(alpha.length);
  for (const task of live) {
    const before = kept[task];
    smoothed[task] = before === null ? alpha[task] : a * before + (1 - a) * alpha[task];
    kept[task] = smoothed[task];
  }
  return smoothed;
}

/** Smoothing inside a graph: state and its next values, [tasks] each. */
export interface Smoothing {
  /** α_{k-1}; anything before a task's first step. */
  readonly kept: Node;
  /** 1 for tasks that have been present before, else 0. */
  readonly seen: Node;
}

/** `smoothing: a` for loss rules, inside a graph; `kept` and `seen` start at 0. */
export function smoothWeights(
  g: Builder,
  state: Smoothing,
  weights: Node,
  present: Node,
  a: number,
): Smoothing & { readonly weights: Node } {
  const here = g.greater(present, g.constant(0));
  const before = g.greater(state.seen, g.constant(0));
  const mixed = g.add(g.mul(g.constant(a), state.kept), g.mul(g.constant(1 - a), weights));
  const next = g.select(before, mixed, weights);
  return {
    weights: g.select(here, next, g.constant(0)),
    kept: g.select(here, next, state.kept),
    seen: g.maximum(state.seen, present),
  };
}
