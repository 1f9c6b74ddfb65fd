import { choice, int, number } from "../registry/settings.ts";
import { balance, cost, notNegative, positive } from "./row.ts";

/** Rules on losses that are known by name and settings only. */

const scalars = {
  start: number().positional().default(0).describe("What every s_i starts at."),
  rate: number({ above: 0 })
    .optional()
    .describe("Learning rate of the s_i, before the schedule; the optimizer's where not written."),
};

export const geometric = balance({
  name: "geometric",
  ignoresWeights: () => true,
  doc: "Geometric mean of the losses: objective M = exp(mean log l), α_i = M/(P l_i). Written weights do not change its direction.",
  family: "loss",
  needs: "losses",
  positive: true,
  scale: "paper",
  cost: cost.one,
  settings: {},
  source: "1904.08492",
  aliases: ["gls", "geometric_mean", "geometric_loss_strategy"],
});

export const scaleInvariant = balance({
  name: "scale_invariant",
  ignoresWeights: () => true,
  doc: "Sum of the logarithms of the losses: α_i = 1/l_i. The direction of geometric with another length.",
  family: "loss",
  needs: "losses",
  positive: true,
  scale: "paper",
  cost: cost.one,
  settings: {},
  aliases: ["si", "log", "log_loss_sum"],
});

export const imtlL = balance({
  name: "imtl_l",
  doc: "Learned scales that bring all losses to the same size: α_i = e^(s_i); objective Σ e^(s_i) l_i - s_i, ∂s_i = e^(s_i) l_i - 1.",
  family: "loss",
  needs: "losses",
  positive: false,
  scale: "paper",
  cost: cost.one,
  settings: scalars,
  source: "Towards impartial multi-task learning (ICLR 2021)",
  aliases: ["imtl-l", "IMTL_L"],
});

export const smoothTchebycheff = balance({
  name: "smooth_tchebycheff",
  doc: "Smooth maximum of the losses. `plain`: objective mu · log Σ exp((l_i - z_i)/(P mu)), α = softmax/P. `log`: during the warm-up Σ log l_i; N are the mean losses of its last epoch; then objective P mu log Σ exp(f_i/mu), f_i = log(l_i/N_i), α_i = P softmax(f/mu)_i/l_i.",
  family: "loss",
  needs: "losses",
  positive: true,
  scale: "paper",
  cost: cost.one,
  settings: {
    mu: positive(1).positional().describe("How smooth the maximum is."),
    form: choice("log", "plain").default("log").describe("On logarithms of the losses, or on the losses."),
    warmup: int({ min: 1 }).default(4).describe("Epochs before the maximum begins; `log` only."),
    reference: number().default(0).describe("z: what every loss is measured from; `plain` only."),
  },
  source: "2402.19078",
  aliases: ["stch", "tchebycheff", "smooth_chebyshev", "chebyshev"],
});

export const famo = balance({
  name: "famo",
  doc: "Lets all losses fall at the same relative speed: z = softmax(ξ), D_i = l_i - floor + 1e-8, α_i = (z_i/D_i)/Σ z_j/D_j. After the optimizer's step δ_i = log D_i(before) - log D_i(after), ∂ξ_i = z_i(δ_i - Σ z_j δ_j), by Adam with coupled decay.",
  family: "loss",
  needs: "losses",
  positive: true,
  scale: "sum",
  cost: cost.oneAndForward,
  settings: {
    rate: positive(0.025).positional().describe("Learning rate of ξ."),
    weight_decay: notNegative(1e-3).describe("Decay of ξ."),
    floor: number().default(0).describe("The least value that losses can have."),
    probe: choice("same", "next")
      .default("same")
      .describe("Measures the new losses on the same batch, or on the next."),
  },
  source: "2306.03792",
  aliases: ["FAMO", "fast_adaptive_multitask_optimization"],
});

export const gradnorm = balance({
  name: "gradnorm",
  onRepresentation: true,
  doc: "Learned weights v that bring gradient norms to a common size, more for tasks that train slowly: r_i = (l_i/l_i(0))/mean, target τ_i = mean_j(v̂_j n_j) · r_i^alpha, ∂v_i = sign(v̂_i n_i - τ_i) n_i by Adam; then v ≥ 1e-3, rescaled so that all v add up to the number of tasks. α = v̂ before this update, v rescaled so that the present ones add up to P.",
  family: "loss",
  needs: "norms",
  positive: false,
  scale: "sum",
  cost: cost.eachAndOne,
  settings: {
    alpha: notNegative(1.5).positional().describe("How strongly slow tasks are favoured."),
    rate: positive(0.025).describe("Learning rate of v."),
  },
  source: "1711.02257",
  aliases: ["GradNorm", "grad_norm"],
});

export const excess = balance({
  name: "excess",
  doc: "Weights tasks by how far they are from done, measured on gradients: S_i += g_i², e_i = Σ g_i²/√(S_i + 1e-7); in the warm-up α = 1/P and e_i(0) is the mean of e_i; then v ← normalise(v · exp(rate · e_i/(e_i(0) + 1e-7))), α = v.",
  family: "loss",
  needs: "rows",
  positive: false,
  scale: "sum",
  cost: cost.eachWithRows,
  settings: {
    rate: positive(0.01).positional().describe("How fast the weights move."),
    warmup: int({ min: 1 }).default(1).describe("Steps with equal weights at first."),
  },
  source: "2402.02009",
  aliases: ["excessmtl", "ExcessMTL", "excess_risk"],
});
