import { difference } from "../../compiler/words/look-alikes.ts";
import { data } from "../../compiler/diagnostics/data.ts";
import { report } from "../../compiler/diagnostics/diagnostic.ts";
import { slips } from "../../compiler/diagnostics/slips.ts";
import type { Cell, Input, Task } from "../../compiler/ir/model.ts";
import { isEmptyCell, type CellColumn } from "./cells.ts";
import type { Finding, Findings } from "./findings.ts";
import type { Part, Rows } from "./parts.ts";
import { meantBy } from "./spelling.ts";
import { cellText } from "./table.ts";

/** Labels, categories and words that training has not seen, counted. */

/** Of rows that were cut at random, a smaller share of rare categories is nothing to tell of. */
const NATURAL = 0.1;

export function noteUnseenLabels(
  task: Task,
  labels: readonly Cell[],
  words: ReadonlyMap<string, number>,
  part: Part,
  findings: Findings,
): void {
  const count = sum(words);
  if (count === 0) return;
  findings.add(`unseen labels of ${task.name}`, { part: part.label, count, of: count, words }, (found) => {
    const holes = { ...found, ...firstOf(found), task: task.name };
    const place = { span: task.span, help: spellingHelp(found, labels) };
    return report(data.labelOnlyOutsideTraining, { ...holes, label: holes.first, labels: holes.different }, place);
  });
}

/** `encoded` has a 0 for every cell that is empty or none of the categories. */
export function noteUnseenCategories(
  input: Input,
  categories: readonly Cell[],
  { cells, rows, encoded }: { cells: CellColumn; rows: Rows["rows"]; encoded: Int32Array },
  part: Part,
  findings: Findings,
): void {
  const words = new Map<string, number>();
  let of = 0;
  for (let i = 0; i < rows.length; i++) {
    if (isEmptyCell(cells, rows[i])) continue;
    of++;
    if (encoded[i] !== 0) continue;
    const word = cellText(cells, rows[i]) ?? "";
    words.set(word, (words.get(word) ?? 0) + 1);
  }
  const count = sum(words);
  if (count === 0 || (part.cut && count < NATURAL * of)) return;
  const written = input.kind.word === "category" && input.kind.values !== undefined;
  findings.add(`unseen categories of ${input.name}`, { part: part.label, count, of, words }, (found) =>
    report(
      slips.unseenCategories,
      { ...found, ...firstOf(found), name: input.name, written },
      { span: input.span, help: spellingHelp(found, categories) },
    ),
  );
}

/** `of` tokens were read. Some are new in every text; said is where half of them are. */
export function noteUnseenWords(
  input: Input,
  part: Part,
  of: number,
  words: ReadonlyMap<string, number>,
  findings: Findings,
): void {
  findings.add(`unseen words of ${input.name}`, { part: part.label, count: sum(words), of, words }, (found) =>
    found.count === 0 || 2 * found.count < found.of
      ? null
      : report(slips.unseenWords, { ...found, ...firstOf(found), name: input.name }, { span: input.span }),
  );
}

function sum(words: ReadonlyMap<string, number>): number {
  return [...words.values()].reduce((total, times) => total + times, 0);
}

function firstOf({ words }: Finding): { readonly first: string; readonly different: number } {
  const [first] = words.keys();
  return { first, different: words.size };
}

/** The first of the words that is a known one, spelt otherwise. */
function spellingHelp({ words }: Finding, known: readonly Cell[]): string | undefined {
  for (const word of words.keys()) {
    const meant = meantBy(word, known);
    if (meant !== undefined) return difference(word, meant);
  }
  return undefined;
}
