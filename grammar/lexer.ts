import type { Comment, Span, SyntaxProblem } from "./tree.ts";
import { closingQuotes, foreignMark } from "./foreign-marks.ts";
import { docstring, foreignStatement } from "./statements.ts";
import { decimalComma, scanNumber, scanString } from "./literals.ts";

/**
 * Text to lexemes. Written by hand: a generated lexer costs more at start than a hundred-line file costs to read.
 * What cannot be read is reported and left out, or read as what was plainly meant, so that parsing goes on.
 */

export type Mark = "->" | "+" | "-" | "*" | "/" | "=" | ":" | "," | "." | "(" | ")" | "[" | "]" | "{" | "}";
export type LexemeKind = Mark | "word" | "number" | "string" | "end";

export interface Lexeme<Kind extends string = LexemeKind> {
  readonly kind: Kind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Characters before it on its line; with `lineStart`, how far the line is indented. */
  readonly column: number;
  /** True for the first lexeme of a line. */
  readonly lineStart: boolean;
  /** True where a problem was reported in it or right before it: what is odd here was already said. */
  readonly suspect: boolean;
}

export interface Lexed {
  /** Ends with one lexeme of kind `end`. */
  readonly lexemes: readonly Lexeme[];
  readonly comments: readonly Comment[];
  readonly problems: readonly SyntaxProblem[];
}

/** Behind these an expression goes on, on whatever line. */
const goesOn: ReadonlySet<LexemeKind> = new Set(["->", "+", "-", "*", "/", "=", ":", ",", "."]);
const wordPattern = /[\p{L}_][\p{L}\p{N}_]*/uy;
const spacePattern = /\s/;
const marks = new Map<string, Mark>(
  (["+", "-", "*", "/", "=", ":", ",", ".", "(", ")", "[", "]", "{", "}"] as const).map((mark) => [mark, mark]),
);

