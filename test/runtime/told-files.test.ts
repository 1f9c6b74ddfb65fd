import { describe, expect, it } from "vitest";
import { readHead } from "../../runtime/data/heads.ts";
import { readTable } from "../../runtime/data/sources.ts";
import { fileMarks } from "../../runtime/data/source-settings.ts";
import { readTableFile } from "../../runtime/data/table-file.ts";
import { cellText } from "../../runtime/data/table.ts";
import { failures, folder, source } from "./data-fixtures.ts";

/** Files that are written in another way than their source reads: one message says how, and what can be done. */

const { path, write } = folder();
const span = { file: "model.mtl", start: 0, end: 1 };

/** What reading all says; reading the head must say the same. */
async function said(word: string, name: string, content: string | Uint8Array, settings = {}): Promise<string> {
  write(name, content);
  const of = { ...source(word, { path: name, ...settings }), span };
  const [all] = await failures(() => readTable(of, path));
  const [head] = await failures(() => readHead(of, path));
  expect(head).toEqual(all);
  return `${all.code} ${all.message.replace(`${name} cannot be read: `, "")} | ${all.help}`;
}

async function cells(word: string, name: string, content: string | Uint8Array, settings = {}) {
  write(name, content);
  const { columns, rows } = await readTable(source(word, { path: name, ...settings }), path);
  return Object.fromEntries(
    [...columns].map(([column, found]) => [column, Array.from({ length: rows }, (_, row) => cellText(found, row))]),
  );
}

