/**
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011): a key
 * and a counter of 64 bits each give 64 bits. Only additions, rotations and exclusive or on 32-bit integers, so the bits are
 * the same everywhere. The rounds are written out one by one: a loop over them takes three times as long.
 */

/** A key or a counter: two 32-bit halves, the low one first. */
export type Halves = readonly [number, number];

/** Fills `words` with two 32-bit words for each of the counters (low, high), (low + 1, high) … */
export function threefry(key: Halves, low: number, high: number, words: Uint32Array): void {
  const key0 = key[0] | 0;
  const key1 = key[1] | 0;
  const key2 = 0x1bd11bda ^ key0 ^ key1;
  for (let block = 0; 2 * block < words.length; block++) {
    let a = (low + block + key0) | 0;
    let b = (high + key1) | 0;

    a = (a + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ a;
    a = (a + b) | 0;
    b = ((b << 15) | (b >>> 17)) ^ a;
    a = (a + b) | 0;
    b = ((b << 26) | (b >>> 6)) ^ a;
    a = (a + b) | 0;
    b = ((b << 6) | (b >>> 26)) ^ a;
    a = (a + key1) | 0;
    b = (b + key2 + 1) | 0;

    a = (a + b) | 0;
    b = ((b << 17) | (b >>> 15)) ^ a;
    a = (a + b) | 0;
    b = ((b << 29) | (b >>> 3)) ^ a;
    a = (a + b) | 0;
    b = ((b << 16) | (b >>> 16)) ^ a;
    a = (a + b) | 0;
    b = ((b << 24) | (b >>> 8)) ^ a;
    a = (a + key2) | 0;
    b = (b + key0 + 2) | 0;

    a = (a + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ a;
    a = (a + b) | 0;
    b = ((b << 15) | (b >>> 17)) ^ a;
    a = (a + b) | 0;
    b = ((b << 26) | (b >>> 6)) ^ a;
    a = (a + b) | 0;
    b = ((b << 6) | (b >>> 26)) ^ a;
    a = (a + key0) | 0;
    b = (b + key1 + 3) | 0;

    a = (a + b) | 0;
    b = ((b << 17) | (b >>> 15)) ^ a;
    a = (a + b) | 0;
    b = ((b << 29) | (b >>> 3)) ^ a;
    a = (a + b) | 0;
    b = ((b << 16) | (b >>> 16)) ^ a;
    a = (a + b) | 0;
    b = ((b << 24) | (b >>> 8)) ^ a;
    a = (a + key1) | 0;
    b = (b + key2 + 4) | 0;

    a = (a + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ a;
    a = (a + b) | 0;
    b = ((b << 15) | (b >>> 17)) ^ a;
    a = (a + b) | 0;
    b = ((b << 26) | (b >>> 6)) ^ a;
    a = (a + b) | 0;
    b = ((b << 6) | (b >>> 26)) ^ a;
    words[2 * block] = a + key2;
    words[2 * block + 1] = b + key0 + 5;
  }
}

/** The key that belongs to a seed and a name: the name's UTF-16 units are absorbed eight bytes at a time, its length last. */
export function keyOf(seed: number, name: string): Halves {
  let key: Halves = [seed | 0, Math.floor(seed / 2 ** 32) | 0];
  const words = new Uint32Array(2);
  const absorb = (low: number, high: number): void => {
    threefry(key, low, high, words);
    key = [words[0] ^ low, words[1] ^ high];
  };
  const unit = (i: number): number => (i < name.length ? name.charCodeAt(i) : 0);
  for (let i = 0; i < name.length; i += 4) {
    absorb(unit(i) | (unit(i + 1) << 16), unit(i + 2) | (unit(i + 3) << 16));
  }
  absorb(name.length, -1);
  return key;
}
