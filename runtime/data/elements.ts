import type { CellColumn } from "./cells.ts";
import { emptyMarks } from "../../compiler/words/cells.ts";
import { ColumnBuilder } from "./column-builder.ts";
import type { NestedList } from "./nested.ts";
import { elementsOf, takePlaces } from "./table.ts";
import type { ArrayColumn, Column, ListColumn, NestedColumn } from "./table.ts";

/** Columns whose cells are lists, as columns of their elements. */
export type ListsColumn = ListColumn | ArrayColumn | NestedColumn;

/** The elements of all lists of a column, one behind the other. */
export interface Elements {
  /** Each knows the row that it came from. */
  readonly cells: CellColumn;
  /** [rows + 1]: where each row's begin. */
  readonly starts: Int32Array<ArrayBuffer>;
}

const known = new WeakMap<Column, Elements>();
const none = emptyMarks([]);

export function elementsIn(column: ListsColumn): Elements {
  const before = known.get(column);
  if (before !== undefined) return before;
  const rows = rowsOf(column);
  const starts = new Int32Array(rows + 1);
  const builder = new ColumnBuilder(none);
  for (let row = 0; row < rows; row++) {
    if (column.kind === "array") {
      const size = elementsOf(column.shape);
      for (let k = row * size; k < (row + 1) * size; k++) builder.number(column.values[k]);
    } else addWords(listOf(column, row), builder);
    starts[row + 1] = builder.length;
  }
  const owners = new Int32Array(starts[rows]);
  for (let row = 0; row < rows; row++) owners.fill(row, starts[row], starts[row + 1]);
  const cells = builder.finish(takePlaces(column.origin, owners));
  if (cells.kind !== "number" && cells.kind !== "text") throw new Error("elements were expected to be single cells");
  const elements = { cells, starts };
  known.set(column, elements);
  return elements;
}

function addWords(list: NestedList | null, builder: ColumnBuilder): void {
  for (const each of list ?? [])
    if (typeof each === "string") builder.text(each);
    else addWords(each, builder);
}

function rowsOf(column: ListsColumn): number {
  switch (column.kind) {
    case "array":
      return column.values.length / elementsOf(column.shape);
    case "list":
      return column.lists.length;
    case "nested":
      return column.cells.length;
  }
}

export function listOf(column: ListColumn | NestedColumn, row: number): NestedList | null {
  return column.kind === "list" ? column.lists[row] : column.cells[row];
}

/**
 * Where the elements of a column stand in tensors of `shape`, a level of lists an axis: [rows × elements], the number of the
 * element in `elementsIn`, -1 where there is none. What lies behind the end of an axis is left out.
 */
export function elementsLaid(column: ListsColumn, shape: readonly number[]): Int32Array {
  const { starts } = elementsIn(column);
  const rows = rowsOf(column);
  const size = elementsOf(shape);
  const laid = new Int32Array(rows * size).fill(-1);
  if (column.kind === "array") {
    const places = placesIn(column.shape, shape);
    for (let row = 0; row < rows; row++)
      for (const [k, place] of places.entries()) if (place >= 0) laid[row * size + place] = starts[row] + k;
    return laid;
  }
  let next = 0;
  const lay = (list: NestedList, axis: number, before: number, isInside: boolean): void => {
    for (const [k, each] of list.entries()) {
      const isHere = isInside && k < shape[axis];
      const place = before * shape[axis] + k;
      if (each !== null && typeof each !== "string") lay(each, axis + 1, place, isHere);
      else if (each !== null) {
        if (isHere && axis === shape.length - 1) laid[place] = next;
        next++;
      }
    }
  };
  for (let row = 0; row < rows; row++) lay(listOf(column, row) ?? [], 0, row, true);
  return laid;
}

/** The place of each element of an array in a tensor; -1 where it lies outside. */
function placesIn(array: readonly number[], shape: readonly number[]): Int32Array {
  return Int32Array.from({ length: elementsOf(array) }, (_, k) => {
    let [rest, place, stride, isInside] = [k, 0, 1, true];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const index = rest % array[axis];
      rest = Math.floor(rest / array[axis]);
      isInside &&= index < shape[axis];
      place += index * stride;
      stride *= shape[axis];
    }
    return isInside ? place : -1;
  });
}
