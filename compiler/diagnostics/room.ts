import { grouped } from "../prose/numbers.ts";
import { diagnostic } from "./diagnostic.ts";

/** MTL8102 and after: what takes more memory than there is, told before it is taken. */
export const room = {
  tooManyNumbers: diagnostic<{ what: string; rows: number; each: number; limit: number }>({
    code: "MTL8102",
    name: "too-many-numbers",
    severity: "error",
    message: ({ what, rows, each, limit }) =>
      `${what} would be ${grouped(rows * each)} numbers, ${grouped(each)} for each of ${grouped(rows)} rows, more than the ${grouped(limit)} that are held at once`,
    why: "Rows are read into memory as a whole, and so are the answers that are measured. Their size is worked out before memory is taken.",
    bad: "input t: tokens(1_000_000_000), and a file of 160 rows",
    good: "input t: tokens(1_000)",
    wrap: "data",
  }),
  tooLittleMemory: diagnostic<{ bytes: number; memory: number; batch: number }>({
    code: "MTL8103",
    name: "too-little-memory",
    severity: "error",
    message: ({ bytes, memory, batch }) =>
      `a step takes ${gigabytes(bytes)} or more with batches of ${grouped(batch)}, and this machine has ${gigabytes(memory)}`,
    why: "A step holds every parameter four times (itself, its gradient, what the optimizer keeps) and the values of all layers for one batch. That is worked out before training begins.",
    bad: "train { batch: 1_000_000 }, on as many rows, with layers of some thousand numbers",
    good: "train { batch: 256 }",
    wrap: "data",
  }),
} as const;

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`;
}
