import type { Cell } from "../../compiler/ir/model.ts";
import { emptyMarks, type EmptyMarks } from "../../compiler/words/cells.ts";
import type { DataFile } from "./files.ts";
import { RowBuilder, RowProblem } from "./row-builder.ts";
import type { Table } from "./table.ts";
import { unreadable } from "./unreadable.ts";
import type { AskedColumns } from "./troubles.ts";

/** Rows that are at hand as plain objects with a value for each column. */

/** Rows that a program has at hand: plain objects with a value for each column. Throws a DiagnosticError that names the row. */
export function tableOfRows(
  rows: Iterable<unknown>,
  name = "rows",
  missing: readonly Cell[] = [],
  asked?: AskedColumns,
): Table {
  return rowsOf({ name, path: "" }, rows, emptyMarks(missing), asked);
}

/** Rows that were read already. */
export function rowsOf(file: DataFile, rows: Iterable<unknown>, missing: EmptyMarks, asked?: AskedColumns): Table {
  const builder = new RowBuilder(file.name, missing, asked);
  for (const row of rows) addRow(file, builder, row);
  return builder.finish();
}

/** Throws a diagnostic that names the row. */
export function addRow(file: DataFile, builder: RowBuilder, row: unknown): void {
  try {
    builder.add(row);
  } catch (error) {
    if (error instanceof RowProblem) throw unreadable(file, `row ${error.row}: ${error.message}`);
    throw error;
  }
}
