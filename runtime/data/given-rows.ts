import type { Cell } from "../../compiler/ir/model.ts";
import type { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { emptyMarks, type EmptyMarks } from "../../compiler/words/cells.ts";
import type { DataFile } from "./files.ts";
import { RowBuilder } from "./row-builder.ts";
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

/** Rows that were read already; `garbled` is what is wrong with the bytes of some. */
export function rowsOf(
  file: DataFile,
  rows: Iterable<unknown>,
  missing: EmptyMarks,
  asked?: AskedColumns,
  garbled: DiagnosticError | null = null,
): Table {
  const builder = rowBuilder(file, missing, asked);
  for (const row of rows) builder.add(row, garbled);
  return builder.finish();
}

/** Takes the rows of a file. Throws a diagnostic that names the row. */
export function rowBuilder(file: DataFile, missing: EmptyMarks, asked?: AskedColumns): RowBuilder {
  return new RowBuilder(file.name, missing, (problem) => unreadable(file, problem), asked);
}
