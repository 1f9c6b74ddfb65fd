import type { Answer } from "../../runtime/train/answers.ts";
import { jsonText } from "./shown.ts";

export type RowFormat = "csv" | "json" | "jsonl";

type Answers = Readonly<Record<string, Answer>>;

/**
 * Answers of rows as text. In CSV a class has a column for its label and one for each probability: `species`,
 * `species.Adelie`. Where there are no rows, `blank` tells the columns.
 */
export function renderRows(rows: readonly Answers[], format: RowFormat, blank: Answers): string {
  switch (format) {
    case "json":
      return `${jsonText(rows, 1)}\n`;
    case "jsonl":
      return rows.map((row) => `${jsonText(row)}\n`).join("");
    case "csv":
      return asCsv(rows, blank);
    default:
      return format satisfies never;
  }
}

function asCsv(rows: readonly Answers[], blank: Answers): string {
  const flatten = (row: Answers): Map<string, string> =>
    new Map(Object.entries(row).flatMap(([task, answer]) => columns(task, answer)));
  const flat = rows.map(flatten);
  const names = [...(flat[0] ?? flatten(blank)).keys()];
  const lines = [names, ...flat.map((row) => names.map((name) => row.get(name) ?? ""))];
  return lines.map((cells) => `${cells.map(quoted).join(",")}\n`).join("");
}

function columns(name: string, answer: unknown): [string, string][] {
  if (Array.isArray(answer)) return answer.flatMap((part: unknown, k) => columns(`${name}.${k}`, part));
  if (typeof answer !== "object" || answer === null) return [[name, String(answer)]];
  return Object.entries(answer).flatMap(([key, value]) => {
    if (key === "label") return columns(name, value);
    return columns(key === "probabilities" ? name : `${name}.${key}`, value);
  });
}

function quoted(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
