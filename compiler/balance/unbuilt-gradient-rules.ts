import { bool, choice, either, int, list, nameOf, number } from "../registry/settings.ts";
import { balance, cost, notNegative, positive, share } from "./row.ts";

/** Rules on task gradients that are known by name and settings only. */

const gram = { family: "gradient", needs: "gram", positive: false, scale: "sum", cost: cost.each } as const;
const epsilon = (fallback: number) =>
  positive(fallback).describe("Eigenvalues below this share of the largest are left out.");
const regularizer = notNegative(0).positional().describe("Added to the diagonal of G/tr G; the papers use 1e-4.");

export const mgda = balance({
  ...gram,
  name: "mgda",
  onRepresentation: true,
  ignoresWeights: ({ normalize }) => normalize === "l2" || normalize === "loss_norm",
  doc: "The shortest convex combination of the gradients: argmin over the simplex of αᵀGα, solved exactly. Every task's loss falls, or none can without another rising. With `normalize` rows are divided by n (l2), l (loss) or n·l (loss_norm) first, and α by the same afterwards.",
  settings: {
    normalize: choice("none", "l2", "loss", "loss_norm")
      .positional()
      .default("none")
      .describe("What rows are divided by first."),
  },
  source: "1810.04650",
  aliases: ["MGDA", "mgda_ub", "multiple_gradient_descent", "min_norm", "pareto_mtl"],
});

export const gradvac = balance({
  ...gram,
  name: "gradvac",
  doc: "Like pcgrad, with a learned target for each pair's cosine: cos = (Gc)_j/(√(cᵀGc) n_j); if cos < t_ij: c_j += √(cᵀGc)(t√(1-cos²) - cos√(1-t²))/(n_j √(1-t²)); then t_ij ← (1-beta) t_ij + beta cos. t starts at 0, so the first step is pcgrad's.",
  settings: {
    beta: number({ min: 0, max: 1 }).positional().default(0.5).describe("How fast the target cosines follow."),
    group: choice("model", "tensor")
      .default("model")
      .describe("One set of cosines for the model, or one for each parameter tensor."),
  },
  source: "2010.05874",
  aliases: ["GradVac", "gradient_vaccine"],
});

export const cagrad = balance({
  ...gram,
  name: "cagrad",
  onRepresentation: true,
  doc: "The step within c‖g_0‖ of the mean gradient g_0 that helps the worst task most: u = argmin over the simplex of uᵀG1/T + k√(uᵀGu), k = c‖g_0‖; α = 1/T + (k/‖Jᵀu‖)u, divided by 1, 1 + c² or 1 + c. c = 0 is the mean.",
  settings: {
    c: notNegative(0.4).positional().describe("How far from the mean gradient the step may be, in its length."),
    rescale: choice("none", "one_plus_c2", "one_plus_c")
      .default("none")
      .describe("What α is divided by: 1, 1 + c², 1 + c."),
  },
  source: "2110.14048",
  aliases: ["CAGrad", "conflict_averse"],
});

export const nash = balance({
  ...gram,
  name: "nash",
  onRepresentation: true,
  ignoresWeights: () => true,
  doc: "The bargaining solution: Gα = 1/α, α > 0. Each task gains the same share of what it could; row lengths do not matter.",
  settings: {
    max_norm: number({ above: 0 })
      .positional()
      .optional()
      .describe("Largest length of the step; only under `scale: paper`."),
  },
  source: "2202.01017",
  aliases: ["nash_mtl", "nashmtl", "NashMTL"],
});

export const fairgrad = balance({
  ...gram,
  name: "fairgrad",
  onRepresentation: true,
  doc: "α-fair gains: Gα' = α'^(-1/alpha) element by element. alpha 1 is nash; larger values care more for the task that gains least.",
  settings: { alpha: positive(1).positional().describe("How much fairness is asked for.") },
  source: "2402.15638",
  aliases: ["FairGrad"],
});

export const imtl = balance({
  ...gram,
  name: "imtl",
  ignoresWeights: () => true,
  doc: "Both halves of impartial learning, the list [imtl_l, imtl_g]: scales of the losses, then equal projections.",
  settings: {
    start: number().positional().default(0).describe("What every s_i of imtl_l starts at."),
    rate: number({ above: 0 }).optional().describe("Learning rate of the s_i; the optimizer's where not written."),
    epsilon: epsilon(1e-6),
  },
  source: "Towards impartial multi-task learning (ICLR 2021)",
  aliases: ["IMTL"],
});

export const upgrad = balance({
  ...gram,
  name: "upgrad",
  onRepresentation: true,
  doc: "Each gradient is projected on the cone where no loss rises, and the projections are added: α = Σ_i argmin vᵀAv with v ≥ e_i/T, A = G/tr G + regularizer · I.",
  settings: { regularizer },
  source: "2406.16232",
  aliases: ["UPGrad", "jacobian_descent"],
});

