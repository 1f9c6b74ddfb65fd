import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { version } from "../version.ts";
import { renderFrame } from "./frames.ts";
import { githubLine } from "./github.ts";
import { diagnosticsAsData } from "./json.ts";
import { linesReader, type Texts } from "./positions.ts";
import { sarifLog } from "./sarif.ts";
import { screenOf, type Stream } from "./screen.ts";
import { err } from "./output.ts";
import { jsonText } from "./shown.ts";

export type DiagnosticFormat = "pretty" | "json" | "sarif" | "github";

/** Diagnostics as text of a format. Pretty text is laid out for the stream that it goes to. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  format: DiagnosticFormat,
  texts?: Texts,
  stream: Stream = process.stderr,
): string {
  const linesIn = linesReader(texts);
  switch (format) {
    case "pretty": {
      const screen = screenOf(stream);
      return diagnostics.map((diagnostic) => renderFrame(diagnostic, linesIn, screen)).join("\n");
    }
    case "json":
      return `${jsonText({ schema: 1, diagnostics: diagnosticsAsData(diagnostics, linesIn) }, 2)}\n`;
    case "sarif":
      return `${jsonText(sarifLog(diagnosticsAsData(diagnostics, linesIn), version), 2)}\n`;
    case "github":
      return diagnosticsAsData(diagnostics, linesIn).map(githubLine).join("");
    default:
      return format satisfies never;
  }
}

/** Warnings that nothing stops at, on standard error. */
export function tellNotes(notes: readonly Diagnostic[]): void {
  if (notes.length > 0) err.put(`${renderDiagnostics(notes, "pretty")}\n`);
}

/** `2 errors, 1 warning`; empty where there is nothing. */
export function countLine(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic["severity"]): number =>
    diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
  const part = (n: number, noun: string): string[] => (n === 0 ? [] : [`${n} ${noun}${n === 1 ? "" : "s"}`]);
  return [...part(count("error"), "error"), ...part(count("warning"), "warning")].join(", ");
}
