import { int, number } from "../registry/settings.ts";
import { schedule, warmup } from "./row.ts";
import type { ScheduleTime } from "./row.ts";

const floor = number({ min: 0, max: 1 }).default(0).describe("The factor that the curve runs down to.");

/** How much of the steps after the warm-up is over, from 0. */
function progress(at: ScheduleTime, warmup: number): number {
  return (at.step - warmup) / Math.max(1, at.total - warmup);
}

export const constant = schedule({
  name: "constant",
  doc: "The rate as written, after a warm-up if one is asked for.",
  settings: { warmup: warmup.positional() },
  aliases: ["none", "ConstantLR", "constant_with_warmup"],
  warmup: ({ warmup }) => warmup,
  after: () => 1,
});

export const cosine = schedule({
  name: "cosine",
  doc: "Half a cosine wave from 1 down to `floor`: floor + (1-floor) · ½(1 + cos(π(s-W)/(S-W))) at step s of S.",
  settings: { warmup: warmup.positional(), floor },
  source: "1608.03983",
  aliases: ["CosineAnnealingLR", "CosineDecay", "cosine_annealing", "cosine_with_warmup"],
  warmup: ({ warmup }) => warmup,
  after: ({ warmup, floor }, at) => floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress(at, warmup))),
});

export const linear = schedule({
  name: "linear",
  doc: "A straight line from 1 down to `floor`: 1 - (1-floor)(s-W)/(S-W) at step s of S.",
  settings: { warmup: warmup.positional(), floor },
  aliases: ["LinearLR", "PolynomialDecay", "linear_with_warmup"],
  warmup: ({ warmup }) => warmup,
  after: ({ warmup, floor }, at) => 1 - (1 - floor) * progress(at, warmup),
});

export const inverseSqrt = schedule({
  name: "inverse_sqrt",
  doc: "Rises for W steps, then falls as √(W/(s + 1)).",
  settings: {
    warmup: int({ min: 1 }).positional().describe("Steps W in which the factor rises as (s + 1)/W."),
  },
  source: "1706.03762",
  aliases: ["noam", "rsqrt", "inverse_square_root"],
  warmup: ({ warmup }) => warmup,
  after: ({ warmup }, at) => Math.sqrt(warmup / (at.step + 1)),
});

/** From `a` at 0 to `b` at 1 on half a cosine wave. */
const swing = (a: number, b: number, share: number): number => b + (a - b) * 0.5 * (1 + Math.cos(Math.PI * share));

export const oneCycle = schedule({
  name: "one_cycle",
  doc: "Up on half a cosine wave from `start` to 1, then down to `end`. With N = S + 1 and up = peak_at · N - 1: from start to 1 over [0, up], then from 1 to end over [up, N - 1].",
  settings: {
    peak_at: number({ min: 0, max: 1 })
      .positional()
      .default(0.3)
      .describe("Share of the steps after which the peak is reached."),
    start: number({ min: 0 }).default(0.04).describe("Factor at the first step."),
    end: number({ min: 0 }).default(4e-6).describe("Factor at the end."),
    warmup,
  },
  source: "1708.07120",
  aliases: ["OneCycleLR", "OneCycle", "1cycle"],
  warmup: ({ warmup }) => warmup,
  after({ peak_at, start, end }, { step, total }) {
    const up = peak_at * (total + 1) - 1;
    return step < up ? swing(start, 1, step / up) : swing(1, end, (step - up) / (total - up));
  },
});
