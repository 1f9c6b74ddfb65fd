import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import type { LossCall } from "../registry/rows.ts";
import { number } from "../registry/settings.ts";
import type { SettingRows } from "../registry/settings.ts";
import { inShapeOf, loss, presence, weightedSum } from "./row.ts";

/** Losses of the error e = p - t of a number. Heads of counts give log rates: their value is e^z. */
function error(g: Builder, { prediction, target, weight, kind }: Omit<LossCall<SettingRows>, "settings">): Node {
  const given = inShapeOf(g, target, prediction);
  if (kind.word !== "count") return g.sub(given, target);
  // A missing place may hold any rate; its exponential must not overflow.
  return g.sub(g.exp(g.select(presence(g, weight), given, g.constant(0))), target);
}

/** ½e² within ±δ, δ(|e| - ½δ) beyond: with m = min(|e|, δ) both are m(|e| - ½m). */
function huberOf(g: Builder, e: Node, delta: number): Node {
  const size = g.abs(e);
  const inner = g.minimum(size, g.constant(delta));
  return g.mul(inner, g.sub(size, g.mul(g.constant(0.5), inner)));
}

export const mse = loss({
  name: "mse",
  doc: "Mean squared error: (p - t)², without a factor ½.",
  kinds: ["real", "count"],
  wants: "values",
  positive: true,
  settings: {},
  aliases: ["MSELoss", "mean_squared_error", "MeanSquaredError", "l2", "L2Loss", "squared_error"],
  parts: (g, call) => weightedSum(g, g.square(error(g, call)), call.weight),
  example: "loss: mse",
});

export const mae = loss({
  name: "mae",
  doc: "Mean absolute error: |p - t|, slope 0 where p = t.",
  kinds: ["real", "count"],
  wants: "values",
  positive: true,
  settings: {},
  aliases: ["L1Loss", "l1_loss", "mean_absolute_error", "MeanAbsoluteError", "l1"],
  parts: (g, call) => weightedSum(g, g.abs(error(g, call)), call.weight),
  example: "loss: mae",
});

export const huber = loss({
  name: "huber",
  doc: "Squared for small errors, straight for large ones: ½e² if |e| ≤ δ, else δ(|e| - ½δ).",
  kinds: ["real"],
  wants: "values",
  positive: true,
  settings: {
    delta: number({ above: 0 }).positional().default(1).describe("δ: the error at which the parabola becomes a line."),
  },
  source: "Robust estimation of a location parameter (Huber, 1964)",
  aliases: ["HuberLoss", "Huber", "huber_loss"],
  parts: (g, call) => weightedSum(g, huberOf(g, error(g, call), call.settings.delta), call.weight),
  example: "loss: huber(delta: 0.5)",
});

export const smoothL1 = loss({
  name: "smooth_l1",
  doc: "Absolute error with a rounded tip: e²/(2β) if |e| < β, else |e| - β/2. It is huber divided by β.",
  kinds: ["real"],
  wants: "values",
  positive: true,
  settings: {
    beta: number({ above: 0 }).positional().default(1).describe("β: the error at which the rounding ends."),
  },
  source: "1504.08083",
  aliases: ["SmoothL1Loss", "smooth_l1_loss"],
  parts(g, call) {
    const { beta } = call.settings;
    const rounded = huberOf(g, error(g, call), beta);
    return weightedSum(g, beta === 1 ? rounded : g.mul(rounded, g.constant(1 / beta)), call.weight);
  },
  example: "loss: smooth_l1",
});

export const logCosh = loss({
  name: "log_cosh",
  doc: "Logarithm of the hyperbolic cosine of the error: |e| + log(1 + e^(-2|e|)) - log 2. Squared near 0, straight far out.",
  kinds: ["real"],
  wants: "values",
  positive: true,
  settings: {},
  aliases: ["LogCosh", "logcosh", "log_cosh_loss"],
  parts(g, call) {
    const size = g.abs(error(g, call));
    const bend = g.softplus(g.mul(size, g.constant(-2)));
    return weightedSum(g, g.sub(g.add(size, bend), g.constant(Math.LN2)), call.weight);
  },
  example: "loss: log_cosh",
});

export const quantile = loss({
  name: "quantile",
  doc: "Pinball loss: max(q(t - p), (q - 1)(t - p)). Its best answer is the q-quantile of the targets; ½ gives the median.",
  kinds: ["real"],
  wants: "values",
  positive: true,
  settings: {
    quantile: number({ above: 0, below: 1 })
      .positional()
      .default(0.5)
      .describe("q: the share of targets that should lie below."),
  },
  source: "Regression quantiles (Koenker and Bassett, 1978)",
  aliases: ["pinball", "pinball_loss", "QuantileLoss", "quantile_loss"],
  parts(g, call) {
    const e = error(g, call);
    const { quantile } = call.settings;
    return weightedSum(g, g.maximum(g.mul(e, g.constant(-quantile)), g.mul(e, g.constant(1 - quantile))), call.weight);
  },
  example: "loss: quantile(0.9)",
});

export const poisson = loss({
  name: "poisson",
  doc: "Minus the logarithm of a count's Poisson probability, without the part that only the target decides: e^z - t z, z the logarithm of the rate. It can be negative.",
  kinds: ["count"],
  wants: "log_rate",
  positive: false,
  settings: {},
  aliases: ["PoissonNLLLoss", "Poisson", "poisson_nll", "poisson_nll_loss"],
  parts(g, { prediction, target, weight }) {
    // A missing place may hold any rate; its exponential must not overflow.
    const rate = g.select(presence(g, weight), inShapeOf(g, target, prediction), g.constant(0));
    return weightedSum(g, g.sub(g.exp(rate), g.mul(target, rate)), weight);
  },
  example: "loss: poisson",
});
