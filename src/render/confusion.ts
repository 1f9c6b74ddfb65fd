import { cutTo, widthOf } from "../../compiler/prose/width.ts";
import { wrap } from "../../compiler/prose/wrap.ts";
import { grouped } from "../../compiler/prose/numbers.ts";
import { columnsOf } from "./screen.ts";
import { shown } from "./shown.ts";
import { table } from "./table.ts";

/** How often each class was answered by each, for people: rows are the right classes, columns the predicted ones. */

/** A table of more classes is a list of the commonest mistakes; all of it is in JSON. */
const MOST_CLASSES = 32;
const MOST_MISTAKES = 20;
/** A label takes no more room than this. */
const LONGEST_LABEL = 24;
const GAP = 3;

/** `of`: what was measured, and where; `labels` are the classes by code. */
export function confusionText(
  of: string,
  counts: readonly (readonly number[])[],
  labels: readonly string[],
  columns: number | null = columnsOf(process.stdout),
): string {
  const names = counts.map((_, code) => cutTo(shown(labels[code] ?? String(code)), LONGEST_LABEL));
  if (counts.length > MOST_CLASSES) return mistakesText(of, counts, names, columns);
  const title = `${of} (rows: answer, columns: prediction)`;
  return stretches(counts, names, columns)
    .map(({ from, to, which }) => {
      const head = ["", ...names.slice(from, to)];
      const rows = counts.map((row, code) => [names[code], ...row.slice(from, to).map(String)]);
      return `${wrap(`${title}${which}`, columns, 2)}\n${table([head, ...rows], columns)}`;
    })
    .join("\n");
}

/** The predicted classes that have room beside each other. */
function stretches(
  counts: readonly (readonly number[])[],
  names: readonly string[],
  columns: number | null,
): readonly { readonly from: number; readonly to: number; readonly which: string }[] {
  const room = columns === null ? Infinity : columns - Math.max(...names.map(widthOf));
  const widths = names.map((name, code) => Math.max(widthOf(name), ...counts.map((row) => String(row[code]).length)));
  const found: { from: number; to: number }[] = [];
  let from = 0;
  for (let to = 1, used = 0; to <= names.length; to++) {
    used += GAP + widths[to - 1];
    if (used > room && to - 1 > from) {
      found.push({ from, to: to - 1 });
      from = to - 1;
      used = GAP + widths[to - 1];
    }
  }
  found.push({ from, to: names.length });
  const which = (first: number, last: number): string =>
    first === last ? `column ${first}` : `columns ${first} to ${last}`;
  return found.map((one) => ({ ...one, which: found.length > 1 ? `, ${which(one.from + 1, one.to)}` : "" }));
}

function mistakesText(
  of: string,
  counts: readonly (readonly number[])[],
  names: readonly string[],
  columns: number | null,
): string {
  const mistakes = counts
    .flatMap((row, answer) => row.map((times, predicted) => ({ answer, predicted, times })))
    .filter(({ answer, predicted, times }) => times > 0 && answer !== predicted)
    .sort((a, b) => b.times - a.times);
  const total = mistakes.reduce((sum, { times }) => sum + times, 0);
  const some = mistakes.length > MOST_MISTAKES ? "the commonest of them; " : "";
  const title = `${of}: ${grouped(total)} ${total === 1 ? "mistake" : "mistakes"} among ${grouped(counts.length)} classes (${some}all of the table: --format json)`;
  const rows = mistakes
    .slice(0, MOST_MISTAKES)
    .map(({ answer, predicted, times }) => [names[answer], names[predicted], String(times)]);
  const list = rows.length === 0 ? "" : table([["answer", "prediction", "rows"], ...rows], columns);
  return `${wrap(title, columns, 2)}\n${list}`;
}
