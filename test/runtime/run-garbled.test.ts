import { afterAll, beforeAll, expect, test } from "vitest";
import { seeds } from "../property/check.ts";
import { DamagedRun, runFiles } from "./run-garbling.ts";

/** A run folder with a damaged file answers, or says which file it is. More damage in the slow suite. */
const run = new DamagedRun();
beforeAll(() => run.make());
afterAll(() => run.remove());

const chosen = seeds(20);

test.each(runFiles)(`%s, damaged ${chosen.length} times from seed ${chosen[0]}`, async (file) => {
  let refused = 0;
  for (const seed of chosen) if (await run.damage(file, seed)) refused++;
  if (chosen.length > 1) expect(refused).toBeGreaterThan(chosen.length / 3);
});
