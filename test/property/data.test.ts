import { expect, test } from "vitest";
import { seeds } from "./check.ts";
import { checkAgreement } from "./data-agreement.ts";

/** Random models and files: `check`, `check --data` and training are of one mind. More of them run in the slow suite. */
const chosen = seeds(30);

test(`check and train agree on files ${chosen[0]} to ${chosen[chosen.length - 1]}`, async () => {
  const outcomes: string[] = [];
  for (const seed of chosen) outcomes.push(await checkAgreement(seed));
  if (chosen.length === 1) return;
  for (const outcome of ["passed", "refused", "seen in the head"])
    expect(outcomes.filter((each) => each === outcome).length, outcome).toBeGreaterThan(1);
});