describe("separators", () => {
  const semicolons = "semicolons separate its columns, not commas";
  const set = (more = "") => `write \`separator: ";"${more}\` behind its name`;
  it.each([
    ["csv", "acid;kind\n-0.95;a\n", `${semicolons} | ${set()}`],
    ["csv", '"acid";"kind"\r\n-0.95;"a"\r\n', `${semicolons} | ${set()}`],
    ["csv", '\u{feff}"acid";"kind, by eye"\n-0,95;"a"\n', `${semicolons} | ${set(', decimal: ","')}`],
    ["csv", '"acid";"kind"\n"-0,95";"a;b"\n', `${semicolons} | ${set(', decimal: ","')}`],
    ["csv", "size, in mm;kind\n1;a\n", `${semicolons} | ${set()}`],
    ["csv", "sep=;\nacid;kind\n1;a\n", `${semicolons}, as its first line says | ${set()}`],
    ["csv", '"sep=;"\r\nacid;kind\r\n', `${semicolons}, as its first line says | ${set()}`],
    [
      "csv",
      "sep=\t\nacid\tkind\n",
      "tabs separate its columns, not commas, as its first line says | read it by `tsv(…)`",
    ],
    ["csv", '"a"|"b"\n1|2\n', 'bars separate its columns, not commas | write `separator: "|"` behind its name'],
    ["tsv", '"a","b"\n1,2\n', "commas separate its columns, not tabs | read it by `csv(…)`"],
  ])("%s of %j", async (word, text, expected) => {
    expect(await said(word, `rows.${word}`, text)).toBe(`MTL8002 ${expected}`);
  });

  it("that are told of are read, and their decimals", async () => {
    const text = 'sep=;\n"acid";kind;n\n-0,95;"a;b";1\n1;c,d;\n,5;e;1,5e3\n';
    expect(await cells("csv", "told.csv", text, { separator: ";", decimal: "," })).toEqual({
      acid: ["-0.95", "1", "0.5"],
      kind: ["a;b", "c,d", "e"],
      n: ["1", null, "1500"],
    });
    expect(await cells("tsv", "told.tsv", "a\tb\n1,5\tx\n", { decimal: "," })).toEqual({ a: ["1.5"], b: ["x"] });
    expect(await cells("csv", "own.csv", "sep=,\na,b\n1,2\n")).toEqual({ a: ["1"], b: ["2"] });
    expect(await said("csv", "plain.csv", "a,b\n1,2\n", { separator: ";" })).toBe(
      "MTL8002 commas separate its columns, not semicolons | leave `separator` out",
    );
    expect(await said("csv", "points.csv", "a;b\n1,5;2\n2.5;3\n", { separator: ";", decimal: "," })).toBe(
      'MTL8002 row 2, column "a": 2.5 has a point, but `decimal: ","` is what it is told of | write all numbers alike',
    );
  });

  it("are those of the training rows for a new file", async () => {
    const settings = { path: "told.csv", separator: ";", decimal: ",", missing: ["?"] };
    const marks = fileMarks(source("join", { on: "a" }, [source("csv", settings), source("csv", { path: "b.csv" })]));
    const { columns } = await readTableFile(write("new.csv", "a;b\n1,5;?\n"), undefined, marks);
    expect([...columns.values()].map((column) => cellText(column, 0))).toEqual(["1.5", null]);
    const tabs = await readTableFile(write("new.tsv", "a\tb\n1,5\t?\n"), undefined, marks);
    expect([...tabs.columns.values()].map((column) => cellText(column, 0))).toEqual(["1.5", null]);
    const [other] = await failures(() => readTableFile(write("other.csv", "a,b\n1.5,2\n"), undefined, marks));
    expect(other.help).toMatch(/^save it with semicolons between its cells/);
  });

  it("a first line that is no header is told", async () => {
    const help = "the first line names the columns: take away what stands above them";
    for (const line of ["# exported 2024-05-01", "Wines of 2024"])
      expect(await said("csv", "title.csv", `${line}\nacid,kind,good\n1,a,0\n`)).toBe(
        `MTL8002 line 1 is no header: it has 1 cell, the next line has 3 | ${help}`,
      );
    expect(await said("csv", "iris.csv", "5.1,0.2,0.2,setosa\n4.9,3,1.4,setosa\n")).toBe(
      'MTL8002 two columns are called "0.2" | its first line seems to be a row: put a line with the names of the columns above it',
    );
    expect(await said("csv", "r.csv", "a,b\n1,2,3\n")).toMatch(
      "row 1 (line 2) has 3 cells, the header has 2 | a cell that holds the delimiter stands in double quotes; a column of row names needs a name too",
    );
  });

  it("a title in the first cell of an empty line is no header, and a header is one line", async () => {
    const help = "the first line names the columns: take away what stands above them";
    for (const [line, next] of [
      ["People 2024,,", "acid,kind,good\n1,a,0\n"],
      ['"Wines, 2024",,', ",,\nacid,kind,good\n1,a,0\n"],
    ])
      expect(await said("csv", "above.csv", `${line}\n${next}`)).toBe(
        `MTL8002 line 1 is no header: only the first of its 3 cells holds anything | ${help}`,
      );
    expect(await cells("csv", "index.csv", ",,a\n0,x,1\n")).toEqual({ a: ["1"] });
    const once = "take the line away: the columns are named in the first line alone";
    for (const [source, mark] of [
      ["csv", ","],
      ["tsv", "\t"],
    ] as const) {
      const lines = ["kind,good", "a,0", "b,1"].map((line) => line.replaceAll(",", mark));
      expect(await said(source, `joined.${source}`, [...lines, ...lines].join("\r\n"))).toBe(
        `MTL8002 row 3 (line 4) is the header once more | ${once}`,
      );
    }
    expect(await cells("csv", "word.csv", "word\nword\nother\n")).toEqual({ word: ["word", "other"] });
    expect(await said("csv", "twins.csv", "a,b,a\n1,2,3\n")).toBe(
      'MTL8002 two columns are called "a" | give one of them another name in the first line',
    );
  });

  it("columns of any name are read where they are separated as they should be", async () => {
    expect(await cells("csv", "one.csv", '"a;b"\n"1;2"\n')).toEqual({ "a;b": ["1;2"] });
    expect(await cells("csv", "two.csv", "a;b,c\nx;y,1\nz,2\n")).toEqual({ "a;b": ["x;y", "z"], c: ["1", "2"] });
    expect(await cells("csv", "names.csv", "0,1\n5,6\n")).toEqual({ 0: ["5"], 1: ["6"] });
  });
});

