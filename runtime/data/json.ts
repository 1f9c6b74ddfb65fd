import { constants } from "node:buffer";
import type { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import type { EmptyMarks } from "../../compiler/words/cells.ts";
import { readAll } from "./files.ts";
import type { DataFile } from "./files.ts";
import { readLines } from "./lines.ts";
import { looseText, type LooseText } from "./loose-text.ts";
import { rowBuilder, rowsOf } from "./given-rows.ts";
import { insteadOfList, jsonHelp, parseJson } from "./json-text.ts";
import type { Table } from "./table.ts";
import { readBy, readTextBytes } from "./text-bytes.ts";
import { unreadable } from "./unreadable.ts";
import type { AskedColumns } from "./troubles.ts";

/** A JSON file that holds a list of objects, one a row. Cells may be numbers, texts, booleans, null, and lists of them. */
export async function readJson(file: DataFile, missing: EmptyMarks, asked?: AskedColumns): Promise<Table> {
  // No text of this machine is longer; a file of JSON lines may be.
  return tableOfText(
    file,
    looseText(file, await readAll(file, constants.MAX_STRING_LENGTH, readTextBytes(file))),
    missing,
    asked,
  );
}

/** The table that a text of JSON holds. */
export function tableOfText(
  file: DataFile,
  { text, problem }: LooseText,
  missing: EmptyMarks,
  asked?: AskedColumns,
): Table {
  if (!/^\s*(?:\[|$)/.test(text)) throw refuseNoList(file, text);
  let rows: unknown;
  try {
    rows = parseJson(text);
  } catch (error) {
    if (problem !== null) throw problem;
    throw unreadable(file, problemOf(error, text), jsonHelp(error));
  }
  if (!Array.isArray(rows)) throw new Error("a text that begins as a list was expected to be one");
  return rowsOf(file, rows, missing, asked, problem);
}

/** Characters that tell what a text is. */
const MOST_HEAD = 1 << 16;

/** What is said of a text that begins as no list does. */
export function refuseNoList(file: DataFile, text: string): DiagnosticError {
  const { problem, help } = insteadOfList(file, text.slice(0, MOST_HEAD));
  return unreadable(file, problem, help);
}

/** What is wrong with a JSON text, and in which line. */
function problemOf(error: unknown, text: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const position = positionOf(message, text);
  const where = position === null ? "" : `line ${text.slice(0, position).split("\n").length}, `;
  const what = message
    .replace(/ in JSON at position.*$|, (?:\.\.\.)?"[\s\S]*$/s, "")
    .replace(/^\w/, (c) => c.toLowerCase());
  return `it is not JSON: ${where}${what}`;
}

/** Where a message of the engine says that a text breaks off: by its position, or by the ten characters around it. */
function positionOf(message: string, text: string): number | null {
  const [, position] = /at position (\d+)/.exec(message) ?? [];
  if (position !== undefined) return Number(position);
  if (/^Unexpected end/.test(message)) return text.length;
  const [, token, cut, around] =
    /^Unexpected token '?(.)'?, (\.\.\.)?"([\s\S]*)"(?:\.\.\.)? is not valid/.exec(message) ?? [];
  const start = around === undefined ? -1 : text.indexOf(around);
  if (start < 0) return null;
  return start + (cut === undefined ? Math.max(0, around.indexOf(token)) : 10);
}

/** A file with one JSON object a line, one a row; empty lines are passed over. */
export async function readJsonLines(
  file: DataFile,
  missing: EmptyMarks,
  most = Infinity,
  asked?: AskedColumns,
): Promise<Table> {
  const builder = rowBuilder(file, missing, asked);
  let rows = 0;
  await readLines(file, (bytes, line) => {
    const { text: said, problem } = looseText(file, bytes, ` in line ${line}`);
    const text = said.trim();
    if (text === "") return true;
    if (rows === 0 && text.startsWith("["))
      throw unreadable(file, "it is a list, not an object a line", readBy(file, "json"));
    let row: unknown;
    try {
      row = parseJson(text);
    } catch (error) {
      if (problem !== null) throw problem;
      const message = error instanceof Error ? error.message : String(error);
      throw unreadable(file, `line ${line} is not JSON: ${message}`, jsonHelp(error) ?? lineHelp(file, text, rows));
    }
    builder.add(row, problem);
    return ++rows < most;
  });
  return builder.finish();
}

/** The first row tells whether lines are objects at all. */
function lineHelp(file: DataFile, line: string, rows: number): string | undefined {
  if (rows > 0) return undefined;
  if (line.startsWith("{"))
    return "an object stands in one line; a list of objects over several lines is read by `json(…)`";
  return insteadOfList(file, line).help;
}
