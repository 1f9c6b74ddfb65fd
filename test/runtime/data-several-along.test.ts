import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Target } from "../../runtime/data/data.ts";
import { prepare } from "../../src/project/prepare.ts";
import { floats, npy, zip } from "./data-archives.ts";
import { failures } from "./data-fixtures.ts";
import { folderOf, sourceOf } from "./small-training.ts";

/** Several answers for each token: lists in lists, a list a column, arrays that are padded themselves. */

const head = "words -> embed(4) -> dense";

async function target(
  kind: string,
  rows: string | Uint8Array,
  { from = '"fl"', source = 'jsonl("rows.jsonl")', more = "", head: own = head } = {},
): Promise<Target> {
  const text = `model F
input words: tokens(3)
task fl: ${kind} { head: ${own}, target: ${from}${more} }
train { epochs: 1 }
data { train: ${source} }`;
  const folder = folderOf({ "model.mtl": text });
  writeFileSync(join(folder, /"(.*?)"/.exec(source)?.[1] ?? ""), rows);
  const { data } = await prepare({ ...sourceOf(text, {}), folder, file: join(folder, "model.mtl") });
  return data.sections[0].train.targets.fl;
}
const lines = (...rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join("\n");
const places = ({ values, weight }: Target): (number | null)[] =>
  Array.from(values, (value, k) => (weight[k] > 0 ? value : null));

/** Two flags for each of up to three tokens. */
const words = [["a", "b", "c"], ["a"], ["b", "c"]];
const nested = [
  [
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  [[0, 1]],
  [
    [1, 1],
    [0, 0],
  ],
];
const answers = [0, 1, 1, 0, 1, 1, ...[0, 1, null, null, null, null], ...[1, 1, 0, 0, null, null]];
const rowsOf = (cells: (row: number) => object): object[] => words.map((own, row) => ({ words: own, ...cells(row) }));
const apart = rowsOf((row) => ({ f0: nested[row].map(([one]) => one), f1: nested[row].map(([, other]) => other) }));
const both = { from: '["f0", "f1"]' };

describe("flags for each token", () => {
  it("are lists in a list, one for each token", async () => {
    const rows = rowsOf((row) => ({ fl: nested[row] }));
    expect(places(await target("flags(2)[words]", lines(...rows)))).toEqual(answers);
    const json = { source: 'json("rows.json")' };
    expect(places(await target("flags(2)[words]", JSON.stringify(rows), json))).toEqual(answers);
    const typed = `export default () => ${JSON.stringify(rows)}.map((row) => ({ ...row, fl: row.fl.map((all) => Uint8Array.from(all)) }));`;
    expect(places(await target("flags(2)[words]", typed, { source: 'module("./rows.mjs")' }))).toEqual(answers);
  });

  it("are a list in each of several columns", async () => {
    expect(places(await target("flags(2)[words]", lines(...apart), both))).toEqual(answers);
    const range = { from: 'columns("f0", "f1")' };
    expect(places(await target("flags(2)[words]", lines(...apart), range))).toEqual(answers);
    const turned = [1, 0, 0, 1, 1, 1, ...[1, 0, null, null, null, null], ...[1, 1, 0, 0, null, null]];
    expect(places(await target("flags(2)[words]", lines(...apart), { from: '["f1", "f0"]' }))).toEqual(turned);
    const sentences = words
      .map((own, row) => own.map((word, k) => [word, ...nested[row][k]].join(" ")).join("\n"))
      .join("\n\n");
    const source = 'conll("rows.conll", columns: [words, f0, f1])';
    expect(places(await target("flags(2)[words]", sentences, { ...both, source }))).toEqual(answers);
  });

  it("are words too, by what `positive` says", async () => {
    const yes = (cells: readonly (readonly number[])[]) => cells.map((own) => own.map((flag) => (flag ? "yes" : "no")));
    const rows = rowsOf((row) => ({ fl: yes(nested[row]) }));
    expect(places(await target("flags(2)[words]", lines(...rows)))).toEqual(answers);
    const more = ', positive: "no"';
    const turned = answers.map((flag) => (flag === null ? null : 1 - flag));
    expect(places(await target("flags(2)[words]", lines(...rows), { more }))).toEqual(turned);
  });

  it("are read from arrays that are padded themselves, and from flat ones", async () => {
    const cells = nested.map((own) => [...own.flat(), 0, 0, 0, 0].slice(0, 6));
    const letters = words.flatMap((own) => [...own, "", ""].slice(0, 3));
    const points = Uint32Array.from(letters, (letter) => letter.codePointAt(0) ?? 0);
    const source = 'npz("rows.npz")';
    const archive = (shape: readonly number[]): Buffer =>
      zip({
        "words.npy": npy("<U1", [3, 3], new Uint8Array(points.buffer)),
        "fl.npy": npy("<f4", shape, floats(...cells.flat())),
      });
    const padded = [0, 1, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0];
    expect(places(await target("flags(2)[words]", archive([3, 3, 2]), { source }))).toEqual(padded);
    expect(places(await target("flags(2)[words]", archive([3, 6]), { source }))).toEqual(padded);
  });

  it("may be missing: a flag, a token's, a row's", async () => {
    const rows = [
      { words: ["a", "b", "c"], fl: [[null, 1], null, [1, 1]] },
      { words: ["a", "b"], fl: null },
      { words: ["a", "b"], fl: [[], [0, null]] },
      { words: ["a", "b"] },
      { words: ["a", "b"], fl: [null, null] },
      { words: ["a"], fl: [] },
      { words: ["a"], fl: [["", "?"]] },
    ];
    const none = new Array<null>(6).fill(null);
    const expected = [null, 1, null, null, 1, 1, ...none, null, null, 0, null, null, null, ...none, ...none, ...none];
    const source = 'jsonl("rows.jsonl", missing: ["?"])';
    expect(places(await target("flags(2)[words]", lines(...rows), { source }))).toEqual([...expected, ...none]);
    const some = [
      { words: ["a", "b"], f0: null, f1: [1, null] },
      { words: ["a", "b", "c"], f1: [0, 1, 1] },
    ];
    const held = [null, 1, ...new Array<null>(4).fill(null), null, 0, null, 1, null, 1];
    expect(places(await target("flags(2)[words]", lines(...some), both))).toEqual(held);
  });

  it("are left out where their tokens are cut off", async () => {
    const rows = [
      {
        words: ["a", "b", "c", "d"],
        fl: [
          [0, 1],
          [1, 0],
          [1, 1],
          ["maybe", 0],
        ],
      },
    ];
    expect(places(await target("flags(2)[words]", lines(...rows)))).toEqual([0, 1, 1, 0, 1, 1]);
  });
});

describe("lists of other lengths", () => {
  const wrong = async (...call: Parameters<typeof target>): Promise<string[]> =>
    (await failures(() => target(...call))).map(({ code, message }) => `${code} ${message}`);

  it("are refused by their row and column", async () => {
    const [full] = rowsOf((row) => ({ fl: nested[row] }));
    const tokens = lines(full, { words: ["a", "b"], fl: [[0, 1]] }, { words: ["a"], fl: [[0, 1], null] });
    expect(await wrong("flags(2)[words]", tokens)).toEqual([
      'MTL8048 rows.jsonl row 2, column "fl": 1 answer for 2 tokens of words, and 1 more row like it',
    ]);
    const flags = lines(full, { words: ["a", "b"], fl: [[0, 1], [1]] });
    expect(await wrong("flags(2)[words]", flags)).toEqual([
      'MTL8078 rows.jsonl row 2, column "fl": list 2 in it holds 1 answer, where `flags(2)[words]` has 2',
    ]);
    const column = lines(...apart, { words: ["a", "b"], f0: [0, 1], f1: [0] });
    expect(await wrong("flags(2)[words]", column, both)).toEqual([
      'MTL8048 rows.jsonl row 4, column "f1": 1 answer for 2 tokens of words',
    ]);
  });

  it("of no depth that fits are refused as a whole", async () => {
    const flat = lines({ words: ["a", "b"], fl: [0, 1] }, { words: ["a"], fl: [0] });
    expect(await wrong("flags(2)[words]", flat)).toEqual([
      "MTL8004 task `fl` wants `flags(2)[words]`, but rows.jsonl gives a list in each cell",
    ]);
    const deep = lines({ words: ["a", "b"], fl: [[[0], [1]]] }, { words: ["a"], fl: [[[0]]] });
    expect(await wrong("flags(2)[words]", deep)).toEqual([
      "MTL8004 task `fl` wants `flags(2)[words]`, but rows.jsonl gives lists in lists in each cell (row 2 has an array of 1 × 1 × 1 among arrays of 1 × 2 × 1)",
    ]);
  });

  it("are no tensors, and the row is named", async () => {
    const rows = lines({ words: ["a"], fl: [[0, 1], [1]] });
    expect(
      await wrong("real[2, 2]", rows, { head: "words -> embed(4) -> flatten -> dense(4) -> reshape([2, 2])" }),
    ).toEqual([
      "MTL8004 task `fl` wants `real[2, 2]`, but rows.jsonl gives lists in lists in each cell (row 1 has an array whose rows are not equally long)",
    ]);
  });

  it("say a bad answer by its own text", async () => {
    const rows = lines(
      {
        words: ["a", "b"],
        fl: [
          [0, 1],
          [1, "maybe"],
        ],
      },
      { words: ["a"], fl: [[0, 2]] },
    );
    expect(await wrong("flags(2)[words]", rows)).toEqual([
      'MTL8012 rows.jsonl row 1, column "fl": "maybe" is not yes or no, and 1 more like it',
    ]);
  });
});

describe("other kinds of several answers for each token", () => {
  it("are read in the same ways", async () => {
    const rows = [
      {
        words: ["a", "b"],
        fl: [
          [1, 2],
          [3, 4],
        ],
        f0: [1, 3],
        f1: [2, 4],
      },
      { words: ["a"], fl: [[5, 6]], f0: [5], f1: [6] },
    ];
    const numbers = [1, 2, 3, 4, null, null, 5, 6, null, null, null, null];
    const real = { head: "words -> embed(4) -> dense(2)" };
    expect(places(await target("real[words, 2]", lines(...rows), real))).toEqual(numbers);
    expect(places(await target("count[words, 2]", lines(...rows), { ...real, ...both }))).toEqual(numbers);
  });

  it("learn their labels from the lists, and scale as a whole", async () => {
    const rows = [
      {
        words: ["a", "b"],
        fl: [
          [1, 3],
          [3, null],
        ],
      },
      { words: ["a"], fl: [[5, 3]] },
    ];
    const scaled = await target("real[words, 2]", lines(...rows), {
      head: "words -> embed(4) -> dense(2)",
      more: ", scale: minmax",
    });
    expect(places(scaled)).toEqual([0, 0.5, 0.5, null, null, null, 1, 0.5, null, null, null, null]);
  });
});
