import { report } from "../../compiler/diagnostics/diagnostic.ts";
import { slips } from "../../compiler/diagnostics/slips.ts";
import type { Task } from "../../compiler/ir/model.ts";
import { cellOf, type Answers } from "./answers.ts";
import { emptyLooking, listOf, readsAsThen } from "./empty-words.ts";
import type { Findings } from "./findings.ts";
import type { Part, Rows } from "./parts.ts";
import { counted, meantBy } from "./spelling.ts";

/** A matter of findings: a task has answers that are nearly `positive`. */
export const almostPositive = (task: string): string => `almost positive answers of ${task}`;

/** Under `positive:` every other word means no, also one that says that nothing is known, and a slip in its spelling. */
export function noteStrangeNos(
  task: Task,
  columns: readonly Answers[],
  rows: Rows["rows"],
  part: Part,
  findings: Findings,
): void {
  const { positive, name, span } = task;
  if (positive === undefined) return;
  const { words, of } = nosOf(columns, rows);
  const empty = emptyLooking([...words.keys(), ...positive.filter((value) => typeof value === "string")], "answers");
  const only = (some: Iterable<string>): Map<string, number> =>
    new Map([...some].flatMap((word) => (words.has(word) ? [[word, words.get(word) ?? 0] as const] : [])));
  const say = (matter: string, some: ReadonlyMap<string, number>, tell: Parameters<Findings["add"]>[2]): void => {
    const count = [...some.values()].reduce((sum, times) => sum + times, 0);
    if (count > 0) findings.add(matter, { part: part.label, count, of, words: some }, tell);
  };
  findings.empty.add(only(empty).keys());
  say(`empty answers of ${name}`, only(empty), (found) =>
    report(
      slips.looksEmpty,
      { ...found, cells: `answers for ${name}`, words: counted(found.words), read: "no" },
      { span, help: findings.empty.remedy([...found.words.keys()]) },
    ),
  );
  say(almostPositive(name), only([...words.keys()].filter((word) => meantBy(word, positive))), (found) => {
    const meant = [...new Set([...found.words.keys()].map((word) => meantBy(word, positive)))];
    const holes = { ...found, task: name, words: counted(found.words) };
    const written = `if they mean yes, write \`positive: ${listOf([...positive, ...found.words.keys()])}\``;
    return report(
      slips.almostPositive,
      { ...holes, meant: meant.map((word) => JSON.stringify(word)).join(" and ") },
      { span, help: findings.isTrained ? `if they mean yes, mend the cells: ${readsAsThen}` : written },
    );
  });
}

/** How often each word is read as no, and how many answers there are. */
function nosOf(columns: readonly Answers[], rows: Rows["rows"]): { words: Map<string, number>; of: number } {
  const words = new Map<string, number>();
  let of = 0;
  for (const answers of columns) {
    const { column, along } = answers;
    if (column.kind !== "text") continue;
    const times = new Int32Array(column.words.length);
    for (const row of rows) {
      const width = along ? answers.width : 1;
      for (let k = 0; k < width; k++) {
        const value = answers.at(row, k);
        if (Number.isNaN(value)) continue;
        const code = column.codes[cellOf(answers, row, k)];
        of++;
        if (value === 0) times[code]++;
      }
    }
    column.words.forEach((word, code) => {
      if (times[code] > 0) words.set(word, (words.get(word) ?? 0) + times[code]);
    });
  }
  return { words, of };
}
