import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { confusionText } from "../../src/render/confusion.ts";
import { folderOf } from "../runtime/small-training.ts";
import { sound } from "../slow/command.ts";

/** A table of confusions is told with the labels of its classes. */

describe("a table", () => {
  const counts = [
    [10, 2, 0],
    [0, 7, 1],
    [3, 0, 125],
  ];
  it("has the labels beside and above its numbers", () => {
    expect(confusionText("kind confusion, test", counts, ["Adelie", "Gentoo", "\u{1b}x"], null)).toBe(
      `kind confusion, test (rows: answer, columns: prediction)
          Adelie   Gentoo   \\u{1b}x
Adelie    10       2        0
Gentoo    0        7        1
\\u{1b}x   3        0        125
`,
    );
  });

  it("is cut where a terminal ends, with the labels again", () => {
    const long = ["a".repeat(30), "b".repeat(20), "c"];
    expect(confusionText("kind", counts, long, 76)).toBe(
      `kind (rows: answer, columns: prediction), columns 1 to 2
                           aaaaaaaaaaaaaaaaaaaaaaa…   bbbbbbbbbbbbbbbbbbbb
aaaaaaaaaaaaaaaaaaaaaaa…   10                         2
bbbbbbbbbbbbbbbbbbbb       0                          7
c                          3                          0

kind (rows: answer, columns: prediction), column 3
                           c
aaaaaaaaaaaaaaaaaaaaaaa…   0
bbbbbbbbbbbbbbbbbbbb       1
c                          125
`,
    );
  });

  it("of many classes is a list of the commonest mistakes", () => {
    const size = 40;
    const many = Array.from({ length: size }, (_, row) =>
      Array.from({ length: size }, (__, column) => (row === column ? 9 : column === 3 && row > 4 ? row : 0)),
    );
    const lines = confusionText(
      "kind confusion, test",
      many,
      many.map((_, k) => `class ${k}`),
      null,
    )
      .trim()
      .split("\n");
    expect(lines.slice(0, 3)).toEqual([
      "kind confusion, test: 770 mistakes among 40 classes (the commonest of them; all of the table: --format json)",
      "answer     prediction   rows",
      "class 39   class 3      39",
    ]);
    expect(lines).toHaveLength(22);
    const right = many.map((row, k) => row.map((times, c) => (k === c ? times : 0)));
    expect(confusionText("kind confusion, test", right, [], null)).toBe(
      "kind confusion, test: 0 mistakes among 40 classes (all of the table: --format json)\n",
    );
  });
});

describe("commands", () => {
  const rows = [
    "x,kind,wet,size",
    ...Array.from({ length: 30 }, (_, k) => `${k},${k < 15 ? "low" : "high"},${Number(k < 9)},${k % 3}`),
  ];
  const text = `model M
input x: f32 { scale: standard }
task kind: class { head: x -> dense, metrics: [confusion] }
task wet: flag { head: x -> dense, metrics: [accuracy, confusion] }
task size: class(3) { head: x -> dense, metrics: [confusion] }
train { epochs: 60, optimizer: adam(0.1) }
data { train: csv("rows.csv"), test: csv("rows.csv") }`;
  const classes = { kind: ["high", "low"], wet: [false, true], size: [0, 1, 2] };
  let file = "";
  beforeAll(() => {
    file = join(folderOf({ "m.mtl": text, "rows.csv": rows.join("\n") }), "m.mtl");
  });

  it("train and evaluate", async () => {
    const run = join(file, "..", "run");
    const trained = JSON.parse(await sound("train", file, "--run", run, "--format", "json"));
    expect(trained.classes).toEqual(classes);
    const evaluated = JSON.parse(await sound("evaluate", run, "--format", "json", "--bootstrap", "0"));
    expect(evaluated.classes).toEqual(classes);
    const [[high], [, low]] = evaluated.splits.test.kind.confusion;
    expect(high + low).toBeGreaterThan(24);
    const shown = await sound("evaluate", run, "--bootstrap", "0");
    expect(shown).toMatch(
      /kind confusion, test \(rows: answer, columns: prediction\)\n {7}high {3}low\nhigh {3}\d+ +\d+\nlow {4}\d+ +\d+\n/,
    );
    expect(shown).toMatch(/\n {8}false {3}true\nfalse {3}\d+ +\d+\ntrue {4}\d+/);
    expect(shown).toMatch(/\n {4}0 +1 +2\n0 +\d/);
  });
});
