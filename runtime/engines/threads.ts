import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { threadsNotCount } from "../../compiler/diagnostics/engines.ts";

/** More than any machine has use for; each of them takes memory, in every session. */
export const MOST_THREADS = 512;

/** Throws a DiagnosticError where a number of threads that a program asks for is none. */
export function checkThreads(threads: number | undefined): void {
  if (threads !== undefined && !isCount(threads)) throw notCount("`threads`", String(threads));
}

/** What MTLC_THREADS says; undefined where it is not set. Throws a DiagnosticError where it is no number of threads. */
export function threadsFromEnvironment(): number | undefined {
  const text = process.env["MTLC_THREADS"];
  if (text === undefined || text === "") return undefined;
  const threads = Number(text);
  if (!isCount(threads)) throw notCount("MTLC_THREADS", `"${text}"`);
  return threads;
}

function isCount(threads: number): boolean {
  return Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS;
}

function notCount(name: string, text: string): DiagnosticError {
  return new DiagnosticError([report(threadsNotCount, { name, text, most: MOST_THREADS })]);
}
