import { number } from "../registry/settings.ts";
import { optimizer, rate } from "./row.ts";

export const adagrad = optimizer({
  name: "adagrad",
  doc: "Adagrad: gradients over the root of the sum of all their squares. s += g²; p -= rate/(1 + (t-1) · rate_decay) · g/(√s + ε).",
  settings: {
    rate: rate(1e-2),
    rate_decay: number({ min: 0 }).default(0).describe("The rate is divided by 1 + (t - 1) times this."),
    start: number({ min: 0 }).default(0).describe("What the sum of squares starts at."),
    epsilon: number({ above: 0 }).default(1e-10).describe("Added to the root, outside of it."),
  },
  source:
    "Adaptive subgradient methods for online learning and stochastic optimization (Duchi, Hazan and Singer, 2011)",
  aliases: ["Adagrad"],
  state: () => ["sum"],
  scalars: ({ rate_decay }, { t, rate }) => ({ rate: rate / (1 + (t - 1) * rate_decay) }),
  update(g, { settings, parameter, gradient, state, scalars }) {
    // State starts at 0, so what is kept is the sum beyond `start`.
    const sum = g.add(state.sum, g.square(gradient));
    const root = g.sqrt(settings.start > 0 ? g.add(sum, g.constant(settings.start)) : sum);
    const step = g.div(gradient, g.add(root, g.constant(settings.epsilon)));
    return { parameter: g.sub(parameter, g.mul(scalars.rate, step)), state: { sum } };
  },
});
