import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readTable } from "../../runtime/data/sources.ts";
import { cellText, placeOf } from "../../runtime/data/table.ts";
import type { Table } from "../../runtime/data/table.ts";
import { tableOfRows } from "../../runtime/data/given-rows.ts";
import { readTableFile } from "../../runtime/data/table-file.ts";
import { failures, folder, source } from "./data-fixtures.ts";

const { path, write } = folder();
const cells = (table: Table, name: string): (string | null)[] => {
  const column = table.columns.get(name);
  return column === undefined ? [] : Array.from({ length: table.rows }, (_, row) => cellText(column, row));
};
const read = (word: string, file: string, settings = {}): Promise<Table> =>
  readTable(source(word, { path: file, ...settings }), path);
async function csv(text: string | Uint8Array, settings = {}): Promise<Table> {
  write("table.csv", text);
  return read("csv", "table.csv", settings);
}
async function problem(text: string | Uint8Array): Promise<string> {
  const [first] = await failures(() => csv(text));
  return first.message;
}

describe("csv", () => {
  it("reads numbers, words and empty cells", async () => {
    const table = await csv("a,b,c\n1,x,\n2.50, y ,3\n,,NaN\n");
    expect(table.rows).toBe(3);
    expect([...table.columns.values()].map(({ kind }) => kind)).toEqual(["number", "text", "number"]);
    expect([cells(table, "a"), cells(table, "b"), cells(table, "c")]).toEqual([
      ["1", "2.50", null],
      ["x", "y", null],
      [null, "3", null],
    ]);
  });

  it("reads quoted cells with delimiters, quotes and line ends in them", async () => {
    const table = await csv('name,"a, b"\r\n"say ""hi""","1"\r\n"two\nlines",2\r\n5" pipe,3\r\n');
    expect(cells(table, "name")).toEqual(['say "hi"', "two\nlines", '5" pipe']);
    expect(cells(table, "a, b")).toEqual(["1", "2", "3"]);
  });

  it("reads every line end, a mark of byte order, blank lines, and a last line without an end", async () => {
    const table = await csv("\u{feff}a,b\r1,2\r\r3,4\n\n5,6\r\n\r\n7,8");
    expect(cells(table, "a")).toEqual(["1", "3", "5", "7"]);
    expect(cells(table, "b")).toEqual(["2", "4", "6", "8"]);
  });

  it("turns a column of numbers into words when a word comes, and keeps the text of the numbers", async () => {
    expect(cells(await csv("a\n1\n4.0\n\n007\nx\n"), "a")).toEqual(["1", "4.0", "007", "x"]);
    expect(cells(await csv("a\n12345678901234567890\n12345678901234567891\n"), "a")).toEqual([
      "12345678901234567890",
      "12345678901234567891",
    ]);
  });

  it("reads further spellings of an empty cell", async () => {
    const text = "a,b\n?,-1\n1,-1.0\n.,2\n";
    expect(cells(await csv(text, { missing: ["?", ".", -1] }), "a")).toEqual([null, "1", null]);
    expect(cells(await csv(text, { missing: ["?", ".", -1] }), "b")).toEqual([null, null, "2"]);
    // A spelling in quotes is meant to the letter.
    expect(cells(await csv(text, { missing: ["-1"] }), "b")).toEqual([null, "-1.0", "2"]);
  });

  it("names the row and line of what it cannot read", async () => {
    expect(await problem("a,b\n1,2\n3\n")).toBe(
      "table.csv cannot be read: row 2 (line 3) has 1 cell, the header has 2",
    );
    expect(await problem('a,b\n"1\n",2\n3,4,5\n')).toContain("row 2 (line 4) has 3 cells");
    expect(await problem('a,b\n1,2\n"3,4\n5,6\n')).toContain("line 3: a quoted cell that begins here is never closed");
    expect(await problem('a,b\n"1"x,2\n')).toContain("line 2: text follows a closing quote");
    expect(await problem("a,b,a\n1,2,3\n")).toContain('two columns are called "a"');
    expect(await problem("")).toContain("it is empty");
    expect(await problem("a,b\n")).toBe("table.csv has no rows");
    expect(await problem(Buffer.from("a\nt\xe9l\xe9\n", "latin1"))).toContain("not UTF-8 text in line 2");
    expect(await problem(Buffer.from("\u{feff}a\n1\n", "utf16le"))).toContain("UTF-16");
  });

  it("does not care where the pieces that it is read in end", async () => {
    // Longer than several pieces, with quoted cells of every length across their borders.
    const rows = Array.from({ length: 30_000 }, (_, i) => `${i},"${"é,\n".repeat(i % 40)}",${i / 8}`);
    const table = await csv(`n,text,x\n${rows.join("\n")}\n`);
    expect(table.rows).toBe(30_000);
    for (const row of [0, 7, 9_999, 17_039, 29_999]) {
      expect(cellText(table.columns.get("n")!, row)).toBe(String(row));
      expect(cellText(table.columns.get("x")!, row)).toBe(String(row / 8));
      expect(cellText(table.columns.get("text")!, row) ?? "").toBe("é,\n".repeat(row % 40).trim());
    }
  });

  it("reads one cell that is longer than many pieces", async () => {
    const long = "x".repeat(20_000_000);
    const table = await csv(`a,b\n"${long}",1\n`);
    expect(cells(table, "a")[0]?.length).toBe(long.length);
  });

  it("leaves out a column without a name", async () => {
    expect([...(await csv(",a\n0,5\n1,6\n")).columns.keys()]).toEqual(["a"]);
  });
});

