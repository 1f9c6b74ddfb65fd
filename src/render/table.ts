import { padTo, widthOf } from "../../compiler/prose/width.ts";
import { wrap } from "../../compiler/prose/wrap.ts";
import { columnsOf } from "./screen.ts";
import { shown } from "./shown.ts";

const GAP = "   ";
const NARROW_GAP = "  ";
/** A word that is longer may be broken where a table has no room. */
const LONGEST_WORD = 20;

/**
 * Columns padded to their widest cell, three blanks between; no blank at a line's end. On a terminal that is too narrow cells are
 * wrapped at words, and where that is not enough each row becomes a list under the names of the first row.
 */
export function table(
  given: readonly (readonly string[])[],
  columns: number | null = columnsOf(process.stdout),
): string {
  const rows = given.map((row) => row.map((cell) => shown(cell)));
  const widths = widthsOf(rows, widthOf);
  if (columns === null || totalOf(widths, GAP) <= columns) return linesOf(rows, widths, GAP);
  const least = widthsOf(rows, (cell) => Math.min(LONGEST_WORD, Math.max(...cell.split(" ").map(widthOf))));
  if (totalOf(least, NARROW_GAP) > columns) return listed(rows, columns);
  while (totalOf(widths, NARROW_GAP) > columns) widths[widest(widths, least)] -= 1;
  return linesOf(rows, widths, NARROW_GAP);
}

/** Of each column the widest cell. */
function widthsOf(rows: readonly (readonly string[])[], width: (cell: string) => number): number[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, k) => (widths[k] = Math.max(widths[k] ?? 0, width(cell))));
  return widths;
}

function totalOf(widths: readonly number[], gap: string): number {
  return widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1);
}

/** The widest column that may be narrower. */
function widest(widths: readonly number[], least: readonly number[]): number {
  let found = -1;
  for (const [k, width] of widths.entries()) if (width > least[k] && (found < 0 || width > widths[found])) found = k;
  return found;
}

function linesOf(rows: readonly (readonly string[])[], widths: readonly number[], gap: string): string {
  return rows
    .flatMap((row) => {
      const cells = row.map((cell, k) => wrap(cell, widths[k]).split("\n"));
      return Array.from({ length: Math.max(...cells.map(({ length }) => length)) }, (_, line) =>
        cells
          .map((lines, k) => padTo(lines[line] ?? "", widths[k]))
          .join(gap)
          .trimEnd(),
      );
    })
    .map((line) => `${line}\n`)
    .join("");
}

/** Each row as a list: its first cell, and the others below it with their names. */
function listed([head = [], ...rows]: readonly (readonly string[])[], columns: number): string {
  const width = Math.max(...head.slice(1).map(widthOf), 0);
  return rows
    .flatMap(([first, ...cells]) => [
      ...(first === "" ? [] : [`${head[0]} ${first}`]),
      ...cells.flatMap((cell, k) => (cell === "" ? [] : [`  ${padTo(head[k + 1] ?? "", width)}  ${cell}`])),
    ])
    .map((line) => `${wrap(line, columns, width + 2)}\n`)
    .join("");
}
