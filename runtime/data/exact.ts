import { cells } from "../../compiler/diagnostics/cells.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { isInexact, isInexactText, numeralIn } from "../../compiler/words/cells.ts";
import type { Span } from "../../grammar/tree.ts";
import { cellText, elementsOf, placeOf } from "./table.ts";
import type { Column } from "./table.ts";

/** Whole numbers beyond 2^53 are refused where values are told apart: two of them may be one number. */

const exact = new WeakSet<Column>();

/** Throws a diagnostic of a column of cells or of lists that are all numbers, which names the first such cell. */
export function checkExact(column: Column, name: string, span?: Span): void {
  if (exact.has(column)) return;
  const rows = inexactRows(column);
  if (rows.length === 0) {
    exact.add(column);
    return;
  }
  const [row] = rows;
  const holes = {
    ...placeOf(column, row),
    column: name,
    cell: cellText(column, row) ?? "",
    more: rows.length - 1,
  };
  const help = "give it as a text of all its digits; a program may give a `bigint`, an array int64";
  throw new DiagnosticError([report(cells.cellIsNotExact, holes, { span, help })]);
}

function inexactRows(column: Column): readonly number[] {
  const rows: number[] = [];
  switch (column.kind) {
    case "number":
      column.values.forEach((value, row) => {
        if (isInexact(value)) rows.push(row);
      });
      return rows;
    case "array": {
      const size = elementsOf(column.shape);
      column.values.forEach((value, i) => {
        const row = Math.floor(i / size);
        if (isInexact(value) && rows.at(-1) !== row) rows.push(row);
      });
      return rows;
    }
    case "text": {
      const words = column.words.map(isInexactText);
      column.codes.forEach((code, row) => {
        if (code >= 0 && words[code]) rows.push(row);
      });
      return rows;
    }
    case "list":
      column.lists.forEach((list, row) => {
        if (list?.some(isInexactText) && list.every((word) => word === "" || numeralIn(word) !== null)) rows.push(row);
      });
      return rows;
    case "nested":
      return rows;
  }
}
