import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { locate } from "../../runtime/data/files.ts";
import { encodeRows } from "../../runtime/data/row-sets.ts";
import { readTableFile } from "../../runtime/data/table-file.ts";
import { checkedWeights } from "../../src/project/network.ts";
import { csv, folderOf, prepared } from "./small-training.ts";

/** Files that are not what a model reads: one message says what they are, and what can be done. */

async function said(work: () => Promise<unknown>): Promise<string[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map(({ code, message, help, span }) => `${code}${span ? "" : "?"} ${message} | ${help}`);
  }
}

const text = (source: string): string => `model Wrong
input a: f32
input b: f32
task y: real { head: concat(a, b) -> dense }
train { epochs: 1 }
data { train: ${source} }`;

const good = "a,b,y\n1,2,3\n4,5,6\n";

describe("another separator", () => {
  it.each([
    ['tsv("rows.txt")', good, "commas separate its columns, not tabs", "read it by `csv(…)`"],
    ['csv("rows.txt")', good.replaceAll(",", "\t"), "tabs separate its columns, not commas", "read it by `tsv(…)`"],
    [
      'csv("rows.txt")',
      good.replaceAll(",", ";"),
      "semicolons separate its columns, not commas",
      'write `separator: ";"` behind its name',
    ],
    [
      'csv("rows.txt")',
      "a;b;y\n1,5;2,5;3\n",
      "semicolons separate its columns, not commas",
      'write `separator: ";", decimal: ","` behind its name',
    ],
    [
      'tsv("rows.txt")',
      "a|b|y\r\n1|2|3\r\n",
      "bars separate its columns, not tabs",
      'read it by `csv(…, separator: "|")`',
    ],
  ])("%s of %j", async (source, rows, problem, help) => {
    expect(await said(() => prepared(text(source), { "rows.txt": rows }))).toEqual([
      `MTL8002 rows.txt cannot be read: ${problem} | ${help}`,
    ]);
  });

  it("a file without a source's place is to be called what it is", async () => {
    const folder = folderOf({ "new.tsv": good });
    expect(await said(() => readTableFile(join(folder, "new.tsv")))).toEqual([
      expect.stringContaining("commas separate its columns, not tabs | give it a name that ends in .csv"),
    ]);
  });

  it.each([
    ['csv("rows.json")', '[{"a": 1, "b": 2, "y": 3}]', "it is JSON", "read it by `json(…)`"],
    ['tsv("rows.json")', '[\n  {"a": 1, "b": 2, "y": 3}\n]\n', "it is JSON", "read it by `json(…)`"],
    ['csv("rows.txt")', '{"a": 1, "b": 2}\n{"a": 1, "b": 2}\n', "it is JSON", "read it by `jsonl(…)`"],
    ['csv("rows.txt")', '{\n  "a": [1], "b": [2]\n}\n', "it is JSON", "read it by `json(…)`"],
    ['npz("rows.csv")', good, "it is no zip archive, or it is cut off", "read it by `csv(…)`"],
  ])("%s of %j is told what reads it", async (source, rows, problem, help) => {
    const name = /"(.*)"/.exec(source)?.[1] ?? "";
    expect(await said(() => prepared(text(source), { [name]: rows }))).toEqual([
      `MTL8002 ${name} cannot be read: ${problem} | ${help}`,
    ]);
  });

  it("a header may be written in brackets or braces", async () => {
    const folder = folderOf({ "one.csv": "[id],{a}\n1,2\n", "two.csv": "{a},b\n1,2\n" });
    expect([...(await readTableFile(join(folder, "one.csv"))).columns.keys()]).toEqual(["[id]", "{a}"]);
    expect([...(await readTableFile(join(folder, "two.csv"))).columns.keys()]).toEqual(["{a}", "b"]);
  });

  it("a single column may have any name and any cells", async () => {
    const files = {
      "one.csv": '"a;b"\n"1;2"\n',
      "two.csv": "size; in mm\n1\n2\n",
      "three.tsv": "one, two\n1\n2\n",
    };
    const folder = folderOf(files);
    for (const [name, column] of [
      ["one.csv", "a;b"],
      ["two.csv", "size; in mm"],
      ["three.tsv", "one, two"],
    ])
      expect([...(await readTableFile(join(folder, name))).columns.keys()]).toEqual([column]);
  });
});

