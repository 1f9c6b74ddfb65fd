import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Span } from "../../grammar/tree.ts";
import { wrap } from "../../compiler/prose/wrap.ts";
import type { Paint } from "./colour.ts";
import { excerpt, type LineMark } from "./excerpt.ts";
import type { Lines } from "./positions.ts";
import type { Screen } from "./screen.ts";
import { shown } from "./shown.ts";

/** A diagnostic as people read it: headline, code frame with every party marked, help. On a terminal all of it is wrapped. */
export function renderFrame(
  diagnostic: Diagnostic,
  linesIn: (file: string) => Lines | null,
  { columns, paint }: Screen,
): string {
  const colour = severityColour(diagnostic, paint);
  const marks = marksOf(diagnostic);
  const gutter = gutterWidth(marks, linesIn);
  const bar = paint.blue("|");
  const pad = " ".repeat(gutter);
  const out = headline(diagnostic, columns, { colour, bold: paint.bold });
  const files = [...new Set(marks.map((mark) => mark.span.file))];
  files.forEach((file, index) => {
    const lines = linesIn(file);
    const here = marks.filter((mark) => mark.span.file === file);
    const at = lines?.position(here[0].span.start);
    const arrow = index === 0 ? "-->" : ":::";
    const place = `${pad}${arrow} ${shown(file)}${at ? `:${at.line}:${at.column}` : ""}`;
    out.push(wrap(place, columns, arrow.length + 1).replace(arrow, paint.blue(arrow)));
    if (!lines) return;
    out.push(`${pad} ${bar}`);
    const numbers = [...new Set(here.map((mark) => lines.position(mark.span.start).line))].sort((a, b) => a - b);
    for (const number of numbers) {
      const onLine = here
        .filter((mark) => lines.position(mark.span.start).line === number)
        .sort((a, b) => a.span.start - b.span.start)
        .map((mark) => lineMark(mark, lines, mark.primary ? colour : paint.blue));
      const lead = paint.blue(String(number).padStart(gutter));
      out.push(
        ...excerpt(
          lines.line(number),
          onLine,
          { lead: `${lead} ${bar}`, under: `${pad} ${bar}`, width: gutter + 2 },
          columns,
        ),
      );
    }
  });
  if (marks.length > 0 && files.some((file) => linesIn(file))) out.push(`${pad} ${bar}`);
  if (diagnostic.help) out.push(...helpLines(diagnostic.help, pad, columns, paint));
  out.push(`${pad} ${paint.blue("=")} mtlc explain ${diagnostic.code}`);
  return `${out.join("\n")}\n`;
}

function headline(
  { severity, code, message }: Diagnostic,
  columns: number | null,
  { colour, bold }: { colour(text: string): string; bold(text: string): string },
): string[] {
  const label = `${severity}[${code}]`;
  const [first, ...rest] = wrap(`${label} ${shown(message)}`, columns, 2).split("\n");
  return [bold(`${colour(label)}${first.slice(label.length)}`), ...rest.map((line) => bold(line))];
}

function helpLines(help: string, pad: string, columns: number | null, { blue, bold }: Paint): string[] {
  const lead = `${pad} = help:`;
  const [first, ...rest] = wrap(`${lead} ${shown(help)}`, columns, "= help: ".length).split("\n");
  return [`${pad} ${blue("=")} ${bold("help:")}${first.slice(lead.length)}`, ...rest];
}

function lineMark({ span, message, primary }: Mark, lines: Lines, paint: (text: string) => string): LineMark {
  const start = lines.position(span.start);
  const end = lines.position(span.end);
  // What goes on in later lines is marked to the end of its first.
  const to = end.line === start.line ? end.column : lines.line(start.line).length + 1;
  return { from: start.column - 1, to: to - 1, sign: primary ? "^" : "-", note: message, paint };
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

function severityColour(diagnostic: Diagnostic, paint: Paint): (text: string) => string {
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
