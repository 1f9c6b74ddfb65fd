import { describe, expect, it } from "vitest";
import type { DataSection, Source } from "../../compiler/ir/model.ts";
import { randomStream } from "../../compiler/random/index.ts";
import { cutParts } from "../../runtime/data/parts.ts";
import type { PartName } from "../../runtime/data/parts.ts";
import { tableOfRows } from "../../runtime/data/given-rows.ts";
import type { Table } from "../../runtime/data/table.ts";
import { failures, section, source } from "./data-fixtures.ts";

const part = (share: number, rest: Record<string, string> = {}): Source =>
  source("part", { share, of: "train", ...rest });
const rowsOf = (n: number, row: (i: number) => object = (i) => ({ i })): Table =>
  tableOfRows(Array.from({ length: n }, (_, i) => row(i)));
const noStrata = (): Int32Array => expect.fail("nothing is stratified here");

function cut(
  table: Table,
  parts: Partial<DataSection>,
  seed = 1,
  strata: (task: string, of: Table) => Int32Array = noStrata,
): Record<PartName, number[]> {
  const found = cutParts(section({ train: source("csv"), ...parts }), new Map([["train", table]]), seed, strata);
  const list = (name: PartName): number[] => Array.from(found.get(name)?.rows ?? []);
  return { train: list("train"), validation: list("validation"), test: list("test") };
}
const order: DataSection["order"] = ["train", "test", "validation"];

