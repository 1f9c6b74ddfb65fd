import { bool, number } from "../registry/settings.ts";
import { runningMean } from "./adam.ts";
import { optimizer, rate } from "./row.ts";

export const rmsprop = optimizer({
  name: "rmsprop",
  doc: "RMSprop: gradients over the root of their running mean square. v = ρv + (1-ρ)g²; u = g/(√v + ε); with momentum b = μb + u and the step is b; p -= rate · step. `centered` subtracts the square of the running mean gradient from v.",
  settings: {
    rate: rate(1e-2),
    decay: number({ min: 0, below: 1 }).default(0.99).describe("ρ: how much of the running average stays at a step."),
    epsilon: number({ above: 0 }).default(1e-8).describe("Added to the root, outside of it."),
    momentum: number({ min: 0, below: 1 }).default(0).describe("μ: how much of the last step's direction stays."),
    centered: bool(false).describe("Divides by the spread of the gradients around their mean."),
  },
  source: "Lecture 6e of Neural Networks for Machine Learning (Hinton, 2012)",
  aliases: ["RMSprop", "RMSProp"],
  state: ({ momentum, centered }) => [
    "square",
    ...(centered ? ["average"] : []),
    ...(momentum > 0 ? ["velocity"] : []),
  ],
  scalars: (_, { rate }) => ({ rate }),
  update(g, { settings, parameter, gradient, state, scalars }) {
    const square = runningMean(g, settings.decay, state.square, g.square(gradient));
    const average = settings.centered ? runningMean(g, settings.decay, state.average, gradient) : null;
    const variance = average === null ? square : g.sub(square, g.square(average));
    const scaled = g.div(gradient, g.add(g.sqrt(variance), g.constant(settings.epsilon)));
    const velocity = settings.momentum > 0 ? g.add(g.mul(g.constant(settings.momentum), state.velocity), scaled) : null;
    return {
      parameter: g.sub(parameter, g.mul(scalars.rate, velocity ?? scaled)),
      state: { square, ...(average && { average }), ...(velocity && { velocity }) },
    };
  },
});