describe("tsv, json, jsonl", () => {
  it("reads tabs", async () => {
    write("t.tsv", 'a\tb\n1,5\t"x\ty"\n');
    const table = await read("tsv", "t.tsv");
    expect([cells(table, "a"), cells(table, "b")]).toEqual([["1,5"], ["x\ty"]]);
  });

  it("reads objects with whatever columns each has, and lists in cells", async () => {
    const rows = [
      {
        a: 1,
        b: "x",
        v: [1, 2],
        m: [
          [1, 2, 3],
          [4, 5, 6],
        ],
        w: ["a", "b"],
        t: true,
      },
      {
        a: null,
        v: [3, null],
        m: [
          [7, 8, 9],
          [10, 11, 12],
        ],
        w: ["c"],
        late: 4,
      },
    ];
    write("rows.json", JSON.stringify(rows));
    write("rows.jsonl", rows.map((row) => JSON.stringify(row)).join("\r\n\n"));
    for (const table of [await read("json", "rows.json"), await read("jsonl", "rows.jsonl")]) {
      expect(cells(table, "a")).toEqual(["1", null]);
      expect(cells(table, "b")).toEqual(["x", null]);
      expect(cells(table, "t")).toEqual(["true", null]);
      expect(cells(table, "late")).toEqual([null, "4"]);
      const v = table.columns.get("v");
      expect(v).toMatchObject({ kind: "array", shape: [2], values: Float64Array.of(1, 2, 3, NaN) });
      expect(table.columns.get("m")).toMatchObject({ kind: "array", shape: [2, 3] });
      expect(table.columns.get("w")).toMatchObject({ kind: "list", lists: [["a", "b"], ["c"]] });
    }
  });

  it("takes number arrays of unequal length for lists", async () => {
    write("lists.json", '[{"a": [1, 2]}, {"a": [3]}, {}]');
    expect((await read("json", "lists.json")).columns.get("a")).toMatchObject({
      kind: "list",
      lists: [["1", "2"], ["3"], null],
    });
  });

  it.each([
    ['[{"a": 1},\n{"a": 2,}]', "it is not JSON: line 2"],
    ['[{"a": 1},\n {"a": 2},\n {"a": x}, {"a": 3},\n {"a": 4}]', "it is not JSON: line 3, unexpected token 'x'"],
    ["a,b\n1,2\n3,4\n", "it is not a list of objects"],
    ['[{"a": 1},\n{"a": 2}', "it is not JSON: line 2, "],
    ['{"a": [1, 2]}', "it is an object of columns, not a list of objects"],
    ["[1, 2]", "row 1: it is a number, not an object"],
    ['[{"a": 1}, {"a": [1, 2]}]', 'row 2: column "a" has an array among single values'],
    ['[{"a": [[1, 2], 3]}]', 'row 1: column "a" has lists and single values side by side in a list'],
    ['[{"a": [["x"], 3]}]', 'row 1: column "a" has lists and single values side by side in a list'],
    ['[{"a": ["x", {}]}]', 'row 1: column "a" has an array that holds an object'],
    ['[{"a": [1, 2]}, {"a": [[1], [2]]}]', 'row 2: column "a" has an array of 2 × 1 among arrays of 2'],
    ['[{"a": [[1], [2]]}, {"a": ["x"]}]', 'row 2: column "a" has a list of words among arrays of numbers'],
    ['[{"a": [[1], [2, 3]]}, {"a": ["x"]}]', 'row 2: column "a" has a list among lists in lists'],
    ["[]", "has no rows"],
  ])("says what is wrong with %j", async (text, message) => {
    write("bad.json", text);
    const [first] = await failures(() => read("json", "bad.json"));
    expect(first.message).toContain("bad.json");
    expect(first.message).toContain(message);
  });

  it("names the line of a JSON line that is none", async () => {
    write("bad.jsonl", '{"a": 1}\n\n{"a": \n');
    const [first] = await failures(() => read("jsonl", "bad.jsonl"));
    expect(first.message).toContain("line 3 is not JSON");
  });

  it("reads real films, with holes everywhere", async () => {
    const table = await readTable(source("json", { path: "npm:vega-datasets/data/movies.json" }), import.meta.dirname);
    expect(table.rows).toBe(3201);
    const titles = table.columns.get("Title");
    // Nine titles are numbers (300, 1941 …); they are words in this column.
    expect(titles?.kind).toBe("text");
    expect(cells(table, "Title")).toContain("1941");
    expect(cells(table, "Rotten Tomatoes Rating").filter((cell) => cell === null)).toHaveLength(880);
    expect(cells(table, "IMDB Rating")[0]).toBe("6.1");
  });
});

