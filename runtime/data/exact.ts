import { cells } from "../../compiler/diagnostics/cells.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { isInexact, isInexactText, numberText, numeralIn } from "../../compiler/words/cells.ts";
import type { Span } from "../../grammar/tree.ts";
import { elementsOf, placeOf } from "./table.ts";
import type { Column } from "./table.ts";

/** Whole numbers beyond 2^53 are refused where values are told apart: two of them may be one number. */

const exact = new WeakSet<Column>();

/** Throws a diagnostic of a column of cells or of lists that are all numbers, which names the first such cell. */
export function checkExact(column: Column, name: string, span?: Span): void {
  if (exact.has(column)) return;
  const found = inexactCells(column);
  if (found.length === 0) {
    exact.add(column);
    return;
  }
  const [{ row, cell }] = found;
  const holes = { ...placeOf(column, row), column: name, cell, more: found.length - 1 };
  const help = "give it as a text of all its digits; a program may give a `bigint`, an array int64";
  throw new DiagnosticError([report(cells.cellIsNotExact, holes, { span, help })]);
}

/** One a row. */
function inexactCells(column: Column): readonly { readonly row: number; readonly cell: string }[] {
  const found: { row: number; cell: string }[] = [];
  const take = (row: number, cell: string): void => {
    if (found.at(-1)?.row !== row) found.push({ row, cell });
  };
  switch (column.kind) {
    case "number":
    case "array": {
      const size = column.kind === "number" ? 1 : elementsOf(column.shape);
      column.values.forEach((value, i) => {
        if (isInexact(value)) take(Math.floor(i / size), numberText(value));
      });
      return found;
    }
    case "text": {
      const words = column.words.map(isInexactText);
      column.codes.forEach((code, row) => {
        if (code >= 0 && words[code]) take(row, column.words[code]);
      });
      return found;
    }
    case "list":
      column.lists.forEach((list, row) => {
        const cell = list?.find(isInexactText);
        if (cell !== undefined && list?.every((word) => word === "" || numeralIn(word) !== null)) take(row, cell);
      });
      return found;
    case "nested":
      return found;
  }
}
