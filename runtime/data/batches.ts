import { permutation } from "../../compiler/random/index.ts";
import type { RandomStream } from "../../compiler/registry/rows.ts";

/**
 * Copies rows `order[from]` … `order[from + count - 1]` of `source` ([rows × elements], row-major) into `into`, one behind the
 * other; what is left of `into` becomes zero. Both are of the same type.
 */
export function gatherRows<Values extends Float32Array | Int32Array>(
  source: Values,
  elements: number,
  order: Int32Array,
  from: number,
  count: number,
  into: Values,
): void {
  if (elements > 16)
    for (let i = 0; i < count; i++) {
      const at = order[from + i] * elements;
      into.set(source.subarray(at, at + elements), i * elements);
    }
  else
    for (let i = 0, to = 0; i < count; i++) {
      const at = order[from + i] * elements;
      for (let k = 0; k < elements; k++) into[to++] = source[at + k];
    }
  into.fill(0, count * elements);
}

/** 0 … n - 1 in an order that the stream decides. */
export function shuffled(n: number, stream: Pick<RandomStream, "below">): Int32Array {
  return permutation(stream, n);
}
