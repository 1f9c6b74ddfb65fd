/**
 * δ of `average: ema` at its step k = 0, 1 …, in a ← δa + (1-δ)p after every step, a starting at the initial parameters.
 * With `ramp` the first averages forget faster: min(decay, (1 + k)/(10 + k)).
 */
export function decayAt(settings: { readonly decay: number; readonly ramp: boolean }, k: number): number {
  return settings.ramp ? Math.min(settings.decay, (1 + k) / (10 + k)) : settings.decay;
}
