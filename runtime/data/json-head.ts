import type { EmptyMarks } from "../../compiler/words/cells.ts";
import type { DataFile } from "./files.ts";
import { rowsOf } from "./given-rows.ts";
import { refuseNoList, tableOfText } from "./json.ts";
import { looseText, type LooseText } from "./loose-text.ts";
import { jsonHelp, parseJson } from "./json-text.ts";
import type { Table } from "./table.ts";
import { readTextBytes } from "./text-bytes.ts";
import { unreadable } from "./unreadable.ts";
import type { AskedColumns } from "./troubles.ts";

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Bytes that are read of a longer file, or as many as its first row has. */
const ENOUGH = 1 << 18;

/** The first rows of a JSON list: `most` or as many as there are, and whether that is all of the file. */
export async function readJsonHead(
  file: DataFile,
  missing: EmptyMarks,
  most: number,
  asked?: AskedColumns,
): Promise<{ readonly table: Table; readonly all: boolean }> {
  const pieces: Buffer[] = [];
  let length = 0;
  let enough = ENOUGH;
  for await (const piece of readTextBytes(file)) {
    pieces.push(piece);
    length += piece.length;
    if (length < enough) continue;
    const { elements, problem } = firstElements(file, Buffer.concat(pieces), most);
    if (elements.length > 0) return { table: rowsOf(file, elements, missing, asked, problem), all: false };
    // A row may be as long as it likes; looking for its end costs no more than its length.
    enough = 2 * length;
  }
  return { table: tableOfText(file, looseText(file, Buffer.concat(pieces)), missing, asked), all: true };
}

/** The elements of a list of objects that are whole in the beginning of its file, up to `most`. */
function firstElements(
  file: DataFile,
  bytes: Buffer,
  most: number,
): { readonly elements: readonly unknown[]; readonly problem: LooseText["problem"] } {
  let at = 0;
  while (at < bytes.length && BLANK.has(bytes[at])) at++;
  if (at < bytes.length && bytes[at] !== 0x5b) throw refuseNoList(file, bytes.toString("utf8"));
  const elements: unknown[] = [];
  let problem: LooseText["problem"] = null;
  let depth = 0;
  let start = at;
  let quoted = false;
  for (; at < bytes.length && elements.length < most; at++) {
    const byte = bytes[at];
    if (quoted) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE && depth > 1) quoted = true;
    else if (OPENING.has(byte)) {
      depth++;
      if (depth === 2) start = at;
    } else if (CLOSING.has(byte)) {
      depth--;
      if (depth === 1) {
        const found = looseText(file, bytes.subarray(start, at + 1));
        elements.push(parsed(file, found, elements.length + 1));
        problem ??= found.problem;
      }
      if (depth === 0) return { elements, problem };
    } else if (depth === 1 && byte !== COMMA && !BLANK.has(byte))
      throw unreadable(file, `row ${elements.length + 1}: it is not an object with a value for each column`);
  }
  return { elements, problem };
}

function parsed(file: DataFile, { text, problem: garbled }: LooseText, row: number): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (garbled !== null) throw garbled;
    const problem = error instanceof Error ? error.message : String(error);
    throw unreadable(file, `it is not JSON: row ${row}, ${problem}`, jsonHelp(error));
  }
}
