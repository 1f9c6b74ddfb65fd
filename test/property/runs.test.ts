import { expect, test } from "vitest";
import { seeds } from "./check.ts";
import { checkRun } from "./runs.ts";

/** Random programs, trained on random rows: an interruption leaves no trace. More of them run in the slow suite. */
const chosen = seeds(12);

test(`runs ${chosen[0]} to ${chosen[chosen.length - 1]} repeat to the bit when they are interrupted and resumed`, async () => {
  const outcomes: string[] = [];
  for (const seed of chosen) outcomes.push(await checkRun(seed));
  if (chosen.length > 1) expect(outcomes.filter((outcome) => outcome === "trained").length).toBeGreaterThan(4);
});