describe("JSON", () => {
  it("reads NaN as an empty cell, wherever a program may write it", async () => {
    const rows = '{"x": NaN, "k": "NaN or \\"NaN\\"", "v": [1, NaN]}';
    const expected = { x: [null, "1"], k: ['NaN or "NaN"', "a"], v: ["[1, NaN]", "[2, 3]"] };
    const other = '{"x": 1, "k": "a", "v": [2, 3]}';
    expect(await cells("json", "nan.json", `[${rows},\n${other}]`)).toEqual(expected);
    expect(await cells("jsonl", "nan.jsonl", `${rows}\n${other}\n`)).toEqual(expected);
    const head = await readHead(source("json", { path: "nan.json" }), path);
    expect(head?.columns.map(({ name, kind }) => `${name} ${kind}`)).toEqual(["x number", "k text", "v array"]);
  });

  it("has no Infinity", async () => {
    const help = "JSON has no such number: write one that there is, or null for an empty cell";
    write("inf.json", '[{"x": 1},\n{"x": -Infinity}]');
    const [found] = await failures(() => readTable(source("json", { path: "inf.json" }), path));
    expect([found.message, found.help]).toEqual([
      "inf.json cannot be read: it is not JSON: line 2, it holds -Infinity",
      help,
    ]);
    expect(await said("jsonl", "inf.jsonl", '{"x": Infinity}\n')).toBe(
      `MTL8002 line 1 is not JSON: it holds Infinity | ${help}`,
    );
  });

  const rows = '{"x": 1, "k": "a"}';
  const columns = 'write an object a row, as `to_json(…, orient="records")` of pandas does';
  it.each([
    ["json", `${rows}\n${rows}\n`, "it has an object a line | read it by `jsonl(…)`"],
    ["json", `{"x": NaN}\n${rows}\n`, "it has an object a line | read it by `jsonl(…)`"],
    ["json", rows, "it is one object, not a list of objects | write it as `[{…}, {…}]`, one object a row"],
    ["json", '{"x": {"0": 1}}', `it is an object of columns, not a list of objects | ${columns}`],
    ["json", '{"columns": ["x"], "data": [[1]]}', `it is an object of columns, not a list of objects | ${columns}`],
    ["json", `{"rows": [${rows}]}`, 'it is an object, not a list of objects | write the list in "rows" by itself'],
    ["json", "a,b\n1,2\n", "it is not a list of objects | read it by `csv(…)`"],
    ["json", "a\tb\n1\t2\n", "it is not a list of objects | read it by `tsv(…)`"],
    ["jsonl", `[${rows}, ${rows}]`, "it is a list, not an object a line | read it by `json(…)`"],
    ["jsonl", `[\n  ${rows}\n]`, "it is a list, not an object a line | read it by `json(…)`"],
  ])("%s of %j", async (word, text, expected) => {
    expect(await said(word, `told.${word}`, text)).toBe(`MTL8002 ${expected}`);
  });

  it("lines of cells called .jsonl are told how they are read", async () => {
    expect(await said("jsonl", "cells.jsonl", "a,b\n1,2\n")).toMatch(
      /line 1 is not JSON: .* \| read it by `csv\(…\)`$/,
    );
  });
});

describe("files that are no text", () => {
  const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
  it.each([
    ["\x1f\x8b\x08\0", "it is packed by gzip | give it a name that ends in `.gz`"],
    ["PAR1\x15\x04", "it is a Parquet file | save its rows as CSV"],
    ["PK\x03\x04\0\0[Content_Types].xml", "it is a spreadsheet of Excel | save its rows as CSV"],
    ["PK\x03\x04\0\0rows.csv", "it is a zip archive | unpack it first"],
    ["PK\x03\x04\0\0x.npy", "it holds arrays of NumPy | read it by `npz(…)`"],
    ["\xd0\xcf\x11\xe0\xa1\xb1", "it is a spreadsheet of Excel | save its rows as CSV"],
    ["\x89PNG\r\n", "it is a picture | give a file of rows here"],
    ["a\0,\0b\0\n\x001\0", "it is UTF-16 text | save it as UTF-8"],
    ["\xff\xfea\0,\0", "it is UTF-16 text | save it as UTF-8"],
    [
      "<!DOCTYPE html><html>",
      "it is a web page or XML | look whether it was downloaded rightly; a file of rows is needed",
    ],
  ])("%j is told to every reader of text", async (text, expected) => {
    for (const word of ["csv", "tsv", "json", "jsonl", "conll"])
      expect(await said(word, `it.${word}`, bytes(text), word === "conll" ? { columns: ["a", "b"] } : {})).toBe(
        `MTL8002 ${expected}`,
      );
  });

  it("a mark of byte order is passed over by every reader of text", async () => {
    expect(await cells("csv", "mark.csv", "\u{feff}a,b\n1,2\n")).toEqual({ a: ["1"], b: ["2"] });
    expect(await cells("json", "mark.json", '\u{feff}[{"a": 1}]')).toEqual({ a: ["1"] });
    expect(await cells("jsonl", "mark.jsonl", '\u{feff}{"a": 1}\n')).toEqual({ a: ["1"] });
    expect(await cells("conll", "mark.conll", "\u{feff}w t\n", { columns: ["a", "b"] })).toEqual({
      a: ["[w]"],
      b: ["[t]"],
    });
  });
});
