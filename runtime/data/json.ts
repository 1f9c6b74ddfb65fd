import { constants } from "node:buffer";
import type { Missing } from "./column-builder.ts";
import { decodeText, readAll } from "./files.ts";
import type { DataFile } from "./files.ts";
import { readLines } from "./lines.ts";
import { addRow, rowsOf } from "./given-rows.ts";
import { RowBuilder } from "./row-builder.ts";
import type { Table } from "./table.ts";
import { unreadable } from "./unreadable.ts";

/** A JSON file that holds a list of objects, one a row. Cells may be numbers, texts, booleans, null, and lists of them. */
export async function readJson(file: DataFile, missing: Missing): Promise<Table> {
  // No text of this machine is longer; a file of JSON lines may be.
  const text = decodeText(file, await readAll(file, constants.MAX_STRING_LENGTH));
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch (error) {
    throw unreadable(file, problemOf(error, text));
  }
  if (!Array.isArray(rows))
    throw unreadable(file, "it is not a list of objects", "write it as `[{…}, {…}]`, one object a row");
  return rowsOf(file, rows, missing);
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
export async function readJsonLines(file: DataFile, missing: Missing, most = Infinity): Promise<Table> {
  const builder = new RowBuilder(missing);
  let rows = 0;
  await readLines(file, (bytes, line) => {
    const text = decodeText(file, bytes, ` in line ${line}`).trim();
    if (text === "") return true;
    let row: unknown;
    try {
      row = JSON.parse(text);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw unreadable(file, `line ${line} is not JSON: ${message}`);
    }
    addRow(file, builder, row);
    return ++rows < most;
  });
  return builder.finish(file.name);
}
