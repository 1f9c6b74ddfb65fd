import { componentsOf, tokenAxes } from "../../ir/components.ts";
import type { TaskKind } from "../../ir/model.ts";

/** Whether columns hold what is asked of them: one rule for heads, which `check` looks at, and for whole tables. */

/** What the cells of a column hold. */
export interface Held {
  /** `empty`: nothing yet, in the rows that were looked at. */
  readonly kind: "number" | "text" | "array" | "list" | "nested" | "empty";
  /** Of one cell, where cells are arrays. */
  readonly shape?: readonly number[];
  /** Elements of the longest cell, where cells are lists, or lists in lists. */
  readonly longest?: number;
  /** Where cells are lists in lists: how many lie in each other. */
  readonly depth?: number;
  /** Why they are no arrays: the first cell that is unlike those before it. */
  readonly uneven?: string;
}

/** "a number", "an array of 28 × 28": what one cell holds. */
export function heldInWords({ kind, shape = [] }: Held): string {
  switch (kind) {
    case "number":
      return "a number";
    case "text":
      return "a word";
    case "array":
      return `an array of ${shape.join(" × ")}`;
    case "list":
      return "a list";
    case "nested":
      return "lists in lists";
    case "empty":
      return "nothing";
  }
}

function inEachCell(held: Held): string {
  return `${heldInWords(held)} in each cell${held.uneven === undefined ? "" : ` (${held.uneven})`}`;
}

/** Columns, and how many numbers a row of them has in all. */
function columnsInWords(columns: number, numbers: number): string {
  const counted = `${columns} ${columns === 1 ? "column" : "columns"}`;
  if (columns === numbers) return `${counted} of single cells`;
  return `${counted} of ${numbers} numbers${columns === 1 ? "" : " together"}`;
}

/**
 * What is there instead of columns that together hold a tensor: single numbers and flat arrays that come to as many elements as
 * it has, or one column of arrays that fit. Null stands for a column that the table does not have; undefined where they fit.
 */
export function tensorMisfit(columns: readonly (Held | null)[], shape: readonly number[]): string | undefined {
  const [only] = columns;
  const listed = columns.find((column) => column?.kind === "list" || column?.kind === "nested");
  if (listed) return inEachCell(listed);
  // What is to come may be of any shape.
  if (columns.some((column) => column?.kind === "empty")) return undefined;
  if (columns.length === 1 && only?.kind === "array")
    return arraysFit(only.shape ?? [], shape) ? undefined : inEachCell(only);
  if (columns.length === 1 && only === null) return undefined;
  const numbers = columns.reduce((sum, column) => sum + elementsOf(column?.shape ?? []), 0);
  return numbers === elementsOf(shape) ? undefined : columnsInWords(columns.length, numbers);
}

/** How cells hold answers along tokens: a list in each of several columns, or lists in lists in one, a level for each axis. */
export type Along = "lists" | "nested";

/** Null where the columns hold no such lists. `shape`: of an answer, whose axes are those of the kind and behind them its flags. */
export function answersAlong(
  columns: readonly (Held | null)[],
  kind: TaskKind,
  shape: readonly number[],
): Along | null {
  const along = tokenAxes(kind);
  if (along.length === 0) return null;
  const isList = (column: Held | null): boolean =>
    column === null ||
    column.kind === "list" ||
    column.kind === "empty" ||
    (column.kind === "array" && column.shape?.length === 1);
  const some = columns.some((column) => column !== null && column.kind !== "empty");
  if (some && columns.every(isList) && componentsOf(kind, shape, columns.length) !== null) return "lists";
  const [only] = columns;
  if (columns.length !== 1 || shape.length < 2) return null;
  if (only?.kind === "nested") return only.depth === shape.length ? "nested" : null;
  const has = only?.kind === "array" ? (only.shape ?? []) : [];
  const isLaid = has.length === shape.length && shape.every((size, axis) => has[axis] === size || along.includes(axis));
  return isLaid ? "nested" : null;
}

/** The same as `tensorMisfit` for answers, which may be lists along tokens. */
export function answersMisfit(
  columns: readonly (Held | null)[],
  kind: TaskKind,
  shape: readonly number[],
): string | undefined {
  return answersAlong(columns, kind, shape) === null ? tensorMisfit(columns, shape) : undefined;
}

/** The same for one word or number a row; an array or a list of one is one. */
export function cellMisfit(column: Held): string | undefined {
  const isOne =
    (column.kind === "array" && elementsOf(column.shape ?? []) === 1) ||
    ((column.kind === "list" || column.kind === "nested") && column.longest !== undefined && column.longest <= 1);
  const isSeveral = column.kind === "array" || column.kind === "list" || column.kind === "nested";
  return isSeveral && !isOne ? heldInWords(column) : undefined;
}

/** The same for texts, or lists of tokens. */
export function tokensMisfit(columns: readonly (Held | null)[]): string | undefined {
  const [only] = columns;
  if (columns.length !== 1) return `${columns.length} columns`;
  const isDeep = only?.kind === "nested" || (only?.kind === "array" && only.shape?.length !== 1);
  return isDeep ? inEachCell(only) : undefined;
}

/** An array fits where it differs by axes of size 1 only, or is flat: a row of all elements, as a list of columns is. */
function arraysFit(has: readonly number[], wants: readonly number[]): boolean {
  const real = (shape: readonly number[]): string => shape.filter((size) => size !== 1).join(" ");
  return real(has) === real(wants) || (has.length === 1 && has[0] === elementsOf(wants));
}

function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
