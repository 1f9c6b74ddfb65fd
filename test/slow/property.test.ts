import { afterAll, expect, test } from "vitest";
import { openEngine } from "../../runtime/engines/index.ts";
import { checkProgram, seeds } from "../property/check.ts";
import { emitRandom } from "../property/emitted.ts";
import { checkAgreement } from "../property/data-agreement.ts";
import { checkRun } from "../property/runs.ts";
import { Uses } from "../property/uses.ts";

/** The random programs of the fast suite, and many more: every layer stands in at least five, every kind, loss, optimizer, schedule and rule in one. */
const engine = await openEngine({ threads: 1 });
afterAll(() => engine.close());

const chosen = seeds(400);

test(`programs ${chosen[0]} to ${chosen[chosen.length - 1]}`, async () => {
  const uses = new Uses();
  let [outputs, soft] = [0, 0];
  for (const seed of chosen) {
    const checked = await checkProgram(engine, seed);
    uses.add(checked.model);
    outputs += checked.outputs;
    soft += checked.soft;
  }
  console.log(
    `${chosen.length} programs from seed ${chosen[0]}: ${outputs} results, ${soft} of them at the mercy of rounding`,
  );
  expect(soft / outputs).toBeLessThan(0.05);
  if (chosen.length < 300) return;
  expect(uses.rarer(5, ["layer"])).toEqual([]);
  expect(uses.rarer(1, ["taskKind", "loss", "optimizer", "schedule", "balance"])).toEqual([]);
});

const written = seeds(500);

test(`programs ${written[0]} to ${written[written.length - 1]} become modules`, () => {
  const refused = written.flatMap((seed) => emitRandom(seed) ?? []);
  console.log(`${refused.length} of ${written.length} are no modules:`, new Set(refused));
  if (written.length > 1) expect(refused.length).toBeLessThan(written.length / 50);
});

const trained = seeds(150);

test(`runs ${trained[0]} to ${trained[trained.length - 1]}, interrupted and resumed`, async () => {
  const outcomes: string[] = [];
  for (const seed of trained) outcomes.push(await checkRun(seed));
  const count = (outcome: string): number => outcomes.filter((each) => each === outcome).length;
  console.log(
    `${count("trained")} trained, ${count("refused")} of words that cannot run, ${count("diverged")} diverged`,
  );
  if (trained.length === 1) return;
  expect(count("trained")).toBeGreaterThan(trained.length / 3);
  expect(count("diverged")).toBeLessThan(trained.length / 10);
});

const files = seeds(150);

test(`check and train agree on files ${files[0]} to ${files[files.length - 1]}`, async () => {
  const outcomes: string[] = [];
  for (const seed of files) outcomes.push(await checkAgreement(seed));
  const count = (outcome: string): number => outcomes.filter((each) => each === outcome).length;
  console.log(`${count("passed")} passed, ${count("refused")} refused, ${count("seen in the head")} seen in the head`);
  if (files.length === 1) return;
  for (const outcome of ["passed", "refused", "seen in the head"])
    expect(count(outcome), outcome).toBeGreaterThan(files.length / 10);
});