describe("part", () => {
  it("has round(share × n) rows of the source's n rows; parts never overlap and leave the rest, in the file's order", () => {
    const random = randomStream(3, "sizes");
    for (let round = 0; round < 60; round++) {
      const n = 5 + random.below(200);
      const [a, b] = [0.1 + random.uniform() * 0.3, 0.1 + random.uniform() * 0.3];
      const { train, validation, test } = cut(rowsOf(n), { test: part(a), validation: part(b), order }, round);
      expect(test).toHaveLength(Math.round(a * n));
      expect(validation).toHaveLength(Math.round(b * n));
      expect([...train, ...validation, ...test].sort((x, y) => x - y)).toEqual(Array.from({ length: n }, (_, i) => i));
      for (const rows of [train, validation, test]) expect(rows).toEqual([...rows].sort((x, y) => x - y));
    }
  });

  it("is decided by the seed and the names of section and part alone", () => {
    const table = rowsOf(100);
    const one = cut(table, { test: part(0.2), order });
    expect(cut(table, { test: part(0.2), order })).toEqual(one);
    expect(cut(table, { test: part(0.2), order }, 2).test).not.toEqual(one.test);
    // A further part that is cut later changes nothing of the first.
    expect(cut(table, { test: part(0.2), validation: part(0.2), order }).test).toEqual(one.test);
    expect(cut(table, { test: part(0.2), name: "other", order }).test).not.toEqual(one.test);
    expect(cut(table, { validation: part(0.2), order }).validation).not.toEqual(one.test);
  });

  it("takes every row equally often", () => {
    const taken = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 2000; seed++)
      for (const row of cut(rowsOf(10), { test: part(0.3), order }, seed).test) taken[row]++;
    // 600 each; five standard deviations of a binomial are 102.
    for (const count of taken) expect(Math.abs(count - 600)).toBeLessThan(102);
  });

  it("keeps the mixture of labels, rows without one being a stratum of their own", () => {
    // 60 of label 0, 30 of label 1, 10 without.
    const strata = (): Int32Array => Int32Array.from({ length: 100 }, (_, i) => (i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : -1));
    for (let seed = 0; seed < 20; seed++) {
      const parts = { test: part(0.2, { stratify: "t" }), validation: part(0.1, { stratify: "t" }), order };
      const { train, validation, test } = cut(rowsOf(100), parts, seed, strata);
      const mixture = (rows: readonly number[]): number[] =>
        [0, 1, -1].map((label) => rows.filter((row) => strata()[row] === label).length);
      expect(mixture(test)).toEqual([12, 6, 2]);
      expect(mixture(validation)).toEqual([6, 3, 1]);
      expect(mixture(train)).toEqual([42, 21, 7]);
    }
  });

  it("comes to its size even where no stratum divides", () => {
    const strata = (): Int32Array => Int32Array.from({ length: 35 }, (_, i) => i % 7);
    for (const share of [0.1, 0.13, 0.33, 0.5]) {
      const { test } = cut(rowsOf(35), { test: part(share, { stratify: "t" }), order }, 1, strata);
      expect(test).toHaveLength(Math.round(share * 35));
      // Each stratum of 5 rows gives its share to within a row.
      for (let label = 0; label < 7; label++)
        expect(Math.abs(test.filter((row) => row % 7 === label).length - share * 5)).toBeLessThan(1);
    }
  });

  it("keeps groups whole, to the nearest number of rows", () => {
    const random = randomStream(5, "groups");
    for (let round = 0; round < 40; round++) {
      const groups = 8 + random.below(20);
      const owner = Array.from({ length: 150 }, () => random.below(groups));
      const table = rowsOf(150, (i) => ({
        who: owner[i] === 0 ? null : owner[i] % 2 === 0 ? `${owner[i]}` : `p${owner[i]}`,
      }));
      const { train, validation, test } = cut(
        table,
        { test: part(0.2, { group: "who" }), validation: part(0.1, { group: "who" }), order },
        round,
      );
      const whose = (rows: readonly number[]): Set<number> => new Set(rows.map((row) => owner[row]));
      for (const who of whose(test)) expect(whose(train).has(who) || whose(validation).has(who)).toBe(false);
      for (const who of whose(validation)) expect(whose(train).has(who)).toBe(false);
      // No single group more would come nearer.
      for (const [rows, wanted] of [[test, 30] as const]) {
        const rest = [...whose(train), ...whose(validation)].map((who) => owner.filter((each) => each === who).length);
        for (const size of rest)
          expect(Math.abs(rows.length + size - wanted)).toBeGreaterThanOrEqual(Math.abs(rows.length - wanted));
      }
    }
  });

  it("takes equal groups exactly", () => {
    const table = rowsOf(200, (i) => ({ drawer: i % 20 }));
    const { test, validation } = cut(table, {
      test: part(0.2, { group: "drawer" }),
      validation: part(0.1, { group: "drawer" }),
      order,
    });
    expect([test.length, validation.length]).toEqual([40, 20]);
    expect(new Set(test.map((row) => row % 20)).size).toBe(4);
  });

  it("gives a tie between one group more and one fewer to the larger part", () => {
    // Groups of four: 2 of 20 rows are as far from no group as from one, 6 as far from one as from two.
    for (const [share, rows] of [
      [0.1, 4],
      [0.3, 8],
    ])
      for (let seed = 0; seed < 10; seed++) {
        const { test, train } = cut(
          rowsOf(20, (i) => ({ who: i % 5 })),
          { test: part(share, { group: "who" }), order },
          seed,
        );
        expect([test.length, train.length]).toEqual([rows, 20 - rows]);
      }
  });

  it("gives what no stratum divides to the largest remainders, the first of equal ones", () => {
    const sizes = (counts: readonly number[], share: number): number[] => {
      const labels = counts.flatMap((count, label) => new Array<number>(count).fill(label));
      const strata = (): Int32Array => Int32Array.from(labels);
      const { test } = cut(rowsOf(labels.length), { test: part(share, { stratify: "t" }), order }, 1, strata);
      return counts.map((_, label) => test.filter((row) => labels[row] === label).length);
    };
    // 6 of 15 rows: quotas 2.8, 2 and 1.2.
    expect(sizes([7, 5, 3], 0.4)).toEqual([3, 2, 1]);
    // 5 of 20: quotas 2.25, 1.5 and 1.25.
    expect(sizes([9, 6, 5], 0.25)).toEqual([2, 2, 1]);
    // 6 of 12: quotas 2.5, 2.5 and 1: the first of the two halves.
    expect(sizes([5, 5, 2], 0.5)).toEqual([3, 2, 1]);
  });

  it("may be cut from another part", () => {
    const { train, validation, test } = cut(rowsOf(100), {
      test: part(0.4),
      validation: part(0.5, { of: "test" }),
      order: ["validation", "test", "train"],
    });
    expect([train.length, validation.length, test.length]).toEqual([60, 20, 20]);
  });

  it.each<[string, Partial<DataSection>, string]>([
    ["an empty one", { test: part(0.04) }, "test would be empty: 0.04 of the 10 rows of train is less than half a row"],
    ["an empty one of groups", { test: part(0.2, { group: "half" }) }, "less than half of its smallest group"],
    ["one that leaves nothing", { test: part(0.6), validation: part(0.4) }, "validation leaves no row of train"],
    ["one of itself", { test: part(0.2, { of: "test" }) }, "test cannot be cut from test: it is that part itself"],
    [
      "two of each other",
      { test: part(0.2, { of: "validation" }), validation: part(0.2, { of: "test" }) },
      "each would be cut from the other",
    ],
    ["one of nothing", { test: part(0.2, { of: "validation" }) }, "this data section has no `validation`"],
    [
      "stratified groups",
      { test: part(0.2, { group: "i", stratify: "t" }) },
      "both a mixture of labels and whole groups",
    ],
    ["an unknown column", { test: part(0.2, { group: "patient" }) }, 'rows has no column "patient"'],
  ])("refuses %s", async (_, parts, message) => {
    const table = rowsOf(10, (i) => ({ i, half: i < 5 ? "a" : "b" }));
    const [first] = await failures(() => cut(table, { ...parts, order }));
    expect(first.message).toContain(message);
  });
});
