import { expect, test } from "vitest";
import { checkAgreement } from "../property/data-agreement.ts";
import { seeds } from "../property/check.ts";
import { emitRandom } from "../property/emitted.ts";
import { checkFormats } from "../property/formats-read.ts";

/** What the fast and the slow suite try of random programs and files, many more times. */

const written = seeds(5000);

test(`programs ${written[0]} to ${written[written.length - 1]} become modules`, () => {
  const refused = written.flatMap((seed) => emitRandom(seed) ?? []);
  console.log(`${refused.length} of ${written.length} are no modules:`, new Set(refused));
  if (written.length > 1) expect(refused.length).toBeLessThan(written.length / 50);
});

const files = seeds(2000);

test(`check and train agree on files ${files[0]} to ${files[files.length - 1]}`, async () => {
  const outcomes: string[] = [];
  for (const seed of files) outcomes.push(await checkAgreement(seed));
  if (files.length === 1) return;
  for (const outcome of ["passed", "refused", "seen in the head"])
    expect(outcomes.filter((each) => each === outcome).length, outcome).toBeGreaterThan(files.length / 10);
});

const tables = seeds(1000);

test(`tables ${tables[0]} to ${tables[tables.length - 1]} mean the same in every format`, async () => {
  for (const seed of tables) await checkFormats(seed);
  expect.hasAssertions();
});
