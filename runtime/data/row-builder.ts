import type { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { listWords, type EmptyMarks } from "../../compiler/words/cells.ts";
import { CellProblem, ColumnBuilder } from "./column-builder.ts";
import { holdsGarbled } from "./garbled.ts";
import { nestedList } from "./nested.ts";
import type { Column, Table } from "./table.ts";
import { Troubles } from "./troubles.ts";
import type { AskedColumns } from "./troubles.ts";

/** What is thrown of a row that is no row, or of a cell that is none: the problem names it. */
type Refuse = (problem: string) => DiagnosticError;

/** Takes rows as plain objects, with whatever columns each has, and makes a table of them. */
export class RowBuilder {
  readonly #columns = new Map<string, ColumnBuilder>();
  readonly #missing: EmptyMarks;
  readonly #troubles: Troubles;
  readonly #file: string;
  readonly #refuse: Refuse;
  #rows = 0;

  /** `file`: what messages call the rows. */
  constructor(file: string, missing: EmptyMarks, refuse: Refuse, asked?: AskedColumns) {
    this.#file = file;
    this.#refuse = refuse;
    this.#missing = missing;
    this.#troubles = new Troubles(asked);
  }

  /** Throws what the row is refused with, or `garbled` (what is wrong with its bytes) where a column that is asked for is. */
  add(row: unknown, garbled: DiagnosticError | null = null): void {
    if (typeof row !== "object" || row === null || Array.isArray(row) || ArrayBuffer.isView(row))
      throw this.#refuse(`row ${this.#rows + 1}: it is ${described(row)}, not an object with a value for each column`);
    for (const [name, value] of Object.entries(row)) {
      let column = this.#columns.get(name);
      if (column === undefined) {
        column = new ColumnBuilder(this.#missing);
        for (let i = 0; i < this.#rows; i++) column.empty();
        this.#columns.set(name, column);
      }
      if (garbled !== null && holdsGarbled([name, value])) {
        this.#troubles.keep(name, garbled);
        column.empty();
        continue;
      }
      try {
        addValue(column, value);
      } catch (error) {
        if (!(error instanceof CellProblem)) throw error;
        const refused = this.#refuse(`row ${this.#rows + 1}: column "${name}" has ${error.message}`);
        this.#troubles.keep(name, refused);
        column.empty();
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
  if (value.some(isWord) && !value.some(isList)) return column.list(listWords(plainElements(value)));
  const numbers: number[] = [];
  const shape = arrayIn(value, numbers);
  if (shape !== null) return column.array(numbers, shape);
  const what = hasWord(value) ? "words in lists of lists" : "an array whose rows are not equally long";
  column.nested(nestedList(plainElements(value)), what);
}

function isList(value: unknown): boolean {
  return Array.isArray(value) || isNumberArray(value);
}

function isNumberArray(value: unknown): value is Float64Array | Float32Array | Int32Array | Uint8Array {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView) &&
    !(value instanceof BigInt64Array) &&
    !(value instanceof BigUint64Array)
  );
}

/** Arrays of numbers as lists. Throws where an element is nothing that a cell holds. */
function plainElements(value: readonly unknown[], axes = 1): readonly unknown[] {
  checkAxes(axes);
  return value.map((element) => {
    if (isNumberArray(element)) return Array.from(element);
    if (Array.isArray(element)) return plainElements(element, axes + 1);
    checkElement(element);
    return element;
  });
}

/** As many as NumPy's arrays had for long. */
const MOST_AXES = 32;

function checkAxes(axes: number): void {
  if (axes > MOST_AXES) throw new CellProblem(`an array of more than ${MOST_AXES} axes`);
}

const elementTypes: ReadonlySet<string> = new Set(["number", "string", "boolean", "bigint", "undefined"]);

function checkElement(element: unknown): void {
  if (element !== null && !elementTypes.has(typeof element))
    throw new CellProblem(`an array that holds ${typeof element === "object" ? "an object" : `a ${typeof element}`}`);
}

function isWord(value: unknown): boolean {
  return typeof value === "string" || isLong(value);
}

function hasWord(value: unknown): boolean {
  return Array.isArray(value) ? value.some(hasWord) : isWord(value);
}

/** A whole number that is exact as a text only. */
function isLong(value: unknown): boolean {
  return typeof value === "bigint" && !Number.isSafeInteger(Number(value));
}

/** Appends the numbers of lists in lists, row-major, and gives their shape; null where they are not equally long, or no numbers. */
function arrayIn(value: readonly unknown[], into: number[], axes = 1): readonly number[] | null {
  checkAxes(axes);
  let inner: readonly number[] | null = null;
  for (const element of value) {
    let shape: readonly number[] | null = [];
    if (Array.isArray(element)) shape = arrayIn(element, into, axes + 1);
    else if (isNumberArray(element)) {
      for (const number of element) into.push(number);
      shape = [element.length];
    } else if (isWord(element)) shape = null;
    else {
      checkElement(element);
      into.push(element === null || element === undefined ? NaN : Number(element));
    }
    if (shape === null || (inner !== null && String(inner) !== String(shape))) return null;
    inner = shape;
  }
  return [value.length, ...(inner ?? [])];
}
