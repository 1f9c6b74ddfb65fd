import { normalQuantile } from "../random/index.ts";
import type { RandomStream } from "../registry/rows.ts";

/** Share of a normal distribution below -2 standard deviations. */
const BELOW = 0.02275013194817921;
/** Standard deviation of a standard normal number that is cut at ±2. */
const SPREAD = 0.87962566;

/** A normal number with this standard deviation, cut at two of the uncut distribution's: one draw, never outside. */
export function truncatedNormal(sd: number, random: RandomStream): number {
  return (sd * normalQuantile(BELOW + random.uniform() * (1 - 2 * BELOW))) / SPREAD;
}
