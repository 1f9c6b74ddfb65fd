import { expect, test } from "vitest";
import { seeds } from "../property/check.ts";
import { checkRandom } from "./random-programs.ts";

/** Random programs train alike on all executors, dropout included. The slow suite draws until 200 have been trained. */
const chosen = seeds(4);
const STEPS = 2;

test(`programs ${chosen[0]} to ${chosen[chosen.length - 1]}`, async () => {
  const outcomes: string[] = [];
  for (const seed of chosen) outcomes.push((await checkRandom(seed, STEPS)).outcome);
  if (chosen.length > 1) expect(outcomes.filter((outcome) => outcome === "same").length).toBeGreaterThan(1);
}, 120_000);
