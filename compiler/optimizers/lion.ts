import { number } from "../registry/settings.ts";
import { runningMean } from "./adam.ts";
import { decayOf, decaySettings, optimizer, rate } from "./row.ts";

export const lion = optimizer({
  name: "lion",
  doc: "Lion: steps of equal size in the direction of the sign of an averaged gradient. p -= rate · λp; p -= rate · sign(β₁m + (1-β₁)g); m = β₂m + (1-β₂)g; sign(0) = 0. Wants a rate three to ten times smaller than adam's.",
  settings: {
    rate: rate(1e-4),
    beta1: number({ min: 0, below: 1 }).default(0.9).describe("How much of the average goes into the step."),
    beta2: number({ min: 0, below: 1 }).default(0.99).describe("How much of the average stays at a step."),
    ...decaySettings(0, "λ: every step shrinks the parameter by rate · λ of itself."),
  },
  source: "2302.06675",
  aliases: ["Lion"],
  state: () => ["average"],
  scalars: (settings, { rate, decay }) => ({ rate, shrink: rate * decayOf(settings, decay) }),
  update(g, { settings, parameter, gradient, state, scalars }) {
    const start = settings.weight_decay > 0 ? g.sub(parameter, g.mul(scalars.shrink, parameter)) : parameter;
    const direction = g.sign(runningMean(g, settings.beta1, state.average, gradient));
    return {
      parameter: g.sub(start, g.mul(scalars.rate, direction)),
      state: { average: runningMean(g, settings.beta2, state.average, gradient) },
    };
  },
});
