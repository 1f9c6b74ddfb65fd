import type { Cell } from "../../compiler/ir/model.ts";
import { numberOf, plainNumberOf } from "./numerals.ts";
import { cellText } from "./table.ts";
import type { NumberColumn, TextColumn } from "./table.ts";

/**
 * Which cells equal a value of the file. A number equals a cell that reads as that number (4 equals 4.0), a string equals
 * the cell's text without surrounding blanks, true and false equal 1 and 0 and their own names in any case.
 */
export interface Matcher {
  /** The index of the first value that the cell equals; -1 where it equals none or is empty. */
  readonly at: (row: number) => number;
}

/** A column of single cells. */
export type CellColumn = NumberColumn | TextColumn;

export function matcher(column: CellColumn, values: readonly Cell[]): Matcher {
  const numbers = new Map<number, number>();
  const texts = new Map<string, number>();
  const booleans = new Map<string, number>();
  values.forEach((value, index) => {
    if (typeof value === "number") keepFirst(numbers, value, index);
    else if (typeof value === "string") keepFirst(texts, value.trim(), index);
    else {
      keepFirst(numbers, value ? 1 : 0, index);
      keepFirst(booleans, String(value), index);
    }
  });
  if (column.kind === "text") {
    const codes = column.words.map((word) => {
      const number = numberOf(word);
      return (
        texts.get(word) ?? (number === null ? undefined : numbers.get(number)) ?? booleans.get(word.toLowerCase()) ?? -1
      );
    });
    return { at: (row) => (column.codes[row] < 0 ? -1 : codes[column.codes[row]]) };
  }
  return {
    at(row) {
      const value = column.values[row];
      if (Number.isNaN(value)) return -1;
      const byNumber = numbers.get(value);
      if (texts.size === 0) return byNumber ?? -1;
      return texts.get(cellText(column, row) ?? "") ?? byNumber ?? -1;
    },
  };
}

function keepFirst<Key>(map: Map<Key, number>, key: Key, index: number): void {
  if (!map.has(key)) map.set(key, index);
}

export function isEmptyCell(column: CellColumn, row: number): boolean {
  return column.kind === "text" ? column.codes[row] < 0 : Number.isNaN(column.values[row]);
}

/** What two cells have in common that are one value: 4 and 4.0 do, 7 and 007 do not. Null where the cell is empty. */
export function cellKey(column: CellColumn, row: number): string | number | null {
  const text = cellText(column, row);
  if (text === null) return null;
  const number = plainNumberOf(text);
  return Number.isNaN(number) ? text : number;
}
