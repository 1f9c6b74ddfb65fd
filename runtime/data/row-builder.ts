import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { listWords, type EmptyMarks } from "../../compiler/words/cells.ts";
import { CellProblem, ColumnBuilder } from "./column-builder.ts";
import type { Column, Table } from "./table.ts";
import { Troubles } from "./troubles.ts";
import type { AskedColumns } from "./troubles.ts";

/** A row that is no row, or a cell that is none: `row` from 1. */
export class RowProblem extends Error {
  readonly row: number;
  constructor(row: number, problem: string) {
    super(problem);
    this.row = row;
  }
}

/** Takes rows as plain objects, with whatever columns each has, and makes a table of them. */
export class RowBuilder {
  readonly #columns = new Map<string, ColumnBuilder>();
  readonly #missing: EmptyMarks;
  readonly #troubles: Troubles;
  readonly #file: string;
  #rows = 0;

  /** `file`: what messages call the rows. */
  constructor(file: string, missing: EmptyMarks, asked?: AskedColumns) {
    this.#file = file;
    this.#missing = missing;
    this.#troubles = new Troubles(asked);
  }

  /** Throws a RowProblem. */
  add(row: unknown): void {
    if (typeof row !== "object" || row === null || Array.isArray(row) || ArrayBuffer.isView(row))
      throw new RowProblem(this.#rows + 1, `it is ${described(row)}, not an object with a value for each column`);
    for (const [name, value] of Object.entries(row)) {
      let column = this.#columns.get(name);
      if (column === undefined) {
        column = new ColumnBuilder(this.#missing);
        for (let i = 0; i < this.#rows; i++) column.empty();
        this.#columns.set(name, column);
      }
      try {
        addValue(column, value);
      } catch (error) {
        if (!(error instanceof CellProblem)) throw error;
        const problem = `column "${name}" has ${error.message}`;
        if (this.#troubles.isAsked(name)) throw new RowProblem(this.#rows + 1, problem);
        column.empty();
        const holes = { file: this.#file, problem: `row ${this.#rows + 1}: ${problem}` };
        this.#troubles.keep(name, new DiagnosticError([report(data.fileUnreadable, holes)]));
      }
    }
    this.#rows++;
    for (const column of this.#columns.values()) if (column.length < this.#rows) column.empty();
  }

  finish(): Table {
    const file = this.#file;
    const origin = { file, rows: null };
    const columns = new Map<string, Column>();
    for (const [name, column] of this.#columns) columns.set(name, column.finish(origin));
    return { file, rows: this.#rows, columns, troubles: this.#troubles.found };
  }
}

function described(value: unknown): string {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return "a list";
  return value === null ? "null" : typeof value === "string" ? "a text" : `a ${typeof value}`;
}

function addValue(column: ColumnBuilder, value: unknown): void {
  switch (typeof value) {
    case "number":
      return column.number(value);
    case "string":
      return column.text(value);
    case "boolean":
    case "bigint":
      return column.text(String(value));
    case "undefined":
      return column.empty();
    case "object":
      if (value === null) return column.empty();
      if (Array.isArray(value) || ArrayBuffer.isView(value)) return addList(column, value);
      return column.text(textOfObject(value));
    default:
      throw new CellProblem(`a ${typeof value}`);
  }
}

function textOfObject(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw new CellProblem("an object that holds itself, or others too deep to be written");
  }
}

function addList(column: ColumnBuilder, value: readonly unknown[] | ArrayBufferView): void {
  if (isNumberArray(value)) return column.array(value, [value.length]);
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) return addList(column, Array.from(value));
  if (!Array.isArray(value)) throw new CellProblem("an array of a type that holds no numbers");
  if (value.some((element) => typeof element === "string" || isLong(element))) return column.list(listWords(value));
  const numbers: number[] = [];
  const shape = flatten(value, numbers);
  column.array(numbers, shape);
}

function isNumberArray(value: unknown): value is Float64Array | Float32Array | Int32Array | Uint8Array {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView) &&
    !(value instanceof BigInt64Array) &&
    !(value instanceof BigUint64Array)
  );
}

/** A whole number that is exact as a text only. */
function isLong(value: unknown): boolean {
  return typeof value === "bigint" && !Number.isSafeInteger(Number(value));
}

/** As many as NumPy's arrays had for long. */
const MOST_AXES = 32;

/** Appends the numbers of a nested list, row-major, and gives its shape. */
function flatten(value: readonly unknown[], into: number[], axes = 1): readonly number[] {
  if (axes > MOST_AXES) throw new CellProblem(`an array of more than ${MOST_AXES} axes`);
  let inner: readonly number[] | null = null;
  for (const element of value) {
    let shape: readonly number[] = [];
    if (Array.isArray(element)) shape = flatten(element, into, axes + 1);
    else if (isNumberArray(element)) {
      for (const number of element) into.push(number);
      shape = [element.length];
    } else if (typeof element === "number") into.push(element);
    else if (typeof element === "bigint" && !isLong(element)) into.push(Number(element));
    else if (typeof element === "boolean") into.push(element ? 1 : 0);
    else if (element === null || element === undefined) into.push(NaN);
    else
      throw new CellProblem(`an array that holds ${typeof element === "object" ? "an object" : `a ${typeof element}`}`);
    if (inner !== null && String(inner) !== String(shape))
      throw new CellProblem("an array whose rows are not equally long");
    inner = shape;
  }
  return [value.length, ...(inner ?? [])];
}
