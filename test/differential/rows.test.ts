import { describe, expect, it } from "vitest";
import { allCases, rowsWithout, sourceOfCase } from "./cases.ts";
import { checkEverywhere } from "./executors.ts";

/**
 * Every layer, loss, optimizer, schedule, rule and start value by itself, on all executors. The slow suite trains all of them
 * for 20 steps; here a few are, for four.
 */
const cases = allCases();
const EVERY = 50;
const STEPS = 4;

describe("cases", () => {
  it("are there for every row that can run", () => {
    expect(rowsWithout(cases)).toEqual([]);
  });

  it("name the row that is missing", () => {
    expect(rowsWithout(cases.filter(({ row }) => row !== "layer gru"))).toEqual(["layer gru"]);
  });

  it("use the row that they are of", () => {
    const [gru] = cases.filter(({ row }) => row === "layer gru");
    expect(() => sourceOfCase({ ...gru, row: "layer lstm" })).toThrow("does not use the layer lstm");
  });
});

describe("a row by itself", () => {
  it.each(cases.filter((_, k) => k % EVERY === 0).map((each) => [each.row, each.name, each] as const))(
    "%s: %s",
    async (_, __, each) => {
      const { outcome, lines, steps } = await checkEverywhere(sourceOfCase(each), { steps: STEPS });
      expect({ outcome, lines, steps }).toEqual({ outcome: "same", lines: [], steps: STEPS });
    },
  );
});
