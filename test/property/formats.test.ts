import { expect, test } from "vitest";
import { checkFormats } from "./formats-read.ts";
import { seeds } from "./check.ts";

/** Random tables, written in every format. More of them in the slow suite. */
const chosen = seeds(20);

test(`tables ${chosen[0]} to ${chosen[chosen.length - 1]} mean the same in every format`, async () => {
  for (const seed of chosen) await checkFormats(seed);
  expect.hasAssertions();
});
