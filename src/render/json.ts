import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Span } from "../../grammar/tree.ts";
import type { Lines } from "./positions.ts";

/** A diagnostic as other programs read it: lines and columns from 1; null where it has no place in a file. */
export interface DiagnosticData {
  readonly code: string;
  readonly name: string;
  readonly severity: string;
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly endLine: number | null;
  readonly endColumn: number | null;
  readonly labels: readonly { message: string; file: string; line: number | null; column: number | null }[];
  readonly help: string | null;
  readonly fixes: readonly { title: string; edits: readonly EditData[] }[];
}
export interface EditData {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly endLine: number | null;
  readonly endColumn: number | null;
  readonly text: string;
}

export function diagnosticsAsData(
  diagnostics: readonly Diagnostic[],
  linesIn: (file: string) => Lines | null,
): DiagnosticData[] {
  const place = (span: Span): Pick<EditData, "line" | "column" | "endLine" | "endColumn"> => {
    const lines = linesIn(span.file);
    if (!lines) return { line: null, column: null, endLine: null, endColumn: null };
    const start = lines.position(span.start);
    const end = lines.position(span.end);
    return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
  };
  const nowhere = { line: null, column: null, endLine: null, endColumn: null };
  return diagnostics.map(({ code, name, severity, message, span, labels, help, fixes, note }) => ({
    code,
    name,
    severity,
    message: note ? `${message}: ${note}` : message,
    file: span?.file ?? null,
    ...(span ? place(span) : nowhere),
    labels: labels.map((label) => {
      const { line, column } = place(label.span);
      return { message: label.message, file: label.span.file, line, column };
    }),
    help: help ?? null,
    fixes: fixes.map(({ title, edits }) => ({
      title,
      edits: edits.map((edit) => ({ file: edit.span.file, ...place(edit.span), text: edit.text })),
    })),
  }));
}
