import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readHead } from "../../runtime/data/heads.ts";
import { readTable } from "../../runtime/data/sources.ts";
import type { Table } from "../../runtime/data/table.ts";
import { failures, folder, source } from "./data-fixtures.ts";

const { path, write } = folder();

const columns = { columns: ["words", "tag"], comments: ["intent"] };

async function read(name: string, text: string | Buffer, settings = {}): Promise<Table> {
  write(name, text);
  return readTable(source("conll", { path: name, ...columns, ...settings }), path);
}
function lists(table: Table, name: string): readonly (readonly string[] | null)[] {
  const column = table.columns.get(name);
  if (column?.kind !== "list") throw new Error(`${name} is no column of lists`);
  return column.lists;
}
function words(table: Table, name: string): (string | null)[] {
  const column = table.columns.get(name);
  if (column?.kind !== "text") throw new Error(`${name} is no column of words`);
  return Array.from(column.codes, (code) => (code < 0 ? null : column.words[code]));
}

const two = "# intent = Play\nplay\tO\nThriller\tB-song\n\n# intent = Rate\nfive\tB-stars\n";

describe("conll", () => {
  it("makes a row of every sentence, a list of every column, a cell of every comment", async () => {
    const table = await read("two.conll", two);
    expect(table.rows).toBe(2);
    expect(lists(table, "words")).toEqual([["play", "Thriller"], ["five"]]);
    expect(lists(table, "tag")).toEqual([["O", "B-song"], ["B-stars"]]);
    expect(words(table, "intent")).toEqual(["Play", "Rate"]);
  });

  it("is unpacked, and may have Windows' line ends, a mark, blank lines anywhere and no newline at its end", async () => {
    const plain = await read("plain.conll", two);
    for (const [name, text] of [
      ["packed.conll.gz", gzipSync(two)],
      ["windows.conll", two.replaceAll("\n", "\r\n")],
      ["marked.conll", `\u{feff}${two}`],
      ["blank.conll", `\n\n${two.replace("\n\n", "\n \n\n")}\n\n`],
      ["short.conll", two.trimEnd()],
    ] as const) {
      const table = await read(name, text);
      expect(table.rows, name).toBe(2);
      for (const column of ["words", "tag"]) expect(lists(table, column), name).toEqual(lists(plain, column));
      expect(words(table, "intent"), name).toEqual(["Play", "Rate"]);
    }
  });

  it("splits at blanks where a line has no tab, so that words of tabbed files may hold blanks", async () => {
    const three = { columns: ["first", "second", "tag"] };
    const [problem] = await failures(() => read("blanks.conll", "# intent = A\nNew  York  B\nNew York\tB\n", three));
    expect(problem.message).toContain("line 3 has 2 cells, `columns` names 3");
    expect(lists(await read("tabs.conll", "# intent = A\nNew York\tB\n"), "words")).toEqual([["New York"]]);
  });

  it("takes # for a comment before the first token only, and there only where it is none", async () => {
    const table = await read("marks.conll", "# newdoc\n# intent = A\n#\tSYM\n#tag\tO\n# note = x\tO\n");
    expect(lists(table, "words")).toEqual([["#", "#tag", "# note = x"]]);
    expect(words(table, "intent")).toEqual(["A"]);
  });

  it("leaves cells empty: a comment that a sentence lacks, what `missing` lists", async () => {
    const text = "# intent = A\na\t_\n\nb\tB\n\n# intent = ?\nc\t_\n";
    const table = await read("empty.conll", text, { missing: ["_", "?"] });
    expect(words(table, "intent")).toEqual(["A", null, null]);
    expect(lists(table, "tag")).toEqual([[""], ["B"], [""]]);
  });

  it.each([
    ["a line with a cell too few", "a\tO\nb\n", {}, "line 2 has 1 cell, `columns` names 2"],
    ["a comment that never comes", "a\tO\n", {}, 'no sentence has a comment "# intent = …"'],
    ["a column named twice", two, { columns: ["words", "words"] }, 'two columns are called "words"'],
    ["bytes that are no text", Buffer.from("a\tO\n\xff\tO\n", "latin1"), {}, "is not UTF-8 text in line 2"],
    ["a packed file that ends early", gzipSync(two).subarray(0, 30), {}, "it is cut off"],
    ["no sentence", "\n\n", {}, "has no rows"],
  ])("refuses %s", async (what, text, settings, problem) => {
    const name = `${what.replaceAll(" ", "-")}.conll${what.includes("packed") ? ".gz" : ""}`;
    const [found] = await failures(() => read(name, text, settings));
    expect(found.message).toContain(name);
    expect(found.message).toContain(problem);
  });

  it("shows its columns to the checker", async () => {
    write("head.conll", two.repeat(1000).replaceAll("B-stars\n#", "B-stars\n\n#"));
    const head = await readHead(source("conll", { path: "head.conll", ...columns }), path);
    expect(head?.columns).toEqual([
      { name: "words", kind: "list", longest: 2 },
      { name: "tag", kind: "list", longest: 2 },
      { name: "intent", kind: "text" },
    ]);
  });
});
