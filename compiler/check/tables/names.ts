import { lookAlike, spelt } from "../../words/look-alikes.ts";
import { suggest } from "../names/suggest.ts";

/** Help where a table has no column of a name. */

/** The column that was meant, if one is near; `taken` are names of others. */
export function meantColumn(
  name: string,
  names: readonly string[],
  taken: ReadonlySet<string> = new Set(),
): string | undefined {
  const free = names.filter((one) => !taken.has(one));
  return names.find((one) => lookAlike(one, name)) ?? suggest(name, free);
}

/** The same in words; where both look alike, what tells them apart is written out. */
export function meantInWords(name: string, meant: string): string {
  return lookAlike(name, meant)
    ? `${spelt(meant)} is there, and only looks like ${spelt(name)}: letters are compared one by one`
    : `did you mean "${meant}"?`;
}

/** What there is instead. */
export function columnsThere(names: readonly string[]): string {
  if (names.length === 0) return "it has no columns";
  const some = names.slice(0, 12).map((name) => `"${name}"`);
  const all = `its columns are ${some.join(", ")}${names.length > some.length ? `, … (${names.length} in all)` : ""}`;
  const row = lacksHeader(names);
  return row === undefined ? all : `${row}; ${all}`;
}

const numeral = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * Where the first line seems to be a row of cells: numbers that do not just count, as the names do that programs make up.
 */
export function lacksHeader(names: readonly string[]): string | undefined {
  const numbers = names.map((name) => (numeral.test(name) ? Number(name) : null));
  const counting = numbers.every((number, k) => number === null || number === k || number === k + 1);
  if (counting || numbers.filter((number) => number !== null).length * 2 < names.length) return undefined;
  return "its first line seems to be a row: put a line with the names of the columns above it";
}
