import { answersAlong } from "../../compiler/check/tables/fits.ts";
import { componentsOf, tokenAxes } from "../../compiler/ir/components.ts";
import type { Input, Task } from "../../compiler/ir/model.ts";
import type { CellColumn } from "./cells.ts";
import { elementsIn, elementsLaid, listOf, type ListsColumn } from "./elements.ts";
import type { NestedList } from "./nested.ts";
import type { Rows } from "./parts.ts";
import { elementsOf, isBlank } from "./table.ts";
import type { Column } from "./table.ts";
import { tokenCounts } from "./tokens.ts";

/** Cells that are lists, one element for each token of an input, or lists of several. */

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

/** A column of a task whose cells are lists of answers. */
export interface AlongColumn {
  /** Its place among the columns of the task. */
  readonly index: number;
  readonly column: Column;
  /** Every answer that stands in it; each knows the row that it came from. */
  readonly cells: CellColumn;
  /** How many a row may have of it. */
  readonly width: number;
  /** Where the first of them stands among all answers of a row, and how far the next is from it. */
  readonly from: number;
  readonly step: number;
  /** Which of `cells` an answer is; -1 where there is none, or only what is cut off. */
  cell(row: number, element: number): number;
  /** The first list of a row that is not as long as its axis says; null where all are. */
  wrongList(row: number, tokens: (axis: string) => number): WrongList | null;
}

export interface WrongList {
  /** The token axis that it runs along; null where the kind says how long it is. */
  readonly axis: string | null;
  readonly has: number;
  readonly wants: number;
  /** Which list it is: places in the lists that it lies in, from 0. */
  readonly path: readonly number[];
}

/** The columns of a task that are there, where their cells are lists along its token axes; null where they are something else. */
export function columnsAlong(
  { kind }: Task,
  shape: readonly number[],
  columns: readonly (Column | null)[],
): readonly AlongColumn[] | null {
  const held = columns.map((column) => (column !== null && isBlank(column) ? null : column));
  const along = answersAlong(held, kind, shape);
  if (along === null) return null;
  const levels = along === "lists" ? tokenAxes(kind) : Array.from(shape.keys());
  const sizes = levels.map((axis) => shape[axis]);
  const names = levels.map((axis) => kind.axes?.[axis] ?? null);
  const width = elementsOf(sizes);
  const places = along === "lists" ? componentsOf(kind, shape, columns.length) : null;
  return held.flatMap((column, index) => {
    if (column === null || column.kind === "number" || column.kind === "text") return [];
    const laid = elementsLaid(column, sizes);
    const { from, step } = places?.[index] ?? { from: 0, step: 1 };
    const one: AlongColumn = {
      ...{ index, column, width, from, step },
      cells: elementsIn(column).cells,
      cell: (row, element) => laid[row * width + element],
      wrongList: (row, tokens) => wrongList(column, row, sizes, names, tokens),
    };
    return [one];
  });
}

function wrongList(
  column: ListsColumn,
  row: number,
  sizes: readonly number[],
  names: readonly (string | null)[],
  tokens: (axis: string) => number,
): WrongList | null {
  const wants = (axis: number): number => {
    const name = names[axis];
    return name === null ? sizes[axis] : tokens(name);
  };
  if (column.kind !== "array") return wrongIn(listOf(column, row) ?? [], [], names, wants);
  const size = elementsOf(column.shape);
  if (column.values.subarray(row * size, (row + 1) * size).every(Number.isNaN)) return null;
  // Arrays as long as the axis are padded themselves.
  const axis = column.shape.findIndex((has, k) => has !== sizes[k] && has !== wants(k));
  return axis < 0
    ? null
    : { axis: names[axis], has: column.shape[axis], wants: wants(axis), path: new Array<number>(axis).fill(0) };
}

/** A list without any element stands for answers that are missing. */
function wrongIn(
  list: NestedList,
  path: readonly number[],
  names: readonly (string | null)[],
  wants: (axis: number) => number,
): WrongList | null {
  const axis = path.length;
  if (list.length === 0) return null;
  if (list.length !== wants(axis)) return { axis: names[axis], has: list.length, wants: wants(axis), path };
  for (const [k, each] of list.entries()) {
    const wrong = each === null || typeof each === "string" ? null : wrongIn(each, [...path, k], names, wants);
    if (wrong !== null) return wrong;
  }
  return null;
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
