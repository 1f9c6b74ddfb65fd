import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { version } from "../version.ts";
import { githubMessage } from "./github.ts";
import { diagnosticsAsData } from "./json.ts";
import { linesReader } from "./positions.ts";
import { sarifLog } from "./sarif.ts";
import { jsonText } from "./shown.ts";

/** What ended a command before it had results. */
export interface Failure {
  /** The exit code. */
  readonly exit: number;
  readonly message: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** A failure in a format for programs; nothing in one for people, who read it on standard error. */
export function failureAs(format: string | undefined, { exit, message, diagnostics }: Failure): string {
  const data = diagnosticsAsData(diagnostics, linesReader());
  switch (format) {
    case "json":
      return `${jsonText({ schema: 1, error: { exit, message }, diagnostics: data })}\n`;
    case "sarif":
      return `${jsonText(sarifLog(data, version, { exit, message }), 2)}\n`;
    case "github":
      return githubMessage(message);
    default:
      return "";
  }
}
