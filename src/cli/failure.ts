import { DiagnosticError, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { FileNotFound } from "../project/sources.ts";
import { renderDiagnostics } from "../render/diagnostics.ts";
import { failureAs } from "../render/failure.ts";
import { askedFormat } from "../render/asked-format.ts";
import { exitCodes, UsageError } from "./command.ts";
import { err, out } from "../render/output.ts";

/** Says what ended a command: to people on standard error, to programs in the format they asked for. Returns the exit code. */
export function tellFailure(error: unknown, argv: readonly string[]): number {
  const { exit, message, diagnostics, more } = failureOf(error, argv.includes("--debug"));
  if (diagnostics.length > 0) err.put(renderDiagnostics(diagnostics, "pretty"));
  else err.say(`mtlc: ${message}\n${more}`, "mtlc: ".length);
  out.put(failureAs(askedFormat(argv), { exit, message, diagnostics }));
  return exit;
}

interface Told {
  readonly exit: number;
  readonly message: string;
  readonly diagnostics: readonly Diagnostic[];
  /** Lines that people read besides. */
  readonly more: string;
}

function failureOf(error: unknown, debug: boolean): Told {
  if (error instanceof UsageError || error instanceof FileNotFound) {
    const { message } = error;
    return { exit: exitCodes.usage, message, diagnostics: [], more: "" };
  }
  if (error instanceof DiagnosticError) {
    const { diagnostics } = error;
    const [first] = diagnostics.filter(({ severity }) => severity === "error");
    const message = (first ?? diagnostics[0]).message;
    return { exit: exitCodes.mistakes, message, diagnostics, more: "" };
  }
  const { message: reason, stack } = error instanceof Error ? error : new Error(String(error));
  const message = `this is a fault of mtlc itself, please report it: ${reason}`;
  const more = debug ? `${stack}\n` : "(--debug shows where it happened)\n";
  return { exit: exitCodes.fault, message, diagnostics: [], more };
}
