import { heldInWords } from "../../compiler/check/tables/fits.ts";
import { columnsThere, meantColumn, meantInWords } from "../../compiler/check/tables/names.ts";
import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import type { Columns, Input } from "../../compiler/ir/model.ts";
import type { Span } from "../../grammar/tree.ts";
import type { CellColumn } from "./cells.ts";
import { checkExact } from "./exact.ts";
import { singleCells } from "./single-cells.ts";
import type { Column, Table } from "./table.ts";

/** Columns by name, or the diagnostic that says what the table has instead. */

export function column(table: Table, name: string, span?: Span): Column {
  const found = table.columns.get(name);
  if (found !== undefined) return found;
  throw new DiagnosticError([
    report(data.columnNotFound, { column: name, file: table.file }, { span, help: whatThereIs(name, table) }),
  ]);
}

/** A column of single cells that are told apart: words or numbers. */
export function cellColumn(table: Table, name: string, span?: Span): CellColumn {
  const found = singleCells(column(table, name, span));
  if (found.kind === "number" || found.kind === "text") {
    checkExact(found, name, span);
    return found;
  }
  const holes = { column: name, file: found.origin.file, has: heldInWords(found) };
  throw new DiagnosticError([report(data.notACategory, holes, { span })]);
}

/** The names that a declaration reads, in order; a range needs its two ends in the table. */
export function columnNames(table: Table, columns: Columns, span?: Span): readonly string[] {
  if (columns.kind === "names") return columns.names;
  const names = [...table.columns.keys()];
  column(table, columns.first, span);
  column(table, columns.last, span);
  const first = names.indexOf(columns.first);
  const last = names.indexOf(columns.last);
  const range = first <= last ? names.slice(first, last + 1) : names.slice(last, first + 1).reverse();
  for (const name of range) {
    const trouble = table.troubles?.get(name);
    if (trouble !== undefined) throw trouble;
  }
  return range;
}

/** Whether the table has any of the columns that are read. */
export function hasAnyColumn(table: Table, columns: Columns): boolean {
  const names = columns.kind === "names" ? columns.names : [columns.first, columns.last];
  return names.some((name) => table.columns.has(name));
}

/** Throws one diagnostic where several inputs' columns are not in the table, which then is probably another one. */
export function checkColumns(table: Table, inputs: readonly Pick<Input, "from" | "span">[]): void {
  const namesOf = ({ from }: Pick<Input, "from">): readonly string[] =>
    from.kind === "names" ? from.names : [from.first, from.last];
  const without = inputs.filter((input) => namesOf(input).some((name) => !table.columns.has(name)));
  const absent = [...new Set(without.flatMap(namesOf))].filter((name) => !table.columns.has(name));
  if (absent.length < 2) return;
  const [first, ...others] = absent;
  const { span } = without[0];
  throw new DiagnosticError([
    report(
      data.columnNotFound,
      { column: first, others, file: table.file },
      { span, help: columnsThere([...table.columns.keys()]) },
    ),
  ]);
}

/** A hint at what was meant. */
function whatThereIs(name: string, table: Table): string {
  const names = [...table.columns.keys()];
  const near = meantColumn(name, names);
  return near === undefined ? columnsThere(names) : meantInWords(name, near);
}
