import { expect, it } from "vitest";
import { randomStream } from "../../compiler/random/index.ts";
import { registry } from "../../compiler/registry/index.ts";
import type { MetricRow } from "../../compiler/registry/rows.ts";
import { bootstrap } from "../../runtime/train/resample.ts";
import { task } from "./data-fixtures.ts";

/** The interval of `evaluate`, against what statistics says of the mean of many errors: mean ± 1.96 sd / √n holds 95 %. */

const ROWS = 400;
const DRAWS = 4000;

function mae(): MetricRow {
  const row = registry.metric.get("mae");
  if (row === undefined) throw new Error("no metric mae");
  return row;
}

it("holds 95 % of the values, no more and no fewer", () => {
  const random = randomStream(7, "errors");
  const errors = Array.from({ length: ROWS }, () => Math.abs(10 + random.normal()));
  const mean = errors.reduce((sum, value) => sum + value, 0) / ROWS;
  const sd = Math.sqrt(errors.reduce((sum, value) => sum + (value - mean) ** 2, 0) / ROWS);
  const half = (1.95996 * sd) / Math.sqrt(ROWS);
  const input = {
    kind: task("y", { word: "real" }).kind,
    rows: ROWS,
    elements: 1,
    width: 1,
    prediction: Float64Array.from(errors),
    target: new Float64Array(ROWS),
    present: new Uint8Array(ROWS).fill(1),
  };
  const found = bootstrap(mae(), {}, input, DRAWS, "test/y/mae");
  if (found === null) expect.fail("an interval was expected");
  // The end of an interval has a standard error of about 4 % of its half width here; 90 or 99 % would be 16 or 31 % off.
  expect(Math.abs((mean - found.low) / half - 1)).toBeLessThan(0.1);
  expect(Math.abs((found.high - mean) / half - 1)).toBeLessThan(0.1);
});
