import { afterAll, expect, test } from "vitest";
import { openEngine } from "../../runtime/engines/index.ts";
import { checkProgram, seeds } from "./check.ts";
import { Uses } from "./uses.ts";

/**
 * Random programs. Each checks, can be described, reads back from its IR, and its training step and its evaluation give on
 * the engine what they mean on the reference. MTLC_PROPERTY_SEED=n runs one of them, MTLC_PROPERTY_START=n others.
 */
const engine = await openEngine({ threads: 1 });
afterAll(() => engine.close());

const chosen = seeds(40);

test(`programs ${chosen[0]} to ${chosen[chosen.length - 1]} are what they say, on both engines`, async () => {
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
  const missing = uses.rarer(1, ["layer"]).filter((row) => !row.startsWith("layer prediction"));
  if (chosen.length > 1) expect(missing).toEqual([]);
});
