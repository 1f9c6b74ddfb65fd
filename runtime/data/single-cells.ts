import { emptyMarks } from "../../compiler/words/cells.ts";
import { ColumnBuilder } from "./column-builder.ts";
import { wordsOf } from "./nested.ts";
import { elementsOf } from "./table.ts";
import type { Column } from "./table.ts";

const known = new WeakMap<Column, Column>();

/** A column whose cells are arrays or lists of one each, as a column of single cells; any other as it is. */
export function singleCells(column: Column): Column {
  const before = known.get(column);
  if (before !== undefined) return before;
  const single = opened(column);
  known.set(column, single);
  return single;
}

function opened(column: Column): Column {
  const { origin } = column;
  if (column.kind === "array" && elementsOf(column.shape) === 1)
    return { kind: "number", values: Float64Array.from(column.values), decimals: null, origin };
  if (column.kind !== "list" && column.kind !== "nested") return column;
  const lists = (column.kind === "list" ? column.lists : column.cells).map((list) =>
    list === null ? [] : wordsOf(list),
  );
  if (lists.some((list) => list.length > 1)) return column;
  const builder = new ColumnBuilder(emptyMarks([]));
  for (const [word = ""] of lists) builder.text(word);
  return builder.finish(origin);
}
