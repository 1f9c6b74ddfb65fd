import { permutation, randomStream } from "../../compiler/random/index.ts";

/** The order of a source's rows in an epoch (from 0): a function of seed, source and epoch alone, so a resumed run finds it again. */
export function epochOrder(
  rows: number,
  shuffle: boolean,
  seed: number,
  source: string | null,
  epoch: number,
): Int32Array {
  if (!shuffle) return Int32Array.from({ length: rows }, (_, row) => row);
  return permutation(randomStream(seed, `data/${source ?? ""}/epoch/${epoch}`), rows);
}
