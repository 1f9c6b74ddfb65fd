import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { encodeExamples, readRows } from "../../runtime/generated/rows.ts";
import { load, type LoadedRun } from "../../src/index.ts";
import { runTraining } from "../../src/project/training.ts";
import { failures } from "../runtime/data-fixtures.ts";
import { prepared, sourceOf } from "../runtime/small-training.ts";
import { mtlc } from "../slow/command.ts";

/** Cells that no tensor can hold are refused alike by whatever reads them, before an engine sees one. */

const text = `model Cells
input n: f32
input shop: i32
input words: tokens(2)
shared h = concat(n, shop -> embed(2, codes: 3), words -> embed(2) -> mean_pool)
task c: class(3) { head: h -> dense }
task o: ordinal(3) { head: h -> dense }
task k: count { head: h -> dense }
task y: real { head: h -> dense, row_weight: w }
task z: real { head: h -> dense, row_weight: w }
train { epochs: 1 }
data { train: csv("rows.csv") }`;
/** The same, as a generated module describes it. */
const description = {
  inputs: {
    n: { kind: "numbers" },
    shop: { kind: "whole numbers", codes: 3 },
    words: { kind: "tokens", length: 2, tokenizer: { word: "words", settings: { lowercase: true, vocabulary: null } } },
  },
  tasks: {
    c: { kind: "class", labels: 3 },
    o: { kind: "ordinal", labels: 3 },
    k: { kind: "count" },
    y: { kind: "real", rowWeight: "w" },
    z: { kind: "real", rowWeight: "w" },
  },
  rows: { train: { source: "csv", path: "new.csv" } },
} as const;

const plain = { n: "1", shop: "2", words: "a b", c: "0", o: "1", k: "4", y: "0.5", z: "1", w: "1" };
type Row = Readonly<Record<keyof typeof plain, string>>;
const table = (...rows: readonly Row[]): string =>
  [Object.keys(plain), ...rows.map((row) => Object.values(row))].map((line) => line.join(",")).join("\n");

/** The column, its cell, the message. */
const bad: readonly [keyof typeof plain, string, string][] = [
  ["c", "3", 'MTL8013 column "c": "3" is not one of 0 … 2'],
  ["c", "-1", 'MTL8013 column "c": "-1" is not one of 0 … 2'],
  ["c", "1.5", 'MTL8013 column "c": "1.5" is not one of 0 … 2'],
  ["o", "3", 'MTL8013 column "o": "3" is not one of 0 … 2'],
  ["o", "-1", 'MTL8013 column "o": "-1" is not one of 0 … 2'],
  ["k", "-1", 'MTL8014 column "k": -1 is not a count (0, 1, 2 …)'],
  ["k", "1.5", 'MTL8014 column "k": 1.5 is not a count (0, 1, 2 …)'],
  ["y", "1e39", 'MTL8015 column "y": 1e+39 is no number that 32 bits can hold'],
  ["y", "Infinity", 'MTL8015 column "y": infinity is no number that 32 bits can hold'],
  // Both tasks read the weight: it is one cell.
  [
    "w",
    "-1",
    'MTL8016 column "w": "-1" is no weight of a row: a weight is a number of 0 or more that 32 bits can hold',
  ],
  [
    "w",
    "",
    'MTL8016 column "w": an empty cell is no weight of a row: a weight is a number of 0 or more that 32 bits can hold',
  ],
  [
    "w",
    "NaN",
    'MTL8016 column "w": an empty cell is no weight of a row: a weight is a number of 0 or more that 32 bits can hold',
  ],
  [
    "w",
    "Infinity",
    'MTL8016 column "w": "Infinity" is no weight of a row: a weight is a number of 0 or more that 32 bits can hold',
  ],
  [
    "w",
    "1e39",
    'MTL8016 column "w": "1e+39" is no weight of a row: a weight is a number of 0 or more that 32 bits can hold',
  ],
  ["n", "1e39", 'MTL8015 column "n": 1e+39 is no number that 32 bits can hold'],
  ["n", "-1e39", 'MTL8015 column "n": -1e+39 is no number that 32 bits can hold'],
  ["shop", "3", 'MTL8017 column "shop": 3 is not one of the codes 0 … 2'],
  ["shop", "-1", 'MTL8017 column "shop": -1 is not one of the codes 0 … 2'],
  ["shop", "0.5", 'MTL8014 column "shop": 0.5 is not a whole number of 32 bits'],
  ["shop", "1e10", 'MTL8017 column "shop": 10000000000 is not one of the codes 0 … 2'],
];
const isInput = (column: string): boolean => column === "n" || column === "shop" || column === "words";

