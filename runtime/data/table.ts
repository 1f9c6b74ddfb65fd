import type { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { nestedText } from "./nested.ts";
import type { NestedList } from "./nested.ts";
import { numeralText } from "./numerals.ts";

/**
 * Tables as they come out of files: named columns of equal length, each in one compact array. Numbers are doubles with NaN
 * for an empty cell, words are coded by a dictionary. A column knows which file and row each of its cells came from.
 */

/** Where a column's rows stand: `rows[i]` is the number of row i in its file, from 1 (0: it has none); null: i + 1. */
export interface Origin {
  readonly file: string;
  readonly rows: Int32Array | null;
  /** Where rows stand that this file does not have: the left table of a join. */
  readonly otherwise?: Origin;
}

export type NumberArray =
  | Float64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

export interface NumberColumn {
  readonly kind: "number";
  /** NaN where the cell is empty. */
  readonly values: Float64Array<ArrayBuffer>;
  /** Digits written behind the point where the text is not the shortest spelling (4.0 has 1); null where all are. */
  readonly decimals: Uint8Array | null;
  /** Nothing says what its cells are: they are empty, in a file whose cells might be of any kind. */
  readonly isBlank?: true;
  readonly origin: Origin;
}
export interface TextColumn {
  readonly kind: "text";
  /** Index into `words`; -1 where the cell is empty. */
  readonly codes: Int32Array<ArrayBuffer>;
  /** Each once, without surrounding blanks. */
  readonly words: readonly string[];
  readonly origin: Origin;
}
export interface ArrayColumn {
  readonly kind: "array";
  /** Of one cell. */
  readonly shape: readonly number[];
  /** [rows × elements]; NaN where empty. */
  readonly values: NumberArray;
  readonly origin: Origin;
}
export interface ListColumn {
  readonly kind: "list";
  /** null where the cell is empty. */
  readonly lists: readonly (readonly string[] | null)[];
  readonly origin: Origin;
}
/** Lists in lists that are no array: of unequal lengths, or of words. */
export interface NestedColumn {
  readonly kind: "nested";
  /** How many lists lie in each other. */
  readonly depth: number;
  /** null where the cell is empty. */
  readonly cells: readonly (NestedList | null)[];
  /** The first cell that is no array as those before it are, and what it is: "row 2 has …". */
  readonly uneven: string;
  readonly origin: Origin;
}
export type Column = NumberColumn | TextColumn | ArrayColumn | ListColumn | NestedColumn;

export interface Table {
  /** Its name in messages. */
  readonly file: string;
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Column>;
  /** What is wrong with columns that nobody asks for; they are empty here. */
  readonly troubles?: ReadonlyMap<string, DiagnosticError>;
}

/** A column of nothing. */
export function emptyColumn(rows: number, origin: Origin): Column {
  return { kind: "number", values: new Float64Array(rows).fill(NaN), decimals: null, origin };
}

/** Whether a column's cells, which are all empty, might be of any kind. */
export function isBlank(column: Column): boolean {
  return column.kind === "number" && column.isBlank === true;
}

export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** File and row, from 1, that a cell came from. */
export function placeOf({ origin }: Column, row: number): { readonly file: string; readonly row: number } {
  const number = numberIn(origin, row);
  return number === 0 && origin.otherwise !== undefined
    ? { file: origin.otherwise.file, row: numberIn(origin.otherwise, row) }
    : { file: origin.file, row: number };
}

function numberIn(origin: Origin, row: number): number {
  return origin.rows === null ? row + 1 : origin.rows[row];
}

/** A cell as a message shows it; null where it is empty. */
export function cellText(column: Column, row: number): string | null {
  switch (column.kind) {
    case "number": {
      const value = column.values[row];
      return Number.isNaN(value) ? null : numeralText(value, column.decimals === null ? 255 : column.decimals[row]);
    }
    case "text":
      return column.codes[row] < 0 ? null : column.words[column.codes[row]];
    case "array": {
      const size = elementsOf(column.shape);
      const cells = Array.from(column.values.subarray(row * size, row * size + Math.min(size, 4)), String);
      return `[${cells.join(", ")}${size > 4 ? ", …" : ""}]`;
    }
    case "list": {
      const list = column.lists[row];
      return list === null ? null : nestedText(list);
    }
    case "nested": {
      const cell = column.cells[row];
      return cell === null ? null : nestedText(cell);
    }
  }
}

/** The rows of these indices, in this order; -1 gives a row of empty cells. */
export function takeRows(table: Table, indices: Int32Array): Table {
  const origins = new Map<Origin, Origin>();
  const columns = new Map<string, Column>();
  for (const [name, column] of table.columns) {
    const origin = origins.get(column.origin) ?? takePlaces(column.origin, indices);
    origins.set(column.origin, origin);
    columns.set(name, takeCells(column, indices, origin));
  }
  return { ...table, rows: indices.length, columns };
}

/** The same places in the order of `indices`; -1 is a place without a row. */
export function takePlaces(origin: Origin, indices: Int32Array): Origin {
  const rows = new Int32Array(indices.length);
  for (let i = 0; i < indices.length; i++) rows[i] = indices[i] < 0 ? 0 : numberIn(origin, indices[i]);
  const { file, otherwise } = origin;
  return { file, rows, ...(otherwise === undefined ? {} : { otherwise: takePlaces(otherwise, indices) }) };
}

function takeCells(column: Column, indices: Int32Array, origin: Origin): Column {
  switch (column.kind) {
    case "number": {
      const values = new Float64Array(indices.length);
      for (let i = 0; i < indices.length; i++) values[i] = indices[i] < 0 ? NaN : column.values[indices[i]];
      const decimals = column.decimals === null ? null : new Uint8Array(indices.length);
      if (decimals !== null && column.decimals !== null)
        for (let i = 0; i < indices.length; i++) decimals[i] = indices[i] < 0 ? 255 : column.decimals[indices[i]];
      return { ...column, values, decimals, origin };
    }
    case "text": {
      const codes = new Int32Array(indices.length);
      for (let i = 0; i < indices.length; i++) codes[i] = indices[i] < 0 ? -1 : column.codes[indices[i]];
      return { kind: "text", codes, words: column.words, origin };
    }
    case "array": {
      const size = elementsOf(column.shape);
      const values = emptyLike(column.values, indices.length * size, indices.includes(-1));
      for (let i = 0; i < indices.length; i++) {
        if (indices[i] < 0) values.fill(NaN, i * size, (i + 1) * size);
        else values.set(column.values.subarray(indices[i] * size, (indices[i] + 1) * size), i * size);
      }
      return { kind: "array", shape: column.shape, values, origin };
    }
    case "list":
      return { kind: "list", lists: Array.from(indices, (i) => (i < 0 ? null : column.lists[i])), origin };
    case "nested":
      return { ...column, cells: Array.from(indices, (i) => (i < 0 ? null : column.cells[i])), origin };
  }
}

/** Zeros of the same type, or of one that can hold empty cells. */
function emptyLike(values: NumberArray, length: number, holes: boolean): NumberArray {
  if (values instanceof Float32Array) return new Float32Array(length);
  if (values instanceof Float64Array || holes) return new Float64Array(length);
  if (values instanceof Int32Array) return new Int32Array(length);
  if (values instanceof Uint32Array) return new Uint32Array(length);
  if (values instanceof Int16Array) return new Int16Array(length);
  if (values instanceof Uint16Array) return new Uint16Array(length);
  if (values instanceof Int8Array) return new Int8Array(length);
  return new Uint8Array(length);
}
