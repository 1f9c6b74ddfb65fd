import { ColumnBuilder } from "./column-builder.ts";
import type { EmptyMarks } from "../../compiler/words/cells.ts";
import { decodeText } from "./files.ts";
import type { DataFile } from "./files.ts";
import { readLines } from "./lines.ts";
import type { Column, Table } from "./table.ts";
import { unreadable } from "./unreadable.ts";

/** Names of a file's columns from left to right, and of the comments that are columns of the sentence. */
export interface ConllColumns {
  readonly columns: readonly string[];
  readonly comments: readonly string[];
}

const comment = /^#\s*([^=]*?)\s*=\s*(.*?)\s*$/;

/**
 * Sentences, one a row: a line a token, an empty line between sentences, `# name = value` before the first token. Cells are
 * separated by tabs where a line has one, else by blanks. Each column is a list of the sentence's tokens.
 */
export async function readConll(
  file: DataFile,
  { columns: names, comments }: ConllColumns,
  missing: EmptyMarks,
  most = Infinity,
): Promise<Table> {
  const doubled = [...names, ...comments].find((name, i, all) => all.indexOf(name) < i);
  if (doubled !== undefined) throw unreadable(file, `two columns are called "${doubled}"`);
  const columns = names.map(() => new ColumnBuilder(missing));
  const notes = comments.map(() => new ColumnBuilder(missing));
  let cells: string[][] = names.map(() => []);
  let said = new Map<string, string>();
  /** Comments of sentences that are read. */
  const seen = new Set<string>();
  let rows = 0;

  const endSentence = (): void => {
    if (cells[0].length === 0) return;
    columns.forEach((column, k) => column.list(cells[k]));
    comments.forEach((name, k) => notes[k].text(said.get(name) ?? ""));
    for (const name of said.keys()) seen.add(name);
    cells = names.map(() => []);
    said = new Map();
    rows++;
  };
  const take = (text: string, line: number): void => {
    if (text.trim() === "") return endSentence();
    const found = text.includes("\t") ? text.split("\t").map((cell) => cell.trim()) : text.trim().split(/\s+/);
    if (text.startsWith("#") && cells[0].length === 0) {
      const [, name, value] = comment.exec(text) ?? [];
      if (name !== undefined) said.set(name, value);
      // A token may begin with the mark too: `#tag O`.
      if (name !== undefined || text.startsWith("# ") || found.length !== names.length) return;
    }
    if (found.length !== names.length)
      throw unreadable(
        file,
        `line ${line} has ${count(found.length)}, \`columns\` names ${names.length}`,
        "name every column of the file, from left to right",
      );
    found.forEach((cell, k) => cells[k].push(cell));
  };

  await readLines(file, (bytes, line) => {
    take(decodeText(file, bytes, ` in line ${line}`), line);
    return rows < most;
  });
  if (rows < most) endSentence();
  // A comment may begin behind the first rows.
  const never = rows > 0 && rows < most ? comments.find((name) => !seen.has(name)) : undefined;
  if (never !== undefined) throw unreadable(file, `no sentence has a comment "# ${never} = …"`);
  const origin = { file: file.name, rows: null };
  const table = new Map<string, Column>();
  names.forEach((name, k) => table.set(name, columns[k].finish(origin)));
  comments.forEach((name, k) => table.set(name, notes[k].finish(origin)));
  return { file: file.name, rows, columns: table };
}

function count(cells: number): string {
  return `${cells} ${cells === 1 ? "cell" : "cells"}`;
}