export const dualproj = balance({
  ...gram,
  name: "dualproj",
  onRepresentation: true,
  doc: "The mean gradient projected on the cone where no loss rises: argmin vᵀAv with v ≥ 1/T, A as in upgrad.",
  settings: { regularizer },
  source: "1706.08840",
  aliases: ["gem", "DualProj"],
});

export const graddrop = balance({
  ...gram,
  needs: "coordinates",
  cost: cost.eachWithRows,
  name: "graddrop",
  onRepresentation: true,
  doc: "Keeps one sign a coordinate, drawn by chance: p = ½(1 + Σg_i/Σ|g_i|), U uniform; positive parts stay if p > U, negative ones if p < U; d = Σ (leak_i + (1 - leak_i) keep_i) g_i.",
  settings: {
    leak: either(number({ min: 0, max: 1 }), list(number({ min: 0, max: 1 })))
      .positional()
      .default(0)
      .describe("The share that always passes; one number, or one for each task."),
  },
  source: "2010.06808",
  aliases: ["GradDrop", "gradient_sign_dropout"],
});

export const moco = balance({
  ...gram,
  needs: "rows",
  cost: cost.eachWithRows,
  name: "moco",
  doc: "Shortest convex combination of tracked gradients: h_i = g_i, or g_i l_i/n_i; Y_i -= (beta/k^decay)(Y_i - h_i); λ ← projection on the simplex of λ - (gamma/k^decay)(YYᵀλ + rho λ); d = λᵀY.",
  settings: {
    beta: positive(0.5).positional().describe("How fast the tracked gradients follow."),
    gamma: positive(0.1).describe("Step size of λ."),
    rho: notNegative(0).describe("Pulls λ to equal weights."),
    decay: notNegative(0.5).describe("Exponent by which both step sizes fall."),
    normalize: bool(true).describe("Tracks g_i l_i/n_i instead of g_i."),
  },
  source: "2210.12624",
  aliases: ["MoCo"],
});

export const db = balance({
  ...gram,
  needs: "rows",
  positive: true,
  cost: cost.eachWithRows,
  name: "db",
  ignoresWeights: () => true,
  doc: "Dual balance: gradients of log losses, tracked and brought to the length of the longest: h_i = g_i/(l_i + 1e-8); Y_i ← h_i + (beta/k^decay)(Y_i - h_i); α_i = max_j ‖Y_j‖/‖Y_i‖ on Y.",
  settings: {
    beta: share(0.9).positional().describe("How much of the tracked gradients stays at a step."),
    decay: notNegative(0).describe("Exponent by which beta falls."),
  },
  source: "2308.12029",
  aliases: ["db_mtl", "DB_MTL", "dual_balancing"],
});

export const metabalance = balance({
  ...gram,
  needs: "rows",
  cost: cost.eachWithRows,
  name: "metabalance",
  doc: "Brings auxiliary gradients to the main task's size, tensor by tensor: m_i ← decay m_i + (1 - decay)‖g_i‖; another task than the main one gets the factor relax · m_main/m_i + (1 - relax).",
  settings: {
    main: nameOf("task").positional().optional().describe("The main task; the first one where not written."),
    relax: number({ min: 0, max: 1 }).default(0.7).describe("1 gives equal sizes, 0 leaves gradients as they are."),
    decay: share(0.9).describe("How much of the running norms stays at a step."),
  },
  source: "2203.06801",
  aliases: ["MetaBalance"],
});

export const sdmgrad = balance({
  ...gram,
  cost: cost.batches,
  name: "sdmgrad",
  doc: "Stochastic direction-oriented rule on three batches: M = J_1J_2ᵀ, a = M/((mean √max(M_ii, 0))² + 1e-8); some rounds of q ← momentum q + a(u + lambda/T), u ← projection on the simplex of u - rate q; α = (u + lambda/T)/(1 + lambda).",
  settings: {
    lambda: notNegative(0.3).positional().describe("Pull to the mean gradient."),
    rate: positive(5).describe("Step size of u."),
    momentum: share(0.5).describe("How much of the last direction stays."),
    iterations: int({ min: 1 }).default(20).describe("Rounds a step."),
  },
  source: "2305.18409",
  aliases: ["SDMGrad"],
});

export const modo = balance({
  ...gram,
  cost: cost.batches,
  name: "modo",
  doc: "Shortest convex combination from two batches, free of their bias: λ ← projection on the simplex of λ - gamma(J_1J_2ᵀλ + rho λ); α = λ on a third batch.",
  settings: {
    gamma: positive(0.1).positional().describe("Step size of λ."),
    rho: notNegative(0.1).describe("Pulls λ to equal weights."),
  },
  source: "2305.20057",
  aliases: ["MoDo"],
});
