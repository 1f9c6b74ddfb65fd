import type { Input, Task } from "../../compiler/ir/model.ts";
import type { CellColumn } from "./cells.ts";
import { emptyMarks } from "../../compiler/words/cells.ts";
import { ColumnBuilder } from "./column-builder.ts";
import type { Rows } from "./parts.ts";
import { takePlaces } from "./table.ts";
import type { ArrayColumn, Column, ListColumn } from "./table.ts";
import { tokenCounts } from "./tokens.ts";

/** Cells that are lists, one element for each token of an input. */

/** How many tokens each of some rows has on a token axis, before any is cut. */
export type TokensOfAxis = (axis: string) => Int32Array;

export function tokensOfAxes(inputs: readonly Input[], rows: Rows): TokensOfAxis {
  const known = new Map<string, Int32Array>();
  return (axis) => {
    const input = inputs.find((each) => each.name === axis);
    if (input === undefined) throw new Error(`there is no token axis ${axis}`);
    const counts = known.get(axis) ?? tokenCounts(input, rows);
    known.set(axis, counts);
    return counts;
  };
}

/** The elements of all lists of a column, one behind the other. */
export interface Elements {
  /** Each knows the row that it came from. */
  readonly cells: CellColumn;
  /** [rows + 1]: where each row's begin. */
  readonly starts: Int32Array<ArrayBuffer>;
}

const known = new WeakMap<Column, Elements>();
const none = emptyMarks([]);

export function elementsIn(column: ListColumn | ArrayColumn): Elements {
  const before = known.get(column);
  if (before !== undefined) return before;
  const rows = column.kind === "list" ? column.lists.length : column.values.length / column.shape[0];
  const starts = new Int32Array(rows + 1);
  for (let row = 0; row < rows; row++)
    starts[row + 1] = starts[row] + (column.kind === "list" ? (column.lists[row]?.length ?? 0) : column.shape[0]);
  const builder = new ColumnBuilder(none);
  if (column.kind === "list") for (const list of column.lists) for (const text of list ?? []) builder.text(text);
  else for (const value of column.values) builder.number(value);
  const owners = new Int32Array(starts[rows]);
  for (let row = 0; row < rows; row++) owners.fill(row, starts[row], starts[row + 1]);
  const cells = builder.finish(takePlaces(column.origin, owners));
  if (cells.kind !== "number" && cells.kind !== "text") throw new Error("elements were expected to be single cells");
  const elements = { cells, starts };
  known.set(column, elements);
  return elements;
}

/** The column of a task whose answers are lists along one token axis; null where they are something else. */
export function listColumn(task: Task, columns: readonly (Column | null)[]): ListColumn | ArrayColumn | null {
  const [column] = columns;
  const { shape, axes, word } = task.kind;
  if (columns.length !== 1 || column === null || shape.length !== 1 || word === "flags") return null;
  if ((axes?.[0] ?? null) === null) return null;
  return column.kind === "list" || (column.kind === "array" && column.shape.length === 1) ? column : null;
}

/** 1 where every token axis of an answer has a token there, [rows × elements]; null where it runs along none. */
export function realPlaces(
  task: Task,
  shape: readonly number[],
  rows: number,
  tokens: TokensOfAxis,
): Uint8Array | null {
  const { axes = [] } = task.kind;
  if (axes.every((axis) => axis === null)) return null;
  const elements = shape.reduce((product, size) => product * size, 1);
  const real = new Uint8Array(rows * elements).fill(1);
  let inner = elements;
  shape.forEach((size, index) => {
    inner /= size;
    const axis = axes[index] ?? null;
    if (axis === null) return;
    const counts = tokens(axis);
    for (let row = 0; row < rows; row++)
      for (let k = 0; k < elements; k++) if (Math.floor(k / inner) % size >= counts[row]) real[row * elements + k] = 0;
  });
  return real;
}
