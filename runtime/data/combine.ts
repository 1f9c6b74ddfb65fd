import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { slips } from "../../compiler/diagnostics/slips.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Cell } from "../../compiler/ir/model.ts";
import type { Span } from "../../grammar/tree.ts";
import { keyAt, matcher } from "./cells.ts";
import { cellColumn } from "./columns.ts";
import { listOf } from "./empty-words.ts";
import { checkEqualLengths } from "./lengths.ts";
import { counted, meantBy } from "./spelling.ts";
import { cellText, placeOf, takeRows } from "./table.ts";
import type { Column, Table } from "./table.ts";
import { Troubles } from "./troubles.ts";
import type { AskedColumns } from "./troubles.ts";

/** Tables out of tables: rows kept, tables joined, tables side by side. */

export interface Filter {
  readonly column: string;
  readonly values: readonly Cell[];
}

/** The rows whose columns hold one of the values each. */
export function keepRows(
  table: Table,
  filters: readonly Filter[],
  onWarning: (warning: Diagnostic) => void,
  span?: Span,
  spans: Readonly<Record<string, Span>> = {},
): Table {
  if (filters.length === 0) return table;
  const spanOf = (column: string): Span | undefined => spans[`only.${column}`] ?? span;
  const tests = filters.map(({ column, values }) => matcher(cellColumn(table, column, spanOf(column)), values));
  const kept: number[] = [];
  for (let row = 0; row < table.rows; row++) if (tests.every((test) => test.at(row) >= 0)) kept.push(row);
  if (kept.length > 0) {
    for (const filter of filters) tellAlmostKept(table, filter, spanOf(filter.column), onWarning);
    return takeRows(table, Int32Array.from(kept));
  }
  const only = filters
    .map(({ column, values }) => `"${column}" ${values.map((value) => JSON.stringify(value)).join(" or ")}`)
    .join(" and ");
  const help = filters.map(({ column }) => `"${column}" holds ${someCells(table, column)}`).join("; ");
  throw new DiagnosticError([report(data.nothingKept, { file: table.file, only }, { span, help })]);
}

/** Tells of rows that are left out, and are spelt nearly like those that are kept. */
function tellAlmostKept(
  table: Table,
  { column: name, values }: Filter,
  span: Span | undefined,
  onWarning: (warning: Diagnostic) => void,
): void {
  const column = table.columns.get(name);
  if (column?.kind !== "text") return;
  const matched = new Set(values.map(String));
  const meant = column.words.map((word) => (matched.has(word) ? undefined : meantBy(word, values)));
  if (meant.every((word) => word === undefined)) return;
  const words = new Map<string, number>();
  for (const code of column.codes)
    if (code >= 0 && meant[code] !== undefined) words.set(column.words[code], (words.get(column.words[code]) ?? 0) + 1);
  const count = [...words.values()].reduce((sum, times) => sum + times, 0);
  if (count === 0) return;
  const kept = [...new Set(meant.filter((word) => word !== undefined))].map((word) => JSON.stringify(word));
  const holes = { file: table.file, count, column: name, words: counted(words), meant: kept.join(" and ") };
  const key = /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? name : JSON.stringify(name);
  const help = `if they belong to the rest, write \`only: { ${key}: ${listOf([...values, ...words.keys()])} }\``;
  onWarning(report(slips.almostKept, holes, { span, help }));
}

function someCells(table: Table, name: string): string {
  const column = table.columns.get(name);
  const seen = new Set<string>();
  for (let row = 0; column !== undefined && row < table.rows && seen.size < 6; row++) {
    const text = cellText(column, row);
    if (text !== null) seen.add(text);
  }
  return seen.size === 0
    ? "nothing"
    : [...seen]
        .map((text) => `"${text}"`)
        .slice(0, 5)
        .join(", ") + (seen.size > 5 ? ", …" : "");
}

/** The left join of `left` with `right` on a column of both. */
export function joinTables(
  left: Table,
  right: Table,
  on: string,
  onWarning: (warning: Diagnostic) => void,
  span?: Span,
  onSpan: Span | undefined = span,
  asked?: AskedColumns,
): Table {
  const leftKeys = cellColumn(left, on, onSpan);
  const rightKeys = cellColumn(right, on, onSpan);
  const troubles = new Troubles(asked, [left.troubles, right.troubles]);
  const doubled = new Set([...right.columns.keys()].filter((name) => name !== on && left.columns.has(name)));
  for (const name of doubled) troubles.keep(name, inBoth(name, left, right, span));

  const rows = new Map<string | number, number>();
  for (let row = 0; row < right.rows; row++) {
    const key = keyAt(rightKeys, row);
    if (key === null) continue;
    const before = rows.get(key);
    if (before !== undefined) {
      const holes = {
        ...placeOf(rightKeys, row),
        first: placeOf(rightKeys, before).row,
        column: on,
        key: String(key),
      };
      throw new DiagnosticError([report(data.doubledKey, holes, { span })]);
    }
    rows.set(key, row);
  }
  const partner = new Int32Array(left.rows);
  let unmatched = 0;
  for (let row = 0; row < left.rows; row++) {
    const key = keyAt(leftKeys, row);
    partner[row] = key === null ? -1 : (rows.get(key) ?? -1);
    if (partner[row] < 0) unmatched++;
  }
  if (unmatched > 0) {
    const holes = { left: left.file, right: right.file, count: unmatched, rows: left.rows, column: on };
    onWarning(report(data.unmatchedRows, holes, { span }));
  }
  const columns = new Map(left.columns);
  for (const [name, column] of takeRows(right, partner).columns)
    if (name !== on && !doubled.has(name))
      columns.set(name, { ...column, origin: { ...column.origin, otherwise: leftKeys.origin } });
  return { file: left.file, rows: left.rows, columns, troubles: troubles.found };
}

/** Tables of equal length, side by side. */
export function besideTables(tables: readonly Table[], span?: Span, asked?: AskedColumns): Table {
  const [first, ...others] = tables;
  const troubles = new Troubles(
    asked,
    tables.map((table) => table.troubles),
  );
  const columns = new Map<string, Column>(first.columns);
  for (const table of others) {
    checkEqualLengths(first, table, span);
    for (const [name, column] of table.columns) {
      if (columns.has(name)) troubles.keep(name, inBoth(name, { columns }, table, span));
      else columns.set(name, column);
    }
  }
  return { file: first.file, rows: first.rows, columns, troubles: troubles.found };
}

function inBoth(name: string, left: Pick<Table, "columns">, right: Table, span: Span | undefined): DiagnosticError {
  const holes = { column: name, left: left.columns.get(name)?.origin.file ?? "", right: right.file };
  return new DiagnosticError([report(data.columnInBoth, holes, { span })]);
}