describe("new rows for a trained network", () => {
  const network = async () => prepared(text('csv("rows.csv")'), { "rows.csv": good });
  const encode = async (file: string) => {
    const { model, data } = await network();
    const table = await readTableFile(join(folderOf({ "new.csv": file }), "new.csv"));
    return said(async () => encodeRows(model, data.codes, table, { targets: false }));
  };

  it("of another table are refused once, whatever is missing", async () => {
    const [problem, ...more] = await encode(csv({ p: [1], q: [2], a2: [3] }));
    expect(more).toEqual([]);
    expect(problem).toMatch(/^MTL8003 .*new\.csv has no columns "a", "b" \| its columns are "p", "q", "a2"$/);
  });

  it("that lack one column are told what was meant", async () => {
    const [problem, ...more] = await encode(csv({ A: [1], b: [2] }));
    expect(more).toEqual([]);
    expect(problem).toMatch(/new\.csv has no column "a" \| did you mean "A"\?$/);
  });

  it("are to be mended, for the network is not", async () => {
    const mend = "the network is trained, and reads cells as it did then: mend the cell, or leave its row out";
    const problems = await encode("a,b\nseven,1\n2,\n");
    expect(problems.map((problem) => problem.slice(problem.indexOf("new.csv")))).toEqual([
      `new.csv row 1, column "a": "seven" is not a number | ${mend}`,
      `new.csv row 2, column "b": the cell is empty (1 row of this column is) | ${mend}`,
    ]);
  });
});

describe("what a cell or a file is said to be", () => {
  it("nan is empty however it is spelt", async () => {
    const folder = folderOf({ "rows.csv": "a,b\nnan,x\nNaN,nan\nNAN,NaN\n1,nano\n" });
    const { columns } = await readTableFile(join(folder, "rows.csv"));
    expect(columns.get("a")).toMatchObject({ kind: "number", values: Float64Array.of(NaN, NaN, NaN, 1) });
    expect(columns.get("b")).toMatchObject({ kind: "text", words: ["x", "nano"], codes: Int32Array.of(0, -1, -1, 1) });
  });

  it("a file that is no gzip is told from one that is garbled", async () => {
    const packed = gzipSync(good);
    packed[packed.length - 6] ^= 255;
    const folder = folderOf({ "plain.csv.gz": good });
    const file = (name: string, bytes: Buffer) => ({ name, path: name, bytes });
    const { readAll } = await import("../../runtime/data/files.ts");
    expect(await said(() => readTableFile(join(folder, "plain.csv.gz")))).toEqual([
      expect.stringContaining("its name ends in .gz, but it is not gzip"),
    ]);
    expect(await said(() => readAll(file("garbled.csv.gz", packed)))).toEqual([
      expect.stringContaining("its packed data are garbled"),
    ]);
  });

  it("a real target of words is told how words are predicted", async () => {
    const rows = "a,b,y\n1,2,red\n4,5,blue\n";
    expect(await said(() => prepared(text('csv("rows.csv")'), { "rows.csv": rows }))).toEqual([
      expect.stringMatching(
        /"red" is not a number, and 1 more like it \| to predict words, write `task y: class`; if it/,
      ),
    ]);
  });

  it("a task without any answer in training says where to look", async () => {
    expect(await said(() => prepared(text('csv("rows.csv")'), { "rows.csv": "a,b,y\n1,2,\n4,5,\n" }))).toEqual([
      expect.stringMatching(/^MTL8041 no training row has an answer for y \| look whether "y" holds the answers/),
    ]);
  });
});

describe("weights of another model", () => {
  it("that lack a tensor are said to lack it", async () => {
    const { model } = await prepared(text('csv("rows.csv")'), { "rows.csv": good });
    expect(await said(async () => checkedWeights(new Map(), model, "model.safetensors"))).toEqual([
      expect.stringMatching(
        /MTL8603\? `model\.safetensors` does not fit the model: it lacks `y\.dense_1\.kernel`, the model has \[2, 1\]/,
      ),
    ]);
  });
});

describe("a file that is not there", () => {
  it.each([
    ["peple.csv", "people.csv"],
    ["People.csv", "people.csv"],
    ["people", "people.csv"],
    ["data/people.csv", "people.csv"],
    ["deep.csv", "below/deep.csv"],
    ["below/dep.csv", "below/deep.csv"],
    ["nothing.csv", undefined],
  ])("%s: the nearest is %j", async (name, near) => {
    const folder = folderOf({ "people.csv": good });
    mkdirSync(join(folder, "below"));
    writeFileSync(join(folder, "below", "deep.csv"), good);
    const help = `it was looked for at ${join(folder, name)}${near === undefined ? "" : `; did you mean "${near}"?`}`;
    expect(await said(() => locate(name, folder))).toEqual([`MTL8001? ${name} is not there | ${help}`]);
  });

  it("is looked for beside the model, and found from where the command was given", async () => {
    const folder = mkdtempSync(join(".", "node_modules", ".near-"));
    try {
      expect(await said(() => locate("package.json", folder))).toEqual([
        expect.stringContaining('did you mean "../../package.json"?'),
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
