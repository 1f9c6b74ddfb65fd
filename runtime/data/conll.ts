import { ColumnBuilder } from "./column-builder.ts";
import type { EmptyMarks } from "../../compiler/words/cells.ts";
import type { DataFile } from "./files.ts";
import { readLines } from "./lines.ts";
import { isGarbled } from "./garbled.ts";
import { looseText, type LooseText } from "./loose-text.ts";
import type { Column, Table } from "./table.ts";
import { Troubles } from "./troubles.ts";
import type { AskedColumns } from "./troubles.ts";
import { unreadable } from "./unreadable.ts";

/** Names of a file's columns from left to right, and of the comments that are columns of the sentence. */
export interface ConllColumns {
  readonly columns: readonly string[];
  readonly comments: readonly string[];
}

const comment = /^#\s*([^=]*?)\s*=\s*(.*?)\s*$/;

/**
 * Sentences, one a row: a line a token, an empty line between sentences, `# name = value` before the first token. Cells are
 * separated by tabs where a line has one, else by blanks. Each column is a list of the sentence's tokens. What is wrong with columns
 * that are not `asked` for does not matter.
 */
export async function readConll(
  file: DataFile,
  { columns: names, comments }: ConllColumns,
  missing: EmptyMarks,
  most = Infinity,
  asked?: AskedColumns,
): Promise<Table> {
  const troubles = new Troubles(asked);
  [...names, ...comments].forEach((name, i, all) => {
    if (all.indexOf(name) < i) troubles.keep(name, unreadable(file, `two columns are called "${name}"`));
  });
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
  const take = ({ text, problem }: LooseText, line: number): void => {
    if (text.trim() === "") return endSentence();
    const found = text.includes("\t") ? text.split("\t").map((cell) => cell.trim()) : text.trim().split(/\s+/);
    if (text.startsWith("#") && cells[0].length === 0) {
      const [, name, value] = comment.exec(text) ?? [];
      if (name !== undefined) {
        said.set(name, value);
        if (problem !== null && isGarbled(name + value)) troubles.keep(name, problem);
      }
      // A token may begin with the mark too: `#tag O`.
      if (name !== undefined || text.startsWith("# ") || found.length !== names.length) return;
    }
    if (found.length !== names.length)
      throw unreadable(
        file,
        `line ${line} has ${count(found.length)}, \`columns\` names ${names.length}`,
        "name every column of the file, from left to right",
      );
    found.forEach((cell, k) => {
      cells[k].push(cell);
      if (problem !== null && isGarbled(cell)) troubles.keep(names[k], problem);
    });
  };

  await readLines(file, (bytes, line) => {
    take(looseText(file, bytes, ` in line ${line}`), line);
    return rows < most;
  });
  if (rows < most) endSentence();
  // A comment may begin behind the first rows.
  for (const name of rows > 0 && rows < most ? comments : [])
    if (!seen.has(name)) troubles.keep(name, unreadable(file, `no sentence has a comment "# ${name} = …"`));
  const origin = { file: file.name, rows: null };
  const table = new Map<string, Column>();
  [...names, ...comments].forEach((name, k) => {
    if (!table.has(name)) table.set(name, (columns[k] ?? notes[k - names.length]).finish(origin));
  });
  return { file: file.name, rows, columns: table, troubles: troubles.found };
}

function count(cells: number): string {
  return `${cells} ${cells === 1 ? "cell" : "cells"}`;
}
