import type { Cell } from "../../compiler/ir/model.ts";
import { isEmptyCell } from "./cells.ts";
import type { CellColumn } from "./cells.ts";
import { numberOf, plainNumberOf } from "./numerals.ts";
import type { Rows } from "./parts.ts";
import { cellText } from "./table.ts";

/**
 * The values that occur in the cells of training rows, each once: sorted as numbers if all are numbers, else by code point.
 * A cell that is a plain numeral counts as its number (4.0 is 4); 007 keeps its text.
 */
export function learnValues(
  cells: readonly { readonly column: CellColumn; readonly rows: Rows["rows"] }[],
): readonly Cell[] {
  const texts = new Set<string>();
  for (const { column, rows } of cells) {
    if (column.kind === "text") {
      const used = new Uint8Array(column.words.length);
      for (const row of rows) if (column.codes[row] >= 0) used[column.codes[row]] = 1;
      column.words.forEach((word, code) => used[code] === 1 && texts.add(word));
    } else {
      const seen = new Set<number>();
      for (const row of rows) {
        if (isEmptyCell(column, row) || seen.has(column.values[row])) continue;
        seen.add(column.values[row]);
        texts.add(cellText(column, row) ?? "");
      }
    }
  }
  const values = new Map<Cell, string>();
  for (const text of texts) {
    const plain = plainNumberOf(text);
    const cell = Number.isNaN(plain) ? text : plain;
    values.set(cell, String(cell));
  }
  const entries = [...values];
  const numeric = entries.every(([, text]) => numberOf(text) !== null);
  entries.sort(([, a], [, b]) => (numeric ? Number(a) - Number(b) : 0) || byCodePoint(a, b));
  return entries.map(([cell]) => cell);
}

const encoder = new TextEncoder();

/** The order of UTF-8 bytes is the order of code points. */
export function byCodePoint(a: string, b: string): number {
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  const at = left.findIndex((byte, k) => byte !== right[k]);
  return at < 0 ? left.length - right.length : left[at] - (right[at] ?? -1);
}
