import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import type { DataFile } from "./files.ts";

/** What is said of a file, or of rows by a name, that cannot be read. */
export function unreadable(file: DataFile, problem: string, help?: string): DiagnosticError {
  return new DiagnosticError([report(data.fileUnreadable, { file: file.name, problem }, { span: file.span, help })]);
}
