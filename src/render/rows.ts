import type { Answer } from "../../runtime/train/answers.ts";

export type RowFormat = "csv" | "json" | "jsonl";

/** Answers of rows as text. In CSV a class has a column for its label and one for each probability: `species`, `species.Adelie`. */
export function renderRows(rows: readonly Readonly<Record<string, Answer>>[], format: RowFormat): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(rows, null, 1)}\n`;
    case "jsonl":
      return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    case "csv":
      return asCsv(rows);
    default:
      return format satisfies never;
  }
}

function asCsv(rows: readonly Readonly<Record<string, Answer>>[]): string {
  const flat = rows.map((row) => new Map(Object.entries(row).flatMap(([task, answer]) => columns(task, answer))));
  const names = [...(flat[0]?.keys() ?? [])];
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