describe("files", () => {
  it("unpacks .gz", async () => {
    write("t.csv.gz", gzipSync("a\n1\n2\n"));
    expect(cells(await read("csv", "t.csv.gz"), "a")).toEqual(["1", "2"]);
  });

  it("says where a file was looked for, and which package is not installed", async () => {
    const [absent] = await failures(() => read("csv", "no.csv"));
    expect([absent.code, absent.message]).toEqual(["MTL8001", "no.csv is not there"]);
    expect(absent.help).toContain(path);
    const [uninstalled] = await failures(() => read("csv", "npm:@no/such/file.csv"));
    expect(uninstalled.message).toBe("the package @no/such is not installed");
    const [escaping] = await failures(() => read("csv", "npm:vega-datasets/../../package.json"));
    expect(escaping.code).toBe("MTL8001");
    const [folderRead] = await failures(() => read("csv", "."));
    expect(folderRead.message).toContain("it is a folder");
  });

  it("keeps rows by words and numbers, and knows their numbers in the file", async () => {
    const text = "a,b\n1,x\n4.0,y\n4,x\n";
    const four = await csv(text, { only: { a: 4 } });
    expect(cells(four, "a")).toEqual(["4.0", "4"]);
    expect(placeOf(four.columns.get("a")!, 0)).toEqual({ file: "table.csv", row: 2 });
    expect(cells(await csv(text, { only: { a: "4" } }), "b")).toEqual(["x"]);
    expect(cells(await csv(text, { only: { a: [1, 4], b: "x" } }), "a")).toEqual(["1", "4"]);
    const [none] = await failures(() => csv(text, { only: { b: "z" } }));
    expect(none.message).toBe('no row of table.csv has "b" "z"');
    expect(none.help).toBe('"b" holds "x", "y"');
    const [column] = await failures(() => csv("colour,b\n1,x\n", { only: { Colour: "z" } }));
    expect([column.message, column.help]).toEqual(['table.csv has no column "Colour"', 'did you mean "colour"?']);
  });

  it("runs a module's function, whatever it gives", async () => {
    const image = "new Float32Array([0, 0.5, 1, 0])";
    const modules = {
      "list.mjs": `export default () => [{ n: 1, image: ${image} }, { n: 2, image: ${image} }];`,
      "later.mjs": `export const rows = async () => [{ n: 1, image: ${image} }, { n: 2, image: ${image} }];`,
      "yields.mjs": `export default function* () { for (const n of [1, 2]) yield { n, image: ${image} }; }`,
      "streams.mjs": `export default async function* () { for (const n of [1, 2]) yield { n, image: ${image} }; }`,
    };
    for (const [name, text] of Object.entries(modules)) {
      write(name, text);
      const table = await read("module", name);
      expect(cells(table, "n")).toEqual(["1", "2"]);
      expect(table.columns.get("image")).toMatchObject({
        shape: [4],
        values: Float32Array.of(0, 0.5, 1, 0, 0, 0.5, 1, 0),
      });
    }
    const broken = {
      "throws.mjs": ["export default () => { throw new Error('no disk'); };", "no disk"],
      "nothing.mjs": ["export const x = 1;", "it exports no function as `default` or `rows`"],
      "number.mjs": ["export default () => 5;", "nothing that can be gone through"],
      "rows.mjs": ["export default () => [{ a: 1 }, 5];", "row 2: it is a number"],
      "syntax.mjs": ["export default (", "yields no rows"],
    };
    for (const [name, [text, message]] of Object.entries(broken)) {
      write(name, text);
      const [first] = await failures(() => read("module", name));
      expect(first.message).toContain(name);
      expect(first.message).toContain(message);
    }
  });

  it("reads a file by its ending, and rows at hand", async () => {
    write("by.json", '[{"a": 1}]');
    expect((await readTableFile(`${path}/by.json`)).rows).toBe(1);
    write("by.txt", "a\n1\n");
    const [unknown] = await failures(() => readTableFile(`${path}/by.txt`));
    expect(unknown.help).toContain(".csv, .tsv, .json, .jsonl or .npz");
    expect((await readTableFile(`${path}/by.txt`, "csv")).rows).toBe(1);
    expect(cells(tableOfRows([{ a: 1 }, { a: "x" }]), "a")).toEqual(["1", "x"]);
  });
});
