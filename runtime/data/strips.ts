import { columnsInWords } from "../../compiler/check/tables/columns.ts";
import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { numberOfCell } from "../../compiler/words/cells.ts";
import type { Span } from "../../grammar/tree.ts";
import { columnKind, elementsOf } from "./table.ts";
import type { ArrayColumn, Column, NumberArray, Table } from "./table.ts";

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
  const columns = names.map((name) => numbersOf(table.columns.get(name) ?? null));
  const elements = elementsOf(wanted.shape);
  const refuse = (has: string): DiagnosticError =>
    new DiagnosticError([
      report(
        data.columnsDoNotFit,
        { name: wanted.name, wants: wanted.type, has, file: table.file },
        { span: wanted.span },
      ),
    ]);
  const [only] = columns;
  if (columns.length === 1 && only?.kind === "array" && !fits(only.shape, wanted.shape))
    throw refuse(`${columnKind(only)} in each cell`);
  if (columns.some((column) => column?.kind === "list")) throw refuse("a list of words in each cell");
  const total = columns.reduce((sum, column) => sum + (column === null ? 1 : widthOf(column)), 0);
  const absent = columns.length === 1 && only === null;
  if (total !== elements && !absent) throw refuse(columnsInWords(columns.length, total));
  return columns.map((column, i) => (column === null ? null : strip(names[i], column)));
}

/** Lists of words that are numbers, as long as each other, are arrays where numbers are wanted. */
export function numbersOf<C extends Column | null>(column: C): C | ArrayColumn {
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

function widthOf(column: Column): number {
  return column.kind === "array" ? elementsOf(column.shape) : 1;
}

/** An array fits where it differs by axes of size 1 only, or is flat: a row of all elements, as a list of columns is. */
function fits(has: readonly number[], wants: readonly number[]): boolean {
  const real = (shape: readonly number[]): string => shape.filter((size) => size !== 1).join(" ");
  return real(has) === real(wants) || (has.length === 1 && has[0] === elementsOf(wants));
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
      throw new Error("a column of numbers was expected");
  }
}
