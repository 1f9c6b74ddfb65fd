/**
 * What a cell says, whatever it was written in: one rule for files of every format, rows of programs, what a model's text says of
 * cells, and generated code ("Cells and values" of the language's page). Nothing is imported here: loaders of exported graphs take
 * the text of these functions in.
 */

/** A number in a text: decimal, with a point and an exponent where wanted. */
const numeral = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** The same without what a number would not give back: a plus, zeros in front. */
const plainNumeral = /^-?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const digitsOnly = /^-?\d+$/;
const zerosAtEnd = /^-?\d*\.(\d*0)$/;
/** Digits behind the point that a number can be asked for. */
const MOST_PLACES = 100;

/** The number that a cell's text is by itself; null where its text is kept: words, `007`, keys of twenty digits. */
export function plainNumberIn(text: string): number | null {
  if (!plainNumeral.test(text)) return null;
  const number = Number(text);
  const isExact = Number.isFinite(number) && (Number.isSafeInteger(number) || !digitsOnly.test(text));
  return isExact ? number : null;
}

/** The number that a numeral spells, plain or not. */
export function numeralIn(text: string): number | null {
  const number = numeral.test(text) ? Number(text) : NaN;
  return Number.isFinite(number) ? number : null;
}

/** The number that a cell's text reads as where numbers are wanted: any numeral, and 1 and 0 for true and false. */
export function numberOfCell(text: string): number | null {
  const truth = truthIn(text);
  return truth === null ? numeralIn(text) : truth ? 1 : 0;
}

/** True and false in any case of letters. */
export function truthIn(text: string): boolean | null {
  const lower = text.length > 5 ? "" : text.toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : null;
}

/** What two cells have in common that are one value where values are told apart: 4, 4.0 and 4e0; True, true and 1. */
export function cellKey(text: string): number | string {
  const truth = truthIn(text);
  return truth === null ? (plainNumberIn(text) ?? text) : truth ? 1 : 0;
}

/** What a value that is written or learnt is found by: numbers and truths by what they are, other texts to the letter. */
export function valueKey(value: string | number | boolean): number | string {
  if (typeof value === "number") return value;
  const text = textOfCell(value);
  const truth = truthIn(text);
  return truth === null ? text : truth ? 1 : 0;
}

/** What is kept of the value that a cell equals; values are kept by their keys. */
export function findCell<Kept>(kept: ReadonlyMap<number | string, Kept>, text: string): Kept | undefined {
  return kept.get(text) ?? kept.get(cellKey(text));
}

/** A number as a cell's text. Whole numbers that are not exact are no digits: they would look like a key. */
export function numberText(number: number): string {
  return isInexact(number) ? number.toExponential() : String(number);
}

/** Whether a number is a whole one beyond 2^53, which stands for its neighbours as well. */
export function isInexact(number: number): boolean {
  return Number.isInteger(number) && !Number.isSafeInteger(number);
}

/** The same of a cell's text; long digits are a text, and exact. */
export function isInexactText(text: string): boolean {
  const number = plainNumberIn(text);
  return number !== null && isInexact(number);
}

/** The text of a cell, without blanks around it and with its number spelt as short as can be, zeros at its end kept; "" where it is empty. */
export function textOfCell(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "number") return Number.isNaN(cell) ? "" : numberText(cell);
  const text = String(cell).trim();
  if (text.toLowerCase() === "nan") return "";
  const number = plainNumberIn(text);
  if (number === null) return text;
  const places = zerosAtEnd.exec(text)?.[1]?.length ?? 0;
  return places > 0 && places <= MOST_PLACES ? number.toFixed(places) : numberText(number);
}

/**
 * What is read as an empty cell besides no text, null and NaN: keys of values. Truths are their words here, so that 0 empties no
 * false.
 */
export type EmptyMarks = ReadonlySet<number | string>;

export function emptyMarks(cells: readonly (string | number | boolean)[]): EmptyMarks {
  return new Set(cells.map((cell) => (typeof cell === "number" ? cell : truthless(textOfCell(cell)))));
}

/** Whether a cell's text is one of the marks of an empty cell. */
export function isEmptyText(text: string, marks: EmptyMarks): boolean {
  if (marks.size === 0) return false;
  return marks.has(truthless(text)) || marks.has(plainNumberIn(text) ?? text);
}

function truthless(text: string): string {
  return truthIn(text) === null ? text : text.toLowerCase();
}

/** The words of a cell that is a list: of numbers and truths alone their numbers, "" for an empty element. */
export function listWords(list: readonly unknown[]): string[] {
  const hasText = list.some((element) => typeof element === "string");
  return list.map((element) => {
    if (element === null || element === undefined || Number.isNaN(element)) return "";
    if (typeof element === "boolean" && !hasText) return element ? "1" : "0";
    return typeof element === "number" ? numberText(element) : String(element).trim();
  });
}
