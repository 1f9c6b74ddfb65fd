import { appendFileSync } from "node:fs";
import { afterAll, expect } from "vitest";

/** Before every test file: says whether a mutant is on, and writes down which were asked for by which file. */

declare global {
  var __mutant: ((id: number) => boolean) | undefined;
}

const { MTLC_MUTANT: on, MTLC_MUTANTS_REACHED: reachedFile } = process.env;
const reached = new Set<number>();

globalThis.__mutant = (id) => {
  reached.add(id);
  return String(id) === on;
};

if (reachedFile !== undefined)
  afterAll(() => {
    const { testPath } = expect.getState();
    appendFileSync(reachedFile, `${JSON.stringify({ file: testPath, reached: [...reached] })}\n`);
  });
