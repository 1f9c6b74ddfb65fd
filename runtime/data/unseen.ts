import { difference } from "../../compiler/words/look-alikes.ts";
import { data } from "../../compiler/diagnostics/data.ts";
import { report } from "../../compiler/diagnostics/diagnostic.ts";
import { slips } from "../../compiler/diagnostics/slips.ts";
import type { Cell, Input, Task } from "../../compiler/ir/model.ts";
import { areStrangeTexts, note, tally, unseenIn, type Tally } from "../../compiler/words/noticed.ts";
import { isEmptyCell, type CellColumn } from "./cells.ts";
import type { Finding, Findings } from "./findings.ts";
import type { Part, Rows } from "./parts.ts";
import { valuesOfTheirOwn } from "./slips-of-values.ts";
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
  const { count } = unseenIn({ of: 0, words });
  if (count === 0) return;
  findings.add(`unseen labels of ${task.name}`, { part: part.label, count, of: count, words }, (found) => {
    if (findings.has(valuesOfTheirOwn("labels", task.name))) return null;
    const { first: label, different } = unseenIn(found);
    const place = { span: task.span, help: spellingHelp(found, labels) };
    const holes = { ...found, task: task.name, label, labels: different };
    return report(data.labelOnlyOutsideTraining, holes, place);
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
  const noted = tally();
  for (let i = 0; i < rows.length; i++)
    if (!isEmptyCell(cells, rows[i])) note(noted, cellText(cells, rows[i]) ?? "", encoded[i] !== 0);
  const { count, of } = unseenIn(noted);
  if (count === 0 || (part.cut && count < NATURAL * of)) return;
  const written = input.kind.word === "category" && input.kind.values !== undefined;
  findings.add(`unseen categories of ${input.name}`, { part: part.label, count, of, words: noted.words }, (found) =>
    findings.has(valuesOfTheirOwn("categories", input.name))
      ? null
      : report(
          slips.unseenCategories,
          { ...found, ...unseenIn(found), name: input.name, written },
          { span: input.span, help: spellingHelp(found, categories) },
        ),
  );
}

export function noteUnseenWords(input: Input, part: Part, { of, words }: Tally, findings: Findings): void {
  const { count } = unseenIn({ of, words });
  findings.add(`unseen words of ${input.name}`, { part: part.label, count, of, words }, (found) => {
    const unseen = unseenIn(found);
    const holes = { parts: found.parts, name: input.name, ...unseen };
    return areStrangeTexts(unseen) ? report(slips.unseenWords, holes, { span: input.span }) : null;
  });
}

/** The first of the words that is a known one, spelt otherwise. */
function spellingHelp({ words }: Finding, known: readonly Cell[]): string | undefined {
  for (const word of words.keys()) {
    const meant = meantBy(word, known);
    if (meant !== undefined) return difference(word, meant);
  }
  return undefined;
}
