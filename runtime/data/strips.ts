import { tensorMisfit } from "../../compiler/check/tables/fits.ts";
import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { numberOfCell } from "../../compiler/words/cells.ts";
import type { Span } from "../../grammar/tree.ts";
import { shapeOf, wordsOf } from "./nested.ts";
import { elementsOf, isBlank } from "./table.ts";
import type { ArrayColumn, Column, NestedColumn, NumberArray, Table } from "./table.ts";

/** The numbers of one column: `values[row * width + k]`, NaN where there is none. */
export interface Strip {
  readonly name: string;
  readonly column: Column;
  readonly width: number;
  readonly values: NumberArray;
  /** Whether the cell holds something that is no number. */
  isBad(row: number): boolean;
}

/** Who wants the numbers, for messages: `input \`beak\`` and `f32[2]`. */
export interface Wanted {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  readonly span?: Span;
}

/**
 * The columns that together hold a tensor of `wanted.shape`, side by side in row-major order: single numbers and flat arrays
 * that come to as many elements as it has, or one column of arrays that fit. Null stands for a column that the table does not have.
 */
export function strips(table: Table, names: readonly string[], wanted: Wanted): readonly (Strip | null)[] {
  const read = names.map((name) => numbersOf(table.columns.get(name) ?? null));
  const columns = read.length === 1 ? read.map((column) => emptyArrays(column, wanted.shape)) : read;
  const has = tensorMisfit(columns, wanted.shape);
  if (has !== undefined) {
    const holes = { name: wanted.name, wants: wanted.type, has, file: table.file };
    throw new DiagnosticError([report(data.columnsDoNotFit, holes, { span: wanted.span })]);
  }
  return columns.map((column, i) => (column === null ? null : strip(names[i], column)));
}

/** A column without a value is one of arrays without one, where arrays are wanted. */
function emptyArrays(column: Column | null, shape: readonly number[]): Column | null {
  const elements = elementsOf(shape);
  if (column?.kind !== "number" || elements === 1 || !isBlank(column)) return column;
  const values = new Float64Array(column.values.length * elements).fill(NaN);
  return { kind: "array", shape, values, origin: column.origin };
}

/** Lists of words that are numbers, as long as each other, are arrays where numbers are wanted. */
export function numbersOf<C extends Column | null>(column: C): C | ArrayColumn {
  if (column?.kind === "nested") return arrayOf(column) ?? column;
  if (column?.kind !== "list") return column;
  const length = column.lists.find((list) => list !== null)?.length ?? 0;
  const values = new Float64Array(column.lists.length * length).fill(NaN);
  for (const [row, list] of column.lists.entries()) {
    if (list === null) continue;
    if (list.length !== length) return column;
    for (const [k, word] of list.entries()) {
      const number = word === "" ? NaN : numberOfCell(word);
      if (number === null) return column;
      values[row * length + k] = number;
    }
  }
  return length === 0 ? column : { kind: "array", shape: [length], values, origin: column.origin };
}

/** The same of lists in lists. */
function arrayOf({ cells, origin }: NestedColumn): ArrayColumn | null {
  const shape = shapeOf(cells.find((cell) => cell !== null) ?? []);
  if (shape === null) return null;
  const size = elementsOf(shape);
  const values = new Float64Array(cells.length * size).fill(NaN);
  for (const [row, cell] of cells.entries()) {
    if (cell === null) continue;
    if (String(shapeOf(cell)) !== String(shape)) return null;
    for (const [k, word] of wordsOf(cell).entries()) {
      const number = word === "" ? NaN : numberOfCell(word);
      if (number === null) return null;
      values[row * size + k] = number;
    }
  }
  return size === 0 ? null : { kind: "array", shape, values, origin };
}

function strip(name: string, column: Column): Strip {
  switch (column.kind) {
    case "number":
      return { name, column, width: 1, values: column.values, isBad: () => false };
    case "array":
      return { name, column, width: elementsOf(column.shape), values: column.values, isBad: () => false };
    case "text": {
      const numbers = column.words.map((word) => numberOfCell(word) ?? NaN);
      const values = Float64Array.from(column.codes, (code) => (code < 0 ? NaN : numbers[code]));
      return { name, column, width: 1, values, isBad: (row) => column.codes[row] >= 0 && Number.isNaN(values[row]) };
    }
    case "list":
    case "nested":
      throw new Error("a column of numbers was expected");
  }
}
