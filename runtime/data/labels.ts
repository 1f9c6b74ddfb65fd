import type { Cell } from "../../compiler/ir/model.ts";
import { cellKey, textOfCell, numberOfCell, truthIn } from "../../compiler/words/cells.ts";
import { isEmptyCell } from "./cells.ts";
import type { CellColumn } from "./cells.ts";
import type { Rows } from "./parts.ts";

/**
 * The values that occur in the cells of training rows, each once: sorted as numbers if all are numbers or truths, else by code
 * point. A plain numeral is its number (4.0 is 4), 007 keeps its text. True and false in any spelling are truths, unless
 * their numbers occur as well.
 */
export function learnValues(
  cells: readonly { readonly column: CellColumn; readonly rows: Rows["rows"] }[],
): readonly Cell[] {
  const values = new Map<number | string, Cell>();
  for (const { column, rows } of cells) {
    if (column.kind === "text") {
      const used = new Uint8Array(column.words.length);
      for (const row of rows) if (column.codes[row] >= 0) used[column.codes[row]] = 1;
      column.words.forEach((word, code) => {
        const key = cellKey(word);
        if (used[code] === 1 && !values.has(key)) values.set(key, truthIn(word) ?? key);
        else if (used[code] === 1 && truthIn(word) === null) values.set(key, key);
      });
    } else for (const row of rows) if (!isEmptyCell(column, row)) values.set(column.values[row], column.values[row]);
  }
  const entries = [...values.values()].map((value) => ({ value, text: textOfCell(value) }));
  const numbers = entries.map(({ text }) => numberOfCell(text));
  const numeric = numbers.every((number) => number !== null);
  const number = ({ text }: { text: string }): number => (numeric ? (numberOfCell(text) ?? 0) : 0);
  entries.sort((a, b) => number(a) - number(b) || byCodePoint(a.text, b.text));
  return entries.map(({ value }) => value);
}

const encoder = new TextEncoder();

/** The order of UTF-8 bytes is the order of code points. */
export function byCodePoint(a: string, b: string): number {
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  const at = left.findIndex((byte, k) => byte !== right[k]);
  return at < 0 ? left.length - right.length : left[at] - (right[at] ?? -1);
}
