import { afterAll, expect, test } from "vitest";
import { checkProgram, seeds } from "../property/check.ts";
import { openTested } from "../runtime/open-tested.ts";

/** Random programs mean on TensorFlow.js what they mean on the reference interpreter. The slow suite draws 200 of them. */
const engine = await openTested();
afterAll(() => engine.close());

const chosen = seeds(Number(process.env["MTLC_TEST_PROGRAMS"] ?? 8));

test(`programs ${chosen[0]} to ${chosen[chosen.length - 1]}`, async () => {
  let [outputs, soft] = [0, 0];
  for (const seed of chosen) {
    const checked = await checkProgram(engine, seed);
    outputs += checked.outputs;
    soft += checked.soft;
  }
  // What rounding alone can move shows little.
  expect(soft / outputs).toBeLessThan(0.05);
}, 600_000);
