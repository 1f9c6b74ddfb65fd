import { choice, number } from "../registry/settings.ts";
import { symmetricEigen } from "./eigen.ts";
import { balance, cost } from "./row.ts";

/** Rules that look at the eigenvectors of the tasks' cosines or products: equal projections, and aligned gradients. */

const epsilon = (fallback: number) =>
  number({ min: 0 }).default(fallback).describe("Eigenvalues below this share of the largest are left out.");

/** v = D C⁺ 1 with C_ij = G_ij/(n_i n_j), D = diag(1/n): the combination whose projections on all unit gradients are equal. */
function equalProjections(gram: Float64Array, live: number, share: number): { v: Float64Array; norms: Float64Array } {
  const norms = Float64Array.from({ length: live }, (_, i) => Math.sqrt(gram[i * live + i]));
  const cosines = gram.map((g, at) => g / (norms[Math.floor(at / live)] * norms[at % live]));
  const { values, vectors } = symmetricEigen(cosines, live);
  const largest = Math.max(...values);
  const v = new Float64Array(live);
  values.forEach((value, k) => {
    if (value < share * largest) return;
    let along = 0;
    for (let i = 0; i < live; i++) along += vectors[i * live + k];
    for (let i = 0; i < live; i++) v[i] += (vectors[i * live + k] * along) / value;
  });
  return { v: v.map((x, i) => x / norms[i]), norms };
}

const gramRule = { family: "gradient", needs: "gram", positive: false, scale: "sum", cost: cost.each } as const;

export const imtlG = balance({
  ...gramRule,
  name: "imtl_g",
  onRepresentation: true,
  ignoresWeights: () => true,
  doc: "Equal projections on all unit gradients: v = D C⁺ 1, D = diag(1/n); α = v/Σv, but v/Σ|v| when Σv ≤ 1e-6 Σ|v|, where the division would turn the step uphill.",
  settings: { epsilon: epsilon(1e-6).positional() },
  source: "Towards impartial multi-task learning (ICLR 2021)",
  aliases: ["imtl-g", "IMTL_G"],
  gradientRule({ settings, gram, live }) {
    const { v } = equalProjections(gram, live, settings.epsilon);
    const sum = v.reduce((a, b) => a + b, 0);
    const size = v.reduce((a, b) => a + Math.abs(b), 0);
    return v.map((x) => x / (sum <= 1e-6 * size ? size : sum));
  },
});

export const config = balance({
  ...gramRule,
  name: "config",
  onRepresentation: true,
  ignoresWeights: () => true,
  doc: "A step whose projections on all unit gradients are equal and positive: v = D C⁺ 1, u = v/‖Jᵀv‖, α = u · Σ_i (Gu)_i; 0 where ‖Jᵀv‖ ≤ 1e-9 Σ|v|n. The direction of imtl_g; its length is the sum of all projections.",
  scale: "paper",
  settings: { epsilon: epsilon(1e-6).positional() },
  source: "2408.11104",
  aliases: ["ConFIG", "conflict_free"],
  gradientRule({ settings, gram, live }) {
    const { v, norms } = equalProjections(gram, live, settings.epsilon);
    const products = v.map((_, i) => v.reduce((sum, x, j) => sum + gram[i * live + j] * x, 0));
    const squared = v.reduce((sum, x, i) => sum + x * products[i], 0);
    const length = Math.sqrt(Math.max(0, squared));
    const reach = v.reduce((sum, x, i) => sum + Math.abs(x) * norms[i], 0);
    if (length <= 1e-9 * reach) return new Float64Array(live);
    const along = products.reduce((sum, product) => sum + product / length, 0);
    return v.map((x) => (x / length) * along);
  },
});

export const aligned = balance({
  ...gramRule,
  name: "aligned",
  onRepresentation: true,
  doc: "Removes correlation between the gradients: G = VΛVᵀ over the eigenvalues λ > λ_max·T·epsilon; α = √s · V Λ^(-½) Vᵀ (1/T), s their least, lower median or mean.",
  settings: {
    scale_mode: choice("min", "median", "mean")
      .positional()
      .default("min")
      .describe("s: the least, median or mean of the eigenvalues that are kept."),
    epsilon: epsilon(1e-7),
  },
  source: "2305.19000",
  aliases: ["aligned_mtl", "AlignedMTL"],
  gradientRule({ settings, gram, live }) {
    const { values, vectors } = symmetricEigen(gram, live);
    const largest = Math.max(...values);
    const kept = [...values.keys()].filter((k) => values[k] > largest * live * settings.epsilon);
    const sorted = kept.map((k) => values[k]).sort((a, b) => a - b);
    const s = {
      min: () => sorted[0],
      median: () => sorted[Math.floor((sorted.length - 1) / 2)],
      mean: () => sorted.reduce((a, b) => a + b, 0) / sorted.length,
    }[settings.scale_mode]();
    const alpha = new Float64Array(live);
    for (const k of kept) {
      let along = 0;
      for (let i = 0; i < live; i++) along += vectors[i * live + k];
      const factor = (Math.sqrt(s / values[k]) * along) / live;
      for (let i = 0; i < live; i++) alpha[i] += factor * vectors[i * live + k];
    }
    return alpha;
  },
});
