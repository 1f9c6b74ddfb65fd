import type { Lexeme, Mark } from "./lexer.ts";
import { isOpener, openers, type Shape } from "./words.ts";
import type { Stretch } from "./split.ts";

/**
 * What a lexeme is where it stands: the one place that knows which words are special, and where. With roles given, one
 * token of lookahead decides everything in the grammar.
 */
export type Role =
  | Mark
  | "number"
  | "string"
  | "boolean"
  | "name"
  /** A name or string before a colon. */
  | "key"
  /** A word that opens a declaration, by the shape of what follows. */
  | `open-${Shape}`
  | "open-unknown"
  | "return"
  /** No text: what follows are the arguments of all that stands before. */
  | "apply"
  | "from"
  /** No text: an expression that should be here. */
  | "missing";

export type Token = Lexeme<Role>;

export function withRoles(lexemes: readonly Lexeme[], { from, to }: Stretch): Token[] {
  const first = lexemes[from];
  const shape = first.kind === "word" && isOpener(first.text) ? openers[first.text] : undefined;
  const tokens: Token[] = [];
  for (let i = from; i < to; i++) {
    const opens = i === from && shape;
    tokens.push({ ...lexemes[i], kind: opens ? `open-${opens}` : roleOf(lexemes, i, from, shape) });
  }
  return tokens;
}

const operandsFollow: ReadonlySet<string> = new Set(["->", "+", "-", "*", "/", "=", ":", ",", "(", "["]);

function roleOf(lexemes: readonly Lexeme[], at: number, from: number, shape: Shape | undefined): Role {
  const { kind, text } = lexemes[at];
  if (kind === "end") return "missing";
  if (kind !== "word" && kind !== "string") return kind;
  const before = at > from ? lexemes[at - 1].kind : undefined;
  const after = lexemes[at + 1].kind;
  if (after === ":" && before !== ".") return "key";
  if (kind === "string") return "string";
  if (before === ".") return "name";
  if (text === "true" || text === "false") return "boolean";
  if (shape === "names" && text === "from" && before === "}") return "from";
  const returns = shape === "block" && text === "return" && after !== "=" && before && !operandsFollow.has(before);
  return returns ? "return" : "name";
}
