/** Whether columns hold what is asked of them: one rule for heads, which `check` looks at, and for whole tables. */

/** What the cells of a column hold. */
export interface Held {
  /** `empty`: nothing yet, in the rows that were looked at. */
  readonly kind: "number" | "text" | "array" | "list" | "empty";
  /** Of one cell, where cells are arrays. */
  readonly shape?: readonly number[];
  /** Elements of the longest cell, where cells are lists. */
  readonly longest?: number;
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
    case "empty":
      return "nothing";
  }
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
  if (columns.some((column) => column?.kind === "list")) return "a list in each cell";
  // What is to come may be of any shape.
  if (columns.some((column) => column?.kind === "empty")) return undefined;
  if (columns.length === 1 && only?.kind === "array")
    return arraysFit(only.shape ?? [], shape) ? undefined : `${heldInWords(only)} in each cell`;
  if (columns.length === 1 && only === null) return undefined;
  const numbers = columns.reduce((sum, column) => sum + elementsOf(column?.shape ?? []), 0);
  return numbers === elementsOf(shape) ? undefined : columnsInWords(columns.length, numbers);
}

/** The same for answers along the tokens of an input: one list a row, or what holds the whole tensor. */
export function alongMisfit(columns: readonly (Held | null)[], shape: readonly number[]): string | undefined {
  const [only] = columns;
  const isList = columns.length === 1 && shape.length === 1 && only !== null;
  if (isList && (only.kind === "list" || (only.kind === "array" && only.shape?.length === 1))) return undefined;
  return tensorMisfit(columns, shape);
}

/** The same for one word or number a row; an array or a list of one is one. */
export function cellMisfit(column: Held): string | undefined {
  const isOne =
    (column.kind === "array" && elementsOf(column.shape ?? []) === 1) ||
    (column.kind === "list" && column.longest !== undefined && column.longest <= 1);
  return isOne || (column.kind !== "array" && column.kind !== "list") ? undefined : heldInWords(column);
}

/** The same for texts, or lists of tokens. */
export function tokensMisfit(columns: readonly (Held | null)[]): string | undefined {
  const [only] = columns;
  if (columns.length !== 1) return `${columns.length} columns`;
  return only?.kind === "array" && only.shape?.length !== 1 ? `${heldInWords(only)} in each cell` : undefined;
}

/** An array fits where it differs by axes of size 1 only, or is flat: a row of all elements, as a list of columns is. */
function arraysFit(has: readonly number[], wants: readonly number[]): boolean {
  const real = (shape: readonly number[]): string => shape.filter((size) => size !== 1).join(" ");
  return real(has) === real(wants) || (has.length === 1 && has[0] === elementsOf(wants));
}

function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