const short = ({ code, message }: Diagnostic): string => `${code} ${message.replace(/^\S+ row \d+, /, "")}`;
const refused = async (work: () => unknown): Promise<string[]> => (await failures(work)).map(short);

describe("a bad cell", () => {
  let folder = "";
  let runs: readonly LoadedRun[] = [];
  beforeAll(async () => {
    folder = mkdtempSync("node_modules/.refused-");
    const rows = table(plain, { ...plain, shop: "0", c: "1" }, { ...plain, shop: "1", c: "2" });
    await runTraining(sourceOf(text, { "rows.csv": rows }), { run: join(folder, "run") });
    runs = [await load(join(folder, "run")), await load(join(folder, "run"), { engine: "tfjs" })];
  }, 60_000);
  afterAll(async () => {
    for (const run of runs) await run.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(bad)("%s: %s", async (column, cell, message) => {
    const row = { ...plain, [column]: cell };
    const file = join(folder, "new.csv");
    writeFileSync(file, table(plain, row));
    expect(await refused(() => prepared(text, { "rows.csv": table(plain, row) }))).toEqual([message]);
    expect(await refused(() => readRows(description, { from: folder, seed: 1 }))).toEqual([message]);
    for (const run of runs) {
      expect(await refused(() => run.evaluate([plain, row]))).toEqual([message]);
      if (isInput(column)) expect(await refused(() => run.predict([plain, row]))).toEqual([message]);
      else expect(await run.predict([plain, row])).toEqual(await run.predict([plain, plain]));
    }
    if (!isInput(column)) return;
    const known = {
      schema: 1,
      inputs: { words: { tokens: ["<padding>", "<unknown>", "a", "b"] } },
      tasks: {},
    } as const;
    expect(
      (await refused(() => encodeExamples(description, known, [plain, row]))).map((each) => each.slice(0, 7)),
    ).toEqual([message.slice(0, 7)]);
  });

  it("is told by the command, on any engine", async () => {
    const file = join(folder, "shops.csv");
    writeFileSync(file, table(plain, { ...plain, shop: "-1", n: "1e39" }));
    for (const engine of ["onnx", "tfjs"])
      for (const words of [
        ["predict", join(folder, "run"), file],
        ["evaluate", join(folder, "run"), "--on", file],
      ]) {
        const { code, err } = await mtlc(...words, "--engine", engine);
        expect(code).toBe(1);
        expect(err).toContain('row 2, column "shop": -1 is not one of the codes 0 … 2');
        expect(err).toContain('row 2, column "n": 1e+39 is no number that 32 bits can hold');
      }
  });

  it("does not lie in a list of tokens that is too long", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    for (const [words, kept] of [
      ["a b a b a", "a b"],
      [
        ["a", "b", "a"],
        ["a", "b"],
      ],
    ]) {
      for (const run of runs) {
        const [long, cut] = await run.predict([
          { ...plain, words },
          { ...plain, words: kept },
        ]);
        expect(long).toEqual(cut);
      }
      const known = {
        schema: 1,
        inputs: { words: { tokens: ["<padding>", "<unknown>", "a", "b"] } },
        tasks: {},
      } as const;
      expect([...encodeExamples(description, known, [{ ...plain, words }]).inputs.words]).toEqual([2, 3]);
    }
    expect(String(warn.mock.calls)).toContain("3 tokens at its end are left out");
    warn.mockRestore();
    const { notes } = await prepared(text, { "rows.csv": table(plain, { ...plain, words: "a b a" }) });
    expect(notes.map(short)).toContain(
      "MTL8047 1 of 2 rows of train is longer than 2 tokens in words: 1 token at its end is left out",
    );
  });
});
