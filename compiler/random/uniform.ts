import { keyOf, threefry } from "./threefry.ts";

const words = new Uint32Array(4096);

/**
 * Writes numbers `offset`, `offset + 1` … of those that belong to a seed, a name and a step: uniform in [0, 1), multiples of
 * 2^-24, so each is exact in 32-bit floats. What stands at a place depends on nothing else: a batch may be filled in pieces.
 */
export function fillUniform(seed: number, name: string, step: number, into: Float32Array, offset = 0): void {
  const key = keyOf(seed, name);
  let done = 0;
  while (done < into.length) {
    const first = offset + done;
    const skipped = first % 2;
    const count = Math.min(into.length - done, words.length - skipped);
    const used = words.subarray(0, 2 * Math.ceil((count + skipped) / 2));
    threefry(key, Math.floor(first / 2), step, used);
    for (let i = 0; i < count; i++) into[done + i] = (used[skipped + i] >>> 8) * 2 ** -24;
    done += count;
  }
}
