import type { Cell } from "../../compiler/ir/model.ts";
import { cellKey, findCell, numberOfCell, plainNumberIn, valueKey } from "../../compiler/words/cells.ts";
import { cellText } from "./table.ts";
import type { NumberColumn, TextColumn } from "./table.ts";

/** Which cells equal which values. */
export interface Matcher {
  /** The index of the first value that the cell equals; -1 where it equals none or is empty. */
  readonly at: (row: number) => number;
}

/** A column of single cells. */
export type CellColumn = NumberColumn | TextColumn;

/** Indices of values by their keys; of values that are one the first counts. */
function indexByKey(values: readonly Cell[]): ReadonlyMap<number | string, number> {
  const indices = new Map<number | string, number>();
  for (const [index, value] of values.entries()) {
    const key = valueKey(value);
    if (!indices.has(key)) indices.set(key, index);
  }
  return indices;
}

/** `numeric`: numbers are wanted, in any spelling. */
export function matcher(column: CellColumn, values: readonly Cell[], numeric = false): Matcher {
  const indices = indexByKey(values);
  if (column.kind === "text") {
    const codes = column.words.map(
      (word) => findCell(indices, word) ?? (numeric ? indices.get(numberOfCell(word) ?? NaN) : undefined) ?? -1,
    );
    return { at: (row) => (column.codes[row] < 0 ? -1 : codes[column.codes[row]]) };
  }
  if (values.every((value) => typeof value !== "string")) return { at: (row) => indices.get(column.values[row]) ?? -1 };
  return { at: (row) => findCell(indices, cellText(column, row) ?? "") ?? -1 };
}

/** Indices of the values that numbers of an array may equal. */
export function numbersAmong(values: readonly Cell[]): ReadonlyMap<number, number> {
  const numbers = new Map<number, number>();
  for (const [key, index] of indexByKey(values)) {
    const number = typeof key === "number" ? key : plainNumberIn(key);
    if (number !== null && !numbers.has(number)) numbers.set(number, index);
  }
  return numbers;
}

export function isEmptyCell(column: CellColumn, row: number): boolean {
  return column.kind === "text" ? column.codes[row] < 0 : Number.isNaN(column.values[row]);
}

/** The key of a column's cell; null where it is empty. */
export function keyAt(column: CellColumn, row: number): string | number | null {
  if (column.kind === "number") return Number.isNaN(column.values[row]) ? null : column.values[row];
  const text = cellText(column, row);
  return text === null ? null : cellKey(text);
}
