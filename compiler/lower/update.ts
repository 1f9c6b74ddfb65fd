import type { Builder } from "../graph/builder.ts";
import { createBuilder } from "../graph/create.ts";
import type { Graph, Node } from "../graph/graph.ts";
import type { Word } from "../ir/model.ts";
import type { OptimizerRow } from "../registry/rows.ts";

/**
 * The second half of a training step, as programs over flat vectors of any length: the runtime applies them to segments of
 * parameters that share step count, rate and decay. Written once, in operations; engines make kernels of them.
 */

/** The length that vectors are declared with; programs run on any. */
export const VECTOR = 8;
const vector = { element: "f32", shape: [VECTOR] } as const;
const scalar = { element: "f32", shape: [] } as const;

export interface UpdateProgram {
  /** Inputs `parameter`, `gradient`, `state/<name>`, `scalar/<name>`, `clip`, `sum/<k>`; outputs `parameter`, `state/<name>`. */
  readonly graph: Graph;
  /** What is summed over the vector before anything of it changes: the same inputs, outputs `sum/<k>`; null where nothing is. */
  readonly sums: Graph | null;
  /** Vectors kept for each parameter. */
  readonly state: readonly string[];
  readonly scalars: readonly string[];
}

/** The optimizer's rule on a clipped gradient: `clip` multiplies it (a norm), or bounds each element (`value`). */
export function lowerUpdate(row: OptimizerRow, settings: Word["settings"], clip: Word | null): UpdateProgram {
  const { update } = row;
  if (!update) throw new Error(`the optimizer ${row.name} cannot run yet`);
  const state = row.state(settings);
  const scalars = Object.keys(row.scalars(settings, { t: 1, rate: 1, decay: true }));
  const trace = (g: Builder): ReturnType<typeof update> => {
    const limit = g.input("clip", scalar);
    const raw = g.input("gradient", vector);
    const gradient =
      clip?.word === "value" ? g.maximum(g.minimum(raw, limit), g.neg(limit)) : clip ? g.mul(raw, limit) : raw;
    return update(g, {
      settings,
      parameter: g.input("parameter", vector),
      gradient,
      state: Object.fromEntries(state.map((name) => [name, g.input(`state/${name}`, vector)])),
      scalars: Object.fromEntries(scalars.map((name) => [name, g.input(`scalar/${name}`, scalar)])),
    });
  };

  // Sums are taken before anything is written, so each is an input of the rest.
  const g = createBuilder();
  let count = 0;
  const result = trace({ ...g, sum: () => g.input(`sum/${count++}`, scalar) });
  const outputs: Record<string, Node> = { parameter: result.parameter };
  for (const name of state) outputs[`state/${name}`] = result.state[name];
  return { graph: g.finish(outputs), sums: count > 0 ? sumsOf(trace) : null, state, scalars };
}

/** Every sum that an update takes, none of them of what another gave. */
function sumsOf(trace: (g: Builder) => unknown): Graph {
  const g = createBuilder();
  const sums: Record<string, Node> = {};
  trace({
    ...g,
    sum(x) {
      const sum = g.sum(x);
      sums[`sum/${Object.keys(sums).length}`] = sum;
      return sum;
    },
  });
  return g.finish(sums);
}

/** Σ x²: input `x`, output `sum`. */
export function lowerSquaredNorm(): Graph {
  const g = createBuilder();
  return g.finish({ sum: g.sum(g.square(g.input("x", vector))) });
}

/** into + factor · x: inputs `into`, `x`, `factor`; output `into`. */
export function lowerAddScaled(): Graph {
  const g = createBuilder();
  const into = g.input("into", vector);
  return g.finish({ into: g.add(into, g.mul(g.input("factor", scalar), g.input("x", vector))) });
}

/** factor · x: inputs `x`, `factor`; output `x`. */
export function lowerScale(): Graph {
  const g = createBuilder();
  return g.finish({ x: g.mul(g.input("factor", scalar), g.input("x", vector)) });
}

/** The moving average δ a + (1 - δ) p: inputs `average`, `parameter`, `keep` (δ), `take` (1 - δ); output `average`. */
export function lowerAverage(): Graph {
  const g = createBuilder();
  const kept = g.mul(g.input("keep", scalar), g.input("average", vector));
  return g.finish({ average: g.add(kept, g.mul(g.input("take", scalar), g.input("parameter", vector))) });
}

/** A shared parameter under a rule on gradients: which tasks reach it, and how many numbers it has. */
export interface RowBlock {
  readonly name: string;
  readonly tasks: readonly string[];
  readonly size: number;
}

/** Dot products of the tasks' gradients, tensor by tensor: inputs `rows/<name>` [tasks, size]; outputs `gram/<name>` [tasks, tasks]. */
export function lowerGram(blocks: readonly RowBlock[]): Graph {
  const g = createBuilder();
  const outputs: Record<string, Node> = {};
  for (const { name, tasks, size } of blocks) {
    const rows = g.input(`rows/${name}`, { element: "f32", shape: [tasks.length, size] });
    outputs[`gram/${name}`] = g.matmul(rows, rows, { transposeB: true });
  }
  return g.finish(outputs);
}

/** Σ weight · gradient: inputs `rows/<name>` [tasks, size], `weights/<name>` [1, tasks]; outputs `gradient/<name>` [1, size]. */
export function lowerCombination(blocks: readonly RowBlock[]): Graph {
  const g = createBuilder();
  const outputs: Record<string, Node> = {};
  for (const { name, tasks, size } of blocks) {
    const rows = g.input(`rows/${name}`, { element: "f32", shape: [tasks.length, size] });
    const weights = g.input(`weights/${name}`, { element: "f32", shape: [1, tasks.length] });
    outputs[`gradient/${name}`] = g.matmul(weights, rows);
  }
  return g.finish(outputs);
}
