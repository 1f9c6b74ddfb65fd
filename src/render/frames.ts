import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Span } from "../../grammar/tree.ts";
import type { Paint } from "./colour.ts";
import type { Lines } from "./positions.ts";

/** A diagnostic as people read it: headline, code frame with every party marked, help. */
export function renderFrame(diagnostic: Diagnostic, linesIn: (file: string) => Lines | null, paint: Paint): string {
  const colour = severityColour(diagnostic, paint);
  const out = [paint.bold(`${colour(`${diagnostic.severity}[${diagnostic.code}]`)} ${diagnostic.message}`)];
  const marks = marksOf(diagnostic);
  const files = [...new Set(marks.map((mark) => mark.span.file))];
  const gutter = gutterWidth(marks, linesIn);
  const bar = paint.blue("|");
  const pad = " ".repeat(gutter);
  files.forEach((file, index) => {
    const lines = linesIn(file);
    const first = marks.find((mark) => mark.span.file === file)!;
    const at = lines?.position(first.span.start);
    out.push(`${pad}${paint.blue(index === 0 ? "-->" : ":::")} ${file}${at ? `:${at.line}:${at.column}` : ""}`);
    if (!lines) return;
    out.push(`${pad} ${bar}`);
    const here = marks.filter((mark) => mark.span.file === file);
    const numbers = [...new Set(here.map((mark) => lines.position(mark.span.start).line))].sort((a, b) => a - b);
    for (const number of numbers) {
      const text = lines.line(number);
      out.push(`${paint.blue(String(number).padStart(gutter))} ${bar} ${text}`.trimEnd());
      const onLine = here
        .filter((mark) => lines.position(mark.span.start).line === number)
        .sort((a, b) => a.span.start - b.span.start);
      for (const mark of onLine) {
        const { column } = lines.position(mark.span.start);
        const end = lines.position(mark.span.end);
        const length = Math.max(1, (end.line === number ? end.column : text.length + 1) - column);
        // Tabs are kept, so that carets stand under what they mark.
        const indent = text.slice(0, column - 1).replace(/[^\t]/g, " ");
        const sign = (mark.primary ? "^" : "-").repeat(length);
        const note = mark.message ? ` ${mark.message}` : "";
        out.push(`${pad} ${bar} ${indent}${(mark.primary ? colour : paint.blue)(`${sign}${note}`)}`);
      }
    }
  });
  if (marks.length > 0 && files.some((file) => linesIn(file))) out.push(`${pad} ${bar}`);
  if (diagnostic.help) out.push(`${pad} ${paint.blue("=")} ${paint.bold("help:")} ${diagnostic.help}`);
  out.push(`${pad} ${paint.blue("=")} mtlc explain ${diagnostic.code}`);
  return `${out.join("\n")}\n`;
}

interface Mark {
  readonly span: Span;
  readonly message: string;
  readonly primary: boolean;
}

function marksOf({ span, note, labels }: Diagnostic): Mark[] {
  const primary = span ? [{ span, message: note ?? "", primary: true }] : [];
  return [...primary, ...labels.map((label) => ({ ...label, primary: false }))];
}

function gutterWidth(marks: readonly Mark[], linesIn: (file: string) => Lines | null): number {
  const last = Math.max(1, ...marks.map(({ span }) => linesIn(span.file)?.position(span.start).line ?? 1));
  return Math.max(2, String(last).length);
}

export function severityColour(diagnostic: Diagnostic, paint: Paint): (text: string) => string {
  switch (diagnostic.severity) {
    case "error":
      return paint.red;
    case "warning":
      return paint.yellow;
    case "info":
      return paint.blue;
    default:
      return diagnostic.severity satisfies never;
  }
}
