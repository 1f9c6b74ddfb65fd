import type { SyntaxProblem } from "../../../grammar/tree.ts";
import { report, type Diagnostic, type Place } from "../../diagnostics/diagnostic.ts";
import { declarationEnds, syntax as rows } from "../../diagnostics/syntax.ts";

/** What lexer and parser could not read in a text, as a diagnostic; one that an inserted mark would mend brings that fix. */
export function syntaxDiagnostic(problem: SyntaxProblem, text: string): Diagnostic {
  const { kind, expected, span, related, insertion } = problem;
  // Where a declaration ends too early the file may well go on.
  const found = problem.found === "" && text.slice(span.end).trim() !== "" ? declarationEnds : problem.found;
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
      return report(rows.unexpectedCharacter, { found }, { ...at, help: marks[found] });
    case "unterminated-string":
      return report(rows.unterminatedString, { found }, { ...at, help: 'close it with `"` on the same line' });
    case "unterminated-comment":
      return report(rows.unterminatedComment, { found }, { ...at, help: "close it with `*/`" });
    case "bad-escape":
      return report(rows.badEscape, { found }, { ...at, help: "a backslash itself is written `\\\\`" });
    case "bad-number":
      return report(rows.badNumber, { found }, { ...at, help: numberHelp(found) });
    case "expected":
      return report(
        rows.expected,
        { found, expected: expected ?? "something else" },
        { ...at, help: expectedHelp(problem, text) },
      );
    case "unexpected":
      return report(rows.unexpected, { found, expected }, at);
    case "missing-mark":
      return report(
        rows.missingMark,
        { expected: expected ?? (insertion === undefined ? "a mark" : `\`${insertion.trim()}\``) },
        at,
      );
    case "missing-value":
      return report(
        rows.missingValue,
        { found, expected },
        { ...at, help: expected === "a kind" && found.startsWith('"') ? "kinds stand without quotes" : undefined },
      );
    case "unclosed":
      return report(rows.unclosed, { found, expected: expected ?? "a closing mark" }, at);
    case "too-deep":
      return report(rows.tooDeep, { most: expected ?? "less" }, at);
    default:
      return kind satisfies never;
  }
}

/** What other languages write, and what is written here. */
const marks: Readonly<Record<string, string>> = {
  "#": "a comment begins with `//`",
  ";": "nothing stands at the end of a line",
  "'": "a text stands in double quotes",
  "`": "a text stands in double quotes",
  "%": "a share is written as a number: `0.2`",
  "@": "names are letters, digits and `_`",
  $: "names are letters, digits and `_`",
  "=>": "what is fed on is written `->`",
  "|>": "what is fed on is written `->`",
  ">>": "what is fed on is written `->`",
  "|": "what is fed on is written `->`",
  "→": "what is fed on is written `->`",
};

function expectedHelp({ found, expected, span }: SyntaxProblem, text: string): string | undefined {
  const [, step] = /[\w.]+\.(\w+)$/.exec(text.slice(0, span.start)) ?? [];
  if (found === "(" && step !== undefined) return `a layer stands without its module: \`${step}(…)\``;
  return expected === "a name" && found.startsWith('"') ? "names stand without quotes" : undefined;
}

function numberHelp(found: string): string {
  const tooLarge = Number(found.replaceAll("_", "")) === Number.POSITIVE_INFINITY;
  return tooLarge
    ? "the largest number there is lies near 1.8e308"
    : "numbers are written `1`, `0.5`, `1e-3` or `1_000`";
}
