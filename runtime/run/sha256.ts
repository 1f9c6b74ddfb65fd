/** SHA-256 in plain code, for where no module of Node is at hand: a browser, which may offer its own to some pages only, and modules. */

const ROUNDS = 64;
const BLOCK = 64;

/** The first 32 bits behind the point of a root of each of the first primes. */
function rootsOfPrimes(count: number, root: (prime: number) => number): Int32Array {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return Int32Array.from(primes, (prime) => Math.floor((root(prime) % 1) * 2 ** 32));
}

/** In hexadecimal digits, of pieces that follow each other. */
export function sha256(pieces: readonly Uint8Array[]): string {
  const state = rootsOfPrimes(8, Math.sqrt);
  const keys = rootsOfPrimes(ROUNDS, Math.cbrt);
  const words = new Int32Array(ROUNDS);
  const rest = new Uint8Array(2 * BLOCK);
  let held = 0;
  let length = 0;
  for (const piece of pieces) {
    length += piece.length;
    let at = 0;
    if (held > 0) {
      at = Math.min(BLOCK - held, piece.length);
      rest.set(piece.subarray(0, at), held);
      held += at;
      if (held < BLOCK) continue;
      mix(state, keys, words, rest, 0);
      held = 0;
    }
    for (; at + BLOCK <= piece.length; at += BLOCK) mix(state, keys, words, piece, at);
    rest.set(piece.subarray(at));
    held = piece.length - at;
  }
  // A one, zeros, and the number of bits.
  rest[held] = 0x80;
  const end = held + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
  rest.fill(0, held + 1, end);
  new DataView(rest.buffer).setBigUint64(end - 8, 8n * BigInt(length));
  for (let at = 0; at < end; at += BLOCK) mix(state, keys, words, rest, at);
  return [...state].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/** Takes a block of bytes into the state; `words` is memory to work in. */
function mix(state: Int32Array, keys: Int32Array, words: Int32Array, bytes: Uint8Array, at: number): void {
  for (let k = 0; k < 16; k++) {
    const from = at + 4 * k;
    words[k] = (bytes[from] << 24) | (bytes[from + 1] << 16) | (bytes[from + 2] << 8) | bytes[from + 3];
  }
  for (let k = 16; k < ROUNDS; k++) {
    const near = words[k - 2];
    const far = words[k - 15];
    const low = ((far >>> 7) | (far << 25)) ^ ((far >>> 18) | (far << 14)) ^ (far >>> 3);
    const high = ((near >>> 17) | (near << 15)) ^ ((near >>> 19) | (near << 13)) ^ (near >>> 10);
    words[k] = (words[k - 16] + low + words[k - 7] + high) | 0;
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let k = 0; k < ROUNDS; k++) {
    const high = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + high + ((e & f) ^ (~e & g)) + keys[k] + words[k]) | 0;
    const low = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}
