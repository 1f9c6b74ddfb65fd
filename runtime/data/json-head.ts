import { decodeText } from "./files.ts";
import type { DataFile } from "./files.ts";
import { unreadable } from "./unreadable.ts";

const QUOTE = 34;
const BACKSLASH = 92;
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/**
 * The first elements of a JSON list of objects, out of the beginning of its file: those that are there whole, up to `most`.
 * `whole`: these bytes are all of the file.
 */
export function firstElements(file: DataFile, bytes: Buffer, whole: boolean, most: number): readonly unknown[] {
  let at = 0;
  while (at < bytes.length && BLANK.has(bytes[at])) at++;
  if (bytes[at] !== 0x5b)
    throw unreadable(file, "it is not a list of objects", "write it as `[{…}, {…}]`, one object a row");
  const elements: unknown[] = [];
  let depth = 0;
  let start = at;
  let quoted = false;
  for (; at < bytes.length && elements.length < most; at++) {
    const byte = bytes[at];
    if (quoted) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) quoted = true;
    else if (OPENING.has(byte)) {
      depth++;
      if (depth === 2) start = at;
    } else if (CLOSING.has(byte)) {
      depth--;
      if (depth === 1) elements.push(parsed(file, bytes.subarray(start, at + 1), elements.length + 1));
      if (depth === 0) return elements;
    }
  }
  if (whole && elements.length < most) throw unreadable(file, "it is not JSON: it is cut off");
  return elements;
}

function parsed(file: DataFile, bytes: Buffer, row: number): unknown {
  const text = decodeText(file, bytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(file, `it is not JSON: row ${row}, ${error instanceof Error ? error.message : String(error)}`);
  }
}
