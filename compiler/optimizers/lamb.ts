import { decayOf, decaySettings, moments, optimizer, rate } from "./row.ts";

/** Its step depends on the norm of a whole tensor, so it cannot be told element by element. */
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
  state: () => ["first", "second"],
  scalars: (settings, { t, rate, decay }) => ({
    rate,
    first_correction: 1 / (1 - settings.beta1 ** t),
    root_correction: 1 / Math.sqrt(1 - settings.beta2 ** t),
    weight_decay: decayOf(settings, decay),
  }),
});
