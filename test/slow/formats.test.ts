import { expect, test } from "vitest";
import { seeds } from "../property/check.ts";
import { checkFormats } from "../property/formats-read.ts";

/** The random tables of the fast suite, and many more. */
const chosen = seeds(100);

test(`tables ${chosen[0]} to ${chosen[chosen.length - 1]} mean the same in every format`, async () => {
  for (const seed of chosen) await checkFormats(seed);
  expect.hasAssertions();
});
