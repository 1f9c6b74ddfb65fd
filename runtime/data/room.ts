import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { room } from "../../compiler/diagnostics/room.ts";
import type { Span } from "../../grammar/tree.ts";

/** Numbers that one array is made for: 8 GB. */
const MOST_NUMBERS = 2 ** 31 - 1;

/** Throws a DiagnosticError where an array of so many numbers for each row is more than is made; `what` is in a user's words. */
export function checkRoom(what: string, rows: number, each: number, span: Span | undefined): void {
  if (rows * each <= MOST_NUMBERS) return;
  const help = each > 1 ? "fewer rows, or fewer numbers for each, take less" : "fewer rows take less";
  throw new DiagnosticError([report(room.tooManyNumbers, { what, rows, each, limit: MOST_NUMBERS }, { span, help })]);
}
