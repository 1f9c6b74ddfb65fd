import type { Lexeme } from "./lexer.ts";
import { isOpener, openers, type Opener } from "./words.ts";

/**
 * Cuts a file into declarations before any of them is parsed, so that a slip in one never hides another.
 * `splitExactly` follows the grammar and nothing else. `splitLoosely` is for a stretch that did not parse: it trusts
 * lines and indentation where brackets do not add up.
 */

/** Lexemes `from` … `to - 1`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

const openBrackets = new Map([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
]);
const closeBrackets: ReadonlySet<string> = new Set([")", "]", "}"]);
/** After these an expression must go on, so that no declaration can begin. */
const unfinished: ReadonlySet<string> = new Set(["->", "+", "-", "*", "/", "=", ":", ",", ".", "(", "[", "{"]);

/** The bracket that would close `kind`, if it opens one. */
export function closerOf(kind: string): string | undefined {
  return openBrackets.get(kind);
}
export function isCloser(kind: string): boolean {
  return closeBrackets.has(kind);
}

export function splitExactly(lexemes: readonly Lexeme[]): Stretch[] {
  const starts: number[] = [];
  let depth = 0;
  for (let i = 0; lexemes[i].kind !== "end"; i++) {
    const { kind, text } = lexemes[i];
    if (openBrackets.has(kind)) depth++;
    else if (closeBrackets.has(kind)) depth = Math.max(0, depth - 1);
    else if (kind === "word" && depth === 0 && isOpener(text) && !(i > 0 && unfinished.has(lexemes[i - 1].kind))) {
      const name = opensExactly(lexemes, i, text);
      if (name === null) continue;
      starts.push(i);
      i = name;
    }
  }
  return stretches(starts, 0, lexemes.length - 1);
}

/** Where the declaration's name (or the opener itself, where it has none) stands; null where this opens nothing. */
function opensExactly(lexemes: readonly Lexeme[], at: number, word: Opener): number | null {
  const next = lexemes[at + 1].kind;
  const named = next === "word" ? lexemes[at + 2].kind : undefined;
  switch (openers[word]) {
    case "names":
      return next === "{" ? at : null;
    case "name":
      return next === "word" ? at + 1 : null;
    case "value":
      return named === "=" ? at + 1 : null;
    case "typed":
      return named === ":" ? at + 1 : null;
    case "block":
      return named === "(" ? at + 1 : null;
    case "section":
      return named === "{" ? at + 1 : next === "{" ? at : null;
  }
}

export function splitLoosely(lexemes: readonly Lexeme[], { from, to }: Stretch): Stretch[] {
  const starts: number[] = [from];
  const stack: string[] = [];
  let column = lexemes[from].lineStart ? lexemes[from].column : 0;
  // True once the declaration's own braces are closed: nothing more belongs to it.
  let complete = false;
  const braces = braceTooMany(lexemes, from, to);
  for (let i = from; i < to; i++) {
    const lexeme = lexemes[i];
    const start = starts[starts.length - 1];
    // The word right after an opening word is its name, whatever follows.
    const named = i === start + 1 && isOpener(lexemes[start].text) && !lexeme.lineStart;
    if (i > start && !named && !isKeyWithoutBraces(lexemes, start, i, column)) {
      const begins =
        stack.length === 0 ? beginsOutside(lexemes, i, column, complete, braces) : beginsInside(lexemes, i, column);
      if (begins) {
        starts.push(i);
        stack.length = 0;
        complete = false;
        if (lexeme.lineStart) column = lexeme.column;
      }
    }
    const close = openBrackets.get(lexeme.kind);
    if (close) stack.push(close);
    else if (closeBrackets.has(lexeme.kind)) {
      const match = stack.lastIndexOf(lexeme.kind);
      if (match >= 0) {
        stack.length = match;
        complete ||= match === 0 && lexeme.kind === "}";
      }
    }
  }
  return stretches(starts, from, to);
}

/** `head: x -> dense` further in than `task y: real` above it, whose braces were forgotten: a key of it, no declaration. */
function isKeyWithoutBraces(lexemes: readonly Lexeme[], start: number, at: number, column: number): boolean {
  const { text, kind, lineStart, column: own } = lexemes[at];
  if (kind !== "word" || !lineStart || own <= column || lexemes[at + 1].kind !== ":" || isOpener(text)) return false;
  const first = lexemes[start].text;
  const shape = isOpener(first) ? openers[first] : undefined;
  return (shape === "typed" || shape === "section") && !lexemes.slice(start, at).some((lexeme) => lexeme.kind === "{");
}

/** Whether a closing brace lacks its partner: then what seems to stand outside may belong inside. */
function braceTooMany(lexemes: readonly Lexeme[], from: number, to: number): boolean {
  let depth = 0;
  for (let i = from; i < to; i++) {
    if (lexemes[i].kind === "{") depth++;
    if (lexemes[i].kind === "}" && --depth < 0) return true;
  }
  return false;
}

function beginsOutside(
  lexemes: readonly Lexeme[],
  at: number,
  column: number,
  complete: boolean,
  braces: boolean,
): boolean {
  const lexeme = lexemes[at];
  const goesOn = unfinished.has(lexemes[at - 1].kind);
  const atMargin = lexeme.lineStart && lexeme.column <= column;
  const apart = lexeme.lineStart && !braces && !goesOn;
  if (lexeme.kind === "{") return complete && (atMargin || apart);
  if (lexeme.kind !== "word") return false;
  if (isOpener(lexeme.text)) {
    const name = opensExactly(lexemes, at, lexeme.text);
    const sameLine = name !== null && !lexemes[name + 1].lineStart;
    if (sameLine && (!goesOn || lexeme.lineStart)) return true;
    const named = lexemes[at + 1].kind === "word" && !lexemes[at + 1].lineStart;
    return atMargin && (!goesOn || named);
  }
  if (goesOn) return false;
  if (lexeme.text === "from" && lexemes[at + 1].kind === "string") return false;
  const next = lexemes[at + 1].kind;
  if (apart && (complete || next === ":" || next === "=")) return true;
  return looksDeclared(lexemes, at) || atMargin;
}

/** `tasks foo: …`, `shred x = …`, `blok f(…`, `data x {`, and `trian {` on a line of its own. */
function looksDeclared(lexemes: readonly Lexeme[], at: number): boolean {
  const [word, next, after] = [lexemes[at], lexemes[at + 1], lexemes[at + 2]];
  if (next.lineStart || word.text === "return") return false;
  if (next.kind === "{") return word.lineStart;
  return next.kind === "word" && !after?.lineStart && [":", "=", "{", "("].includes(after?.kind ?? "");
}

/** Inside brackets that were perhaps never closed: only a line at the margin that can be nothing else. */
function beginsInside(lexemes: readonly Lexeme[], at: number, column: number): boolean {
  const lexeme = lexemes[at];
  if (lexeme.kind !== "word" || !lexeme.lineStart || lexeme.column > column) return false;
  const next = lexemes[at + 1];
  if (next.lineStart) return false;
  if (isOpener(lexeme.text)) return next.kind === "word" || opensExactly(lexemes, at, lexeme.text) !== null;
  return looksDeclared(lexemes, at);
}

function stretches(starts: readonly number[], from: number, to: number): Stretch[] {
  const bounds = starts[0] === from ? starts : [from, ...starts];
  return bounds.map((start, i) => ({ from: start, to: bounds[i + 1] ?? to })).filter(({ from, to }) => from < to);
}
