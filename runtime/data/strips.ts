import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import type { Span } from "../../grammar/tree.ts";
import { numberOf } from "./numerals.ts";
import { columnKind, elementsOf } from "./table.ts";
import type { Column, NumberArray, Table } from "./table.ts";

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
 * The columns that together hold a tensor of `wanted.shape`, side by side in row-major order: as many columns of single
 * numbers as it has elements, or one column of arrays that fit. Null stands for a column that the table does not have.
 */
export function strips(table: Table, names: readonly string[], wanted: Wanted): readonly (Strip | null)[] {
  const columns = names.map((name) => table.columns.get(name) ?? null);
  const elements = elementsOf(wanted.shape);
  const single = columns.every((column) => column === null || column.kind === "number" || column.kind === "text");
  const refuse = (has: string): DiagnosticError =>
    new DiagnosticError([
      report(
        data.columnsDoNotFit,
        { name: wanted.name, wants: wanted.type, has, file: table.file },
        { span: wanted.span },
      ),
    ]);
  if (single) {
    const absentArray = columns.length === 1 && columns[0] === null;
    if (columns.length !== elements && !absentArray)
      throw refuse(`${columns.length} ${columns.length === 1 ? "column" : "columns"} of single cells`);
    return columns.map((column, i) => (column === null ? null : strip(names[i], column)));
  }
  const [column] = columns;
  if (columns.length > 1 || column === null)
    throw refuse("a list of columns, of which one holds more than single cells");
  if (column.kind !== "array" || !fits(column.shape, wanted.shape)) throw refuse(`${columnKind(column)} in each cell`);
  return [strip(names[0], column)];
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
      const numbers = column.words.map((word) => numberOf(word) ?? NaN);
      const values = Float64Array.from(column.codes, (code) => (code < 0 ? NaN : numbers[code]));
      return { name, column, width: 1, values, isBad: (row) => column.codes[row] >= 0 && Number.isNaN(values[row]) };
    }
    case "list":
      throw new Error("a column of numbers was expected");
  }
}
