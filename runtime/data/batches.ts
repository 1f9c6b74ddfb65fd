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
  if (elements > LINE)
    for (let done = 0; done < count; done += AHEAD) {
      const end = Math.min(count, done + AHEAD);
      if (elements <= LONGEST) touch(source, elements, order, from + done, from + end);
      for (let i = done; i < end; i++) {
        const at = order[from + i] * elements;
        into.set(source.subarray(at, at + elements), i * elements);
      }
    }
  else
    for (let i = 0, to = 0; i < count; i++) {
      const at = order[from + i] * elements;
      for (let k = 0; k < elements; k++) into[to++] = source[at + k];
    }
  into.fill(0, count * elements);
}

/** Numbers of a cache line. */
const LINE = 16;
/** Rows that are fetched together, and how long they may be: the processor fetches longer ones ahead by itself. */
const AHEAD = 128;
const LONGEST = 512;

/**
 * Reads one number of each cache line of some rows. The processor waits for many such reads at once, and for the copies of
 * rows one after another: shuffled rows of 64 numbers take a third of the time.
 */
function touch(
  source: Float32Array | Int32Array,
  elements: number,
  order: Int32Array,
  from: number,
  end: number,
): void {
  let sum = 0;
  for (let i = from; i < end; i++) {
    const at = order[i] * elements;
    for (let k = 0; k < elements; k += LINE) sum += source[at + k];
  }
  touched.sum = sum;
}

/** Keeps the reads from being optimized away. */
const touched = { sum: 0 };