export function lex(text: string, file: string): Lexed {
  const lexemes: Lexeme[] = [];
  const comments: Comment[] = [];
  const problems: SyntaxProblem[] = [];
  let at = 0;
  let lineBegin = 0;
  let lineStart = true;
  let suspect = false;
  /** Brackets that are open. */
  const open: string[] = [];
  const noteBracket = (mark: Mark) => {
    if (mark === "(" || mark === "[" || mark === "{") open.push(mark);
    else if (mark === ")" || mark === "]" || mark === "}") open.pop();
  };
  const span = (start: number, end: number): Span => ({ file, start, end });

  const add = (kind: LexemeKind, start: number, end: number, lexemeText = text.slice(start, end)) => {
    lexemes.push({ kind, text: lexemeText, start, end, column: start - lineBegin, lineStart, suspect });
    lineStart = false;
    suspect = false;
    at = end;
  };
  const problem = (found: Omit<SyntaxProblem, "span">, start: number, end: number) => {
    problems.push({ ...found, span: span(start, end) });
    suspect ||= found.certain !== true;
  };
  const comment = (style: Comment["style"], end: number) => {
    comments.push({ style, text: text.slice(at, end), span: span(at, end) });
    for (let i = at; i < end; i++) {
      if (text.charCodeAt(i) === 10) {
        lineBegin = i + 1;
        lineStart = true;
      }
    }
    at = end;
  };
  const lineEnd = (from: number) => {
    const newline = text.indexOf("\n", from);
    const end = newline < 0 ? text.length : newline;
    return text[end - 1] === "\r" && end > from ? end - 1 : end;
  };

  while (at < text.length) {
    const character = text[at];
    if (character === "\n") {
      at++;
      lineBegin = at;
      lineStart = true;
      continue;
    }
    if (character === " " || spacePattern.test(character)) {
      at++;
      continue;
    }
    if (character === "/" && text[at + 1] === "/") {
      comment(text[at + 2] === "/" && text[at + 3] !== "/" ? "doc" : "line", lineEnd(at));
      continue;
    }
    if (character === "/" && text[at + 1] === "*") {
      const close = text.indexOf("*/", at + 2);
      if (close < 0) {
        const found = { kind: "unterminated-comment", found: "/*", expected: "`*/`" } as const;
        problem(found, at, at + 2);
      }
      comment("block", close < 0 ? text.length : close + 2);
      continue;
    }
    if (lineStart && open.length === 0 && !goesOn.has(lexemes.at(-1)?.kind ?? "end")) {
      const statement = foreignStatement(text, at, at - lineBegin);
      if (statement) {
        problem({ kind: "foreign-statement", found: statement.word, certain: true }, at, statement.lineEnd);
        lineBegin = text.lastIndexOf("\n", statement.end - 1) + 1;
        at = statement.end;
        continue;
      }
      const written = docstring(text, at);
      if (written) {
        const { quotes: found, end, comment: replacement } = written;
        problem({ kind: "unexpected-character", found, replacement, certain: true }, at, end);
        comment("block", end);
        continue;
      }
    }
    if (lineStart && /^(--(?!>)|%)\s/.test(text.slice(at, at + 3))) {
      const found = character === "%" ? "%" : "--";
      const problemHere = { kind: "unexpected-character", found, expected: "`//`", replacement: "//" } as const;
      problem({ ...problemHere, certain: true }, at, at + found.length);
      comment("line", lineEnd(at));
      continue;
    }
    if (character === "#") {
      const found = { kind: "unexpected-character", found: "#", expected: "`//`", replacement: "//" } as const;
      problem({ ...found, certain: true }, at, at + 1);
      comment("line", lineEnd(at));
      continue;
    }
    wordPattern.lastIndex = at;
    const word = wordPattern.exec(text);
    const opening = word && /^(f|r|b|u|rb|br|fr|rf)$/i.test(word[0]) ? text[at + word[0].length] : undefined;
    if (word && (opening === '"' || opening === "'")) {
      // `r"rows.csv"`: a text with a mark of what it is.
      const from = at + word[0].length;
      const string = scanString(text, from, lineEnd(at), opening);
      const read = { kind: "unexpected-character", found: word[0], replacement: string.text, certain: true } as const;
      problem(read, at, string.end);
      add("string", at, string.end, string.text);
      continue;
    }
    if (word) {
      add("word", at, at + word[0].length);
      continue;
    }
    const previous = lexemes.at(-1);
    const afterValue = previous !== undefined && /^(word|string|\)|\])$/.test(previous.kind);
    if (isDigit(character) || (character === "." && isDigit(text[at + 1]) && !afterValue)) {
      const comma = previous?.kind === ":" ? decimalComma(text, at) : undefined;
      if (comma) {
        const found = { kind: "bad-number", found: text.slice(at, comma.end), replacement: comma.text } as const;
        problem({ ...found, certain: true }, at, comma.end);
        add("number", at, comma.end, comma.text);
        continue;
      }
      const number = scanNumber(text, at);
      if (number.problem) problem({ kind: "bad-number", ...number.problem }, at, number.end);
      add("number", at, number.end, number.text);
      continue;
    }
    const triple = /^("""|''')([^"'\n]*)\1/.exec(text.slice(at, at + 1000));
    if (triple) {
      const end = at + triple[0].length;
      const whole = `"${triple[2]}"`;
      problem({ kind: "unexpected-character", found: triple[1], replacement: whole, certain: true }, at, end);
      add("string", at, end, whole);
      continue;
    }
    const closing = closingQuotes(character);
    if (closing !== undefined) {
      const string = scanString(text, at, lineEnd(at), closing);
      for (const { start, end, ...found } of string.problems) problem(found, start, end);
      add("string", at, string.end, string.text);
      continue;
    }
    if (character === "-" && text[at + 1] === ">") {
      add("->", at, at + 2);
      continue;
    }
    if (character === ";") {
      // Between arguments and items it stands for a comma, anywhere else for nothing.
      const parts = (open.at(-1) === "(" || open.at(-1) === "[") && /^;[ \t]*[^\s;/)\]}]/.test(text.slice(at, at + 80));
      const replacement = parts ? "," : /^;(\s|$)/.test(text.slice(at, at + 2)) ? "" : " ";
      problem({ kind: "unexpected-character", found: ";", replacement, certain: true }, at, at + 1);
      if (parts) add(",", at, at + 1, ",");
      else at++;
      continue;
    }
    const foreign = foreignMark(text, at, open.at(-1));
    if (foreign) {
      const { found, mark } = foreign;
      const end = at + found.length;
      const read = { kind: "unexpected-character", found, expected: `\`${mark}\``, replacement: mark } as const;
      problem({ ...read, certain: true }, at, end);
      noteBracket(mark);
      add(mark, at, end, mark);
      continue;
    }
    const mark = marks.get(character);
    if (mark) {
      noteBracket(mark);
      add(mark, at, at + 1);
      continue;
    }
    const strange = strangeRun(text, at);
    problem({ kind: "unexpected-character", found: strange }, at, at + strange.length);
    at += strange.length;
  }
  lineStart = true;
  add("end", text.length, text.length);
  return { lexemes, comments, problems };
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= "0" && character <= "9";
}

/** Characters of no meaning that stand together are one mistake. */
function strangeRun(text: string, from: number): string {
  const run = /^[^\s\p{L}\p{N}_"'+\-*/=:,.()[\]{}#;→]+/u.exec(text.slice(from, from + 64));
  return run ? run[0] : String.fromCodePoint(text.codePointAt(from) ?? 0);
}
