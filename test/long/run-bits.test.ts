import { afterAll, beforeAll, expect, test } from "vitest";
import { FlippedRun, flippedFiles } from "../runtime/flipped-run.ts";

/** Every single bit of a run's files: one that is turned round is refused, or changes nothing that is read. */
const run = new FlippedRun();
beforeAll(() => run.make());
afterAll(() => run.remove());

test.each(flippedFiles)("%s is refused, or read as it was", (file) => {
  const right = run.read();
  let refused = 0;
  for (let bit = 0; bit < run.bits(file); bit++) {
    const read = run.flipped(file, bit);
    if (read === null) refused++;
    else expect(read, `bit ${bit}`).toEqual(right);
  }
  expect(refused).toBeGreaterThan(0.9 * run.bits(file));
});
