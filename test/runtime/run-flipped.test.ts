import { afterAll, beforeAll, expect, test } from "vitest";
import { FlippedRun, flippedFiles } from "./flipped-run.ts";

/** One bit of a run's file turned round is told, or what is read is the same. The slow suite turns every bit. */
const run = new FlippedRun();
beforeAll(() => run.make());
afterAll(() => run.remove());

test.each(flippedFiles)("%s: no bit changes what is read", (file) => {
  const right = run.read();
  let refused = 0;
  let tried = 0;
  // Bits of a byte come in turn, and every kind of place.
  const step = 2 * Math.ceil(run.bits(file) / 500) + 1;
  for (let bit = 0; bit < run.bits(file); bit += step) {
    const read = run.flipped(file, bit);
    if (read === null) refused++;
    else expect(read, `bit ${bit}`).toEqual(right);
    tried++;
  }
  expect(refused).toBeGreaterThan(0.9 * tried);
});
