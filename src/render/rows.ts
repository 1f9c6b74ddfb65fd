import { answerColumns, type AnswerColumn, type AnswerNames, type Answers } from "./answer-columns.ts";
import { jsonText } from "./shown.ts";

export type RowFormat = "csv" | "json" | "jsonl";

/**
 * Answers of rows as text. In CSV a class has a column for its label and one for each probability: `species`,
 * `species.Adelie`; numbers of a vector go by their `names`, else by their places from 0. `blank`, which is as long as answers can
 * be, tells the columns.
 */
export function renderRows(
  rows: readonly Answers[],
  format: RowFormat,
  blank: Answers,
  names: AnswerNames = new Map(),
): string {
  switch (format) {
    case "json":
      return `${jsonText(rows, 1)}\n`;
    case "jsonl":
      return rows.map((row) => `${jsonText(row)}\n`).join("");
    case "csv":
      return asCsv(rows, answerColumns(blank, names));
    default:
      return format satisfies never;
  }
}

function asCsv(rows: readonly Answers[], columns: readonly AnswerColumn[]): string {
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => columns.map(({ at }) => String(at(row) ?? "")))];
  return lines.map((cells) => `${cells.map(quoted).join(",")}\n`).join("");
}

function quoted(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
