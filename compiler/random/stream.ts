import type { RandomStream } from "../registry/rows.ts";
import { normalQuantile } from "./normal.ts";
import { keyOf, threefry } from "./threefry.ts";

/** A stream that a checkpoint can hold as one number. */
export interface SeekableStream extends RandomStream {
  /** How many 32-bit words have been used. */
  save(): number;
  /** Goes on as a stream that has used this many words. */
  seek(position: number): void;
}

const BUFFER = 64;

/**
 * The numbers that belong to a seed and a name, one after another. Streams of different names know nothing of each other:
 * `init/<parameter path>`, `data/<source>`, `balance`.
 */
export function randomStream(seed: number, name: string): SeekableStream {
  const key = keyOf(seed, name);
  const words = new Uint32Array(BUFFER);
  /** Position of the first word in the buffer, and how many of the buffer's words are used. */
  let first = 0;
  let used = 0;

  const read = (from: number): void => {
    const block = from / 2;
    threefry(key, block, Math.floor(block / 2 ** 32), words);
    first = from;
    used = 0;
  };
  const next = (): number => {
    if (used === BUFFER) read(first + BUFFER);
    return words[used++];
  };
  const seek = (to: number): void => {
    read(Math.floor(to / BUFFER) * BUFFER);
    used = to - first;
  };
  seek(0);
  return {
    uniform: () => next() / 2 ** 32,
    normal: () => normalQuantile((next() + 0.5) / 2 ** 32),
    below(n) {
      // Words beyond the last whole multiple of n would make small results likelier.
      const whole = 2 ** 32 - (2 ** 32 % n);
      let word = next();
      while (word >= whole) word = next();
      return word % n;
    },
    save: () => first + used,
    seek,
  };
}

/** 0 … n - 1 in random order (Fisher and Yates), every order equally likely. */
export function permutation(random: Pick<RandomStream, "below">, n: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
  return order;
}
