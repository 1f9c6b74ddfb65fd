import type { Node } from "../graph/graph.ts";
import { bool, number } from "../registry/settings.ts";
import { decayOf, decaySettings, optimizer, rate } from "./row.ts";

export const sgd = optimizer({
  name: "sgd",
  doc: "Stochastic gradient descent, with momentum if asked for. g += λp; v = μv + g, and v = g at the first step; p -= rate · v, or rate · (g + μv) with `nesterov`. No damping: a momentum of 0.9 makes the steps up to ten times as long.",
  settings: {
    rate: rate(1e-3),
    momentum: number({ min: 0, below: 1 }).default(0).describe("μ: how much of the last step's direction stays."),
    nesterov: bool(false).describe("Looks one step of momentum ahead."),
    ...decaySettings(0, "λ: adds λ times the parameter to its gradient."),
  },
  aliases: ["SGD", "momentum", "gradient_descent"],
  state: ({ momentum }) => (momentum > 0 ? ["velocity"] : []),
  scalars: (settings, { rate, decay }) => ({ rate, weight_decay: decayOf(settings, decay) }),
  update(g, { settings, parameter, gradient, state, scalars }) {
    const decayed = settings.weight_decay > 0 ? g.add(gradient, g.mul(scalars.weight_decay, parameter)) : gradient;
    const moved = (direction: Node, state: Readonly<Record<string, Node>>) => ({
      parameter: g.sub(parameter, g.mul(scalars.rate, direction)),
      state,
    });
    if (settings.momentum === 0) return moved(decayed, {});
    // State starts at 0, so the first step's velocity is the gradient itself.
    const velocity = g.add(g.mul(g.constant(settings.momentum), state.velocity), decayed);
    const direction = settings.nesterov ? g.add(decayed, g.mul(g.constant(settings.momentum), velocity)) : velocity;
    return moved(direction, { velocity });
  },
});
