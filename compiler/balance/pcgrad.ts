import { permutation } from "../random/index.ts";
import { choice } from "../registry/settings.ts";
import { balance, cost } from "./row.ts";

/**
 * Takes out of each task's gradient what runs against another's, on the Gram matrix alone: for each task i, c = e_i; for j in
 * `order(i)`: p = (Gc)_j, and if p < 0, c_j -= p/G_jj. Gives Σ c.
 */
export function projectConflicts(
  gram: Float64Array,
  live: number,
  order: (task: number) => Iterable<number>,
): Float64Array {
  const alpha = new Float64Array(live);
  for (let i = 0; i < live; i++) {
    const c = new Float64Array(live);
    c[i] = 1;
    for (const j of order(i)) {
      let along = 0;
      for (let k = 0; k < live; k++) along += gram[j * live + k] * c[k];
      if (along < 0) c[j] -= along / gram[j * live + j];
    }
    for (let k = 0; k < live; k++) alpha[k] += c[k];
  }
  return alpha;
}

export const pcgrad = balance({
  name: "pcgrad",
  onRepresentation: true,
  doc: "Projects conflicting gradients: each task's gradient loses its part against every other task's that it conflicts with, one after another. For each i: c = e_i; for j ≠ i in order: p = (Gc)_j; if p < 0: c_j -= p/G_jj. α = Σ c. Without conflict it is the plain sum.",
  family: "gradient",
  needs: "gram",
  positive: false,
  scale: "sum",
  cost: cost.each,
  settings: {
    order: choice("random", "index")
      .positional()
      .default("random")
      .describe("The order in which a task meets the others: shuffled afresh for each task and step, or by index."),
  },
  source: "2001.06782",
  aliases: ["gradient_surgery", "projecting_conflicting_gradients", "PCGrad"],
  gradientRule({ settings, gram, live, random }) {
    const others = (task: number): number[] => Array.from({ length: live - 1 }, (_, k) => (k < task ? k : k + 1));
    return projectConflicts(gram, live, (task) => {
      const list = others(task);
      return settings.order === "index" ? list : Array.from(permutation(random, list.length), (k) => list[k]);
    });
  },
});
