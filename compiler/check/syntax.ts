import type { SyntaxProblem } from "../../grammar/tree.ts";
import { report, type Diagnostic, type Place } from "../diagnostics/diagnostic.ts";
import { syntax as rows } from "../diagnostics/syntax.ts";

/** What lexer and parser could not read, as a diagnostic; one that an inserted mark would mend brings that fix. */
export function syntaxDiagnostic(problem: SyntaxProblem): Diagnostic {
  const { kind, found, expected, span, related, insertion } = problem;
  const at: Place = {
    span,
    labels: related ? [{ span: related, message: kind === "unclosed" ? "opened here" : "belongs to this" }] : [],
    fixes:
      insertion === undefined
        ? []
        : [
            {
              title: `insert \`${insertion.trim()}\``,
              edits: [{ span: { ...span, end: span.start }, text: insertion }],
            },
          ],
  };
  switch (kind) {
    case "unexpected-character":
      return report(rows.unexpectedCharacter, { found }, at);
    case "unterminated-string":
      return report(rows.unterminatedString, { found }, { ...at, help: 'close it with `"` on the same line' });
    case "unterminated-comment":
      return report(rows.unterminatedComment, { found }, { ...at, help: "close it with `*/`" });
    case "bad-escape":
      return report(rows.badEscape, { found }, { ...at, help: "a backslash itself is written `\\\\`" });
    case "bad-number":
      return report(rows.badNumber, { found }, { ...at, help: numberHelp(found) });
    case "expected":
      return report(rows.expected, { found, expected: expected ?? "something else" }, at);
    case "unexpected":
      return report(rows.unexpected, { found, expected }, at);
    case "missing-mark":
      return report(
        rows.missingMark,
        { expected: expected ?? (insertion === undefined ? "a mark" : `\`${insertion.trim()}\``) },
        at,
      );
    case "missing-value":
      return report(rows.missingValue, { found, expected }, at);
    case "unclosed":
      return report(rows.unclosed, { found, expected: expected ?? "a closing mark" }, at);
    case "too-deep":
      return report(rows.tooDeep, { most: expected ?? "less" }, at);
    default:
      return kind satisfies never;
  }
}

function numberHelp(found: string): string {
  const tooLarge = Number(found.replaceAll("_", "")) === Number.POSITIVE_INFINITY;
  return tooLarge
    ? "the largest number there is lies near 1.8e308"
    : "numbers are written `1`, `0.5`, `1e-3` or `1_000`";
}
