import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import type { Span } from "../../grammar/tree.ts";
import type { Troubles } from "./troubles.ts";

/** A table, or an array in it, by its name in messages. */
interface Rows {
  readonly file: string;
  readonly rows: number;
}

/** A table without rows is none. */
export function checkRows({ file, rows }: Rows, span: Span | undefined): void {
  if (rows === 0) throw new DiagnosticError([report(data.noRows, { file }, { span })]);
}

/** What stands side by side has equally many rows. */
export function checkEqualLengths(first: Rows, second: Rows, span: Span | undefined): void {
  if (first.rows !== second.rows) throw unequal(first, second, span);
}

function unequal(first: Rows, second: Rows, span: Span | undefined, help?: string): DiagnosticError {
  const holes = { first: first.file, rows: first.rows, second: second.file, others: second.rows };
  return new DiagnosticError([report(data.unequalLengths, holes, { span, help })]);
}

/**
 * The arrays of one table by their columns, null for those that cannot be read. The first that is asked for says how many rows
 * there are, and what has others is a trouble; null where none can be read.
 */
export function firstOfArrays<A extends { readonly rows: number }>(
  arrays: ReadonlyMap<string, A | null>,
  troubles: Troubles,
  { name, span, help }: { name(column: string, isFirst: boolean): string; span: Span | undefined; help?: string },
): { readonly column: string; readonly array: A } | null {
  const read = [...arrays].flatMap(([column, array]) => (array === null ? [] : [{ column, array }]));
  const first = read.find(({ column }) => troubles.isAsked(column)) ?? read.at(0);
  if (first === undefined) return null;
  const { rows } = first.array;
  for (const { column, array } of read) {
    if (array.rows === rows) continue;
    const second = { file: name(column, false), rows: array.rows };
    troubles.keep(column, unequal({ file: name(first.column, true), rows }, second, span, help));
  }
  return first;
}
