import { runningMean } from "./adam.ts";
import { decayOf, decaySettings, moments, optimizer, rate } from "./row.ts";

export const lamb = optimizer({
  name: "lamb",
  doc: "LAMB: adam's direction, each tensor's step as long as the tensor. r = m̂/(√v̂ + ε) + λp, with m̂ and v̂ as in adam; per tensor p -= rate · (‖p‖/‖r‖) r, the ratio being 1 if either norm is 0.",
  settings: {
    rate: rate(1e-3),
    ...moments(1e-6),
    ...decaySettings(0, "λ: adds λ times the parameter to the direction."),
  },
  source: "1904.00962",
  aliases: ["LAMB", "lars"],
  wholeTensors: true,
  state: () => ["first", "second"],
  scalars: (settings, { t, rate, decay }) => ({
    rate,
    first_correction: 1 / (1 - settings.beta1 ** t),
    root_correction: 1 / Math.sqrt(1 - settings.beta2 ** t),
    weight_decay: decayOf(settings, decay),
  }),
  update(g, { settings, parameter, gradient, state, scalars }) {
    const first = runningMean(g, settings.beta1, state.first, gradient);
    const second = runningMean(g, settings.beta2, state.second, g.square(gradient));
    const spread = g.add(g.mul(g.sqrt(second), scalars.root_correction), g.constant(settings.epsilon));
    const direction = g.add(
      g.div(g.mul(first, scalars.first_correction), spread),
      g.mul(scalars.weight_decay, parameter),
    );
    const length = g.sqrt(g.sum(g.square(parameter)));
    const step = g.sqrt(g.sum(g.square(direction)));
    const some = g.greater(g.minimum(length, step), g.constant(0));
    const ratio = g.select(some, g.div(length, g.select(some, step, g.constant(1))), g.constant(1));
    return { parameter: g.sub(parameter, g.mul(g.mul(scalars.rate, ratio), direction)), state: { first, second } };
  },
});
