import type { Lexeme } from "./lexer.ts";
import type { SyntaxProblem } from "./tree.ts";

/** `(3, 3)` where a value stands: a list, as it is written elsewhere. Numbers and texts in parentheses are nothing else. */
export function listsForTuples(
  lexemes: readonly Lexeme[],
  file: string,
): { readonly lexemes: readonly Lexeme[]; readonly problems: readonly SyntaxProblem[] } {
  const read = [...lexemes];
  const problems: SyntaxProblem[] = [];
  for (let at = 1; at < lexemes.length; at++) {
    const open = lexemes[at];
    if (open.kind !== "(" || !/^[([,:=]$/.test(lexemes[at - 1].kind)) continue;
    const end = endOfTuple(lexemes, at);
    if (end < 0) continue;
    const close = lexemes[end];
    read[at] = { ...open, kind: "[", text: "[" };
    read[end] = { ...close, kind: "]", text: "]" };
    const inner = lexemes.slice(at + 1, end).map(({ kind, text }) => (kind === "," ? ", " : text));
    const replacement = `[${inner.join("").replace(/, $/, "")}]`;
    const span = { file, start: open.start, end: close.end };
    problems.push({ kind: "tuple", found: "(", replacement, certain: true, span });
  }
  return { lexemes: read, problems };
}

/** Where two values or more in parentheses end; -1 where something else stands. */
function endOfTuple(lexemes: readonly Lexeme[], open: number): number {
  let at = open + 1;
  let commas = 0;
  for (;;) {
    if (lexemes[at].kind === "-") at++;
    if (lexemes[at].kind !== "number" && lexemes[at].kind !== "string") return -1;
    at++;
    if (lexemes[at].kind === ",") commas++;
    else return lexemes[at].kind === ")" && commas > 0 ? at : -1;
    at++;
    if (lexemes[at].kind === ")") return at;
  }
}
