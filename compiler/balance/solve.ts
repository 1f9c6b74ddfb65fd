import type { BalanceRow, RandomStream } from "../registry/rows.ts";
import type { SettingRows, SettingValues } from "../registry/settings.ts";

/** A task-gradient rule at one step: everything in 64-bit floats, present tasks only. */
export interface GradientProblem {
  /** Number of all tasks of the model. */
  readonly tasks: number;
  /** Index of each of the P present tasks among all. */
  readonly present: readonly number[];
  /** [P × P] row-major: G = J Jᵀ of the weighted losses. */
  readonly gram: Float64Array;
  /** [P]: the weighted losses. */
  readonly losses: Float64Array;
  /** The `balance` stream. */
  readonly random: RandomStream;
  /** The rule's state as plain data, changed in place. */
  readonly state: Record<string, unknown>;
}
export interface GradientSolution {
  /** A number for each task of the model in paper scale, 0 where it is not live. */
  readonly alpha: Float64Array;
  /** Which tasks are live, as indices among all. */
  readonly live: readonly number[];
  /** True where the Gram matrix or the rule's result was not finite, and every live task counts 1 instead. */
  readonly fallback: boolean;
}

/** Places (0 … P - 1) of rows that have a length: n_i > 1e-15 · max n_j. */
export function liveRows(gram: Float64Array, present: number): number[] {
  const norms = Array.from({ length: present }, (_, i) => Math.sqrt(gram[i * present + i]));
  const longest = Math.max(0, ...norms);
  return norms.flatMap((norm, i) => (norm > 1e-15 * longest ? [i] : []));
}

/** The part of a Gram matrix that belongs to some of its rows. */
export function subGram(gram: Float64Array, size: number, rows: readonly number[]): Float64Array {
  return Float64Array.from(rows.flatMap((i) => rows.map((j) => gram[i * size + j])));
}

/**
 * The weights that a rule on task gradients gives: rows of zero length are taken out, a single live task counts 1 without
 * asking the rule, and where the matrix or the rule's result is not finite every live task counts 1 (`fallback`).
 */
export function solveGradientRule<S extends SettingRows>(
  row: BalanceRow<S>,
  settings: SettingValues<S>,
  problem: GradientProblem,
): GradientSolution {
  if (row.gradientRule === undefined) throw new Error(`${row.name} has no rule on gradients`);
  const { tasks, present, gram } = problem;
  // An overflown Gram matrix says nothing: every present task counts.
  const known = gram.every(Number.isFinite);
  const rows = known ? liveRows(gram, present.length) : present.map((_, i) => i);
  const live = rows.map((i) => present[i]);
  const alpha = new Float64Array(tasks);
  const give = (weights: Float64Array | null): void => live.forEach((task, k) => (alpha[task] = weights?.[k] ?? 1));

  if (live.length <= 1 || !known) {
    give(null);
    return { alpha, live, fallback: !known };
  }
  const weights = row.gradientRule({
    settings,
    gram: subGram(gram, present.length, rows),
    live: live.length,
    losses: Float64Array.from(rows, (i) => problem.losses[i]),
    tasks: live,
    random: problem.random,
    state: problem.state,
  });
  const fallback = !weights.every(Number.isFinite);
  give(fallback ? null : weights);
  return { alpha, live, fallback };
}
