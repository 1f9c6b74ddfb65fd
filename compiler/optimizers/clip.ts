/** The factor of every gradient under `clip: norm(limit)`: min(1, limit / (norm + 1e-6)), norm over the whole model. */
export function clipFactor(norm: number, limit: number): number {
  return Math.min(1, limit / (norm + 1e-6));
}

/** One element under `clip: value(limit)`: kept within ± limit. */
export function clipValue(value: number, limit: number): number {
  return Math.min(limit, Math.max(-limit, value));
}
