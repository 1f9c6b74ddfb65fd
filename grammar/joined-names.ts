import type { Lexeme } from "./lexer.ts";
import type { SyntaxProblem } from "./tree.ts";
import { isOpener } from "./words.ts";

/**
 * `task wine-colour: flag`, `input petal.length: f32`: a declared name with marks in it is read as one name, here and wherever
 * it is used, so that it is one mistake. A key such as `batch-size:` is one word too; whoever reads it says that there is none.
 */
export function joinNames(
  lexemes: readonly Lexeme[],
  file: string,
): { readonly lexemes: readonly Lexeme[]; readonly problems: readonly SyntaxProblem[] } {
  const declared = new Set<string>();
  lexemes.forEach(({ kind, text }, at) => {
    if (kind !== "word" || !isOpener(text) || lexemes[at + 1]?.kind !== "word" || lexemes[at + 1].lineStart) return;
    const end = endOfName(lexemes, at + 1);
    const after = lexemes[end];
    const declares = [":", "=", "("].includes(after.kind) || (text === "model" && after.lineStart);
    if (end > at + 2 && declares && !isOpener(lexemes[end - 1].text)) declared.add(written(lexemes, at + 1, end));
  });
  const isJoinable = (at: number) => lexemes[at].kind === "word" && /^[-.]$/.test(lexemes[at + 1]?.kind ?? "");
  if (declared.size === 0 && !lexemes.some((_, at) => isJoinable(at))) return { lexemes, problems: [] };
  const joined: Lexeme[] = [];
  const problems: SyntaxProblem[] = [];
  for (let at = 0; at < lexemes.length; at++) {
    const lexeme = lexemes[at];
    const before = lexemes[at - 1];
    const two = lexeme.kind === "word" && lexemes[at + 1]?.kind === "word" && !lexemes[at + 1].lineStart;
    const runs = two || (isJoinable(at) && !(before && /^[-.]$/.test(before.kind) && before.end === lexeme.start));
    const end = runs ? longestDeclared(lexemes, at, declared) : 0;
    if (end > 0) {
      const found = written(lexemes, at, end);
      const span = { file, start: lexeme.start, end: lexemes[end - 1].end };
      const replacement = nameOf(found);
      problems.push({ kind: "bad-name", found, replacement, certain: true, span });
      joined.push({ ...lexeme, text: replacement, end: span.end });
      at = end - 1;
      continue;
    }
    const key = runs ? endOfRun(lexemes, at, "-") : 0;
    if (key > at + 1 && lexemes[key].kind === ":") {
      joined.push({ ...lexeme, text: written(lexemes, at, key), end: lexemes[key - 1].end });
      at = key - 1;
    } else joined.push(lexeme);
  }
  return { lexemes: joined, problems };
}

/** Where the name of a declaration ends: two words on its line, or words that hang together. */
function endOfName(lexemes: readonly Lexeme[], from: number): number {
  const [second, after] = [lexemes[from + 1], lexemes[from + 2]];
  const two = second?.kind === "word" && !second.lineStart && (after?.kind === ":" || after?.kind === "=");
  return two ? from + 2 : endOfRun(lexemes, from, "-.");
}

/** Where words that hang together by one of these marks end. */
function endOfRun(lexemes: readonly Lexeme[], from: number, marks: string): number {
  let end = from + 1;
  while (hangsAt(lexemes, end, marks)) end += 2;
  return end;
}

/** Whether a word hangs by a mark on what ends here. */
function hangsAt(lexemes: readonly Lexeme[], end: number, marks: string): boolean {
  const [mark, part] = [lexemes[end], lexemes[end + 1]];
  const hangs = mark !== undefined && marks.includes(mark.kind) && mark.start === lexemes[end - 1].end;
  return hangs && (part?.kind === "word" || part?.kind === "number") && part.start === mark.end;
}

/** Where the longest declared name that begins here ends; 0 where none does. */
function longestDeclared(lexemes: readonly Lexeme[], from: number, declared: ReadonlySet<string>): number {
  if (declared.size === 0) return 0;
  if (declared.has(written(lexemes, from, from + 2))) return from + 2;
  const longest = Math.max(...[...declared].map(({ length }) => length));
  let found = 0;
  let name = lexemes[from].text;
  for (let end = from + 1; name.length < longest && hangsAt(lexemes, end, "-."); end += 2) {
    name += lexemes[end].text + lexemes[end + 1].text;
    if (declared.has(name)) found = end + 2;
  }
  return found;
}

function written(lexemes: readonly Lexeme[], from: number, end: number): string {
  return lexemes
    .slice(from, end)
    .map(({ kind, text }, at) =>
      at > 0 && kind === "word" && lexemes[from + at - 1].kind === "word" ? ` ${text}` : text,
    )
    .join("");
}

function nameOf(text: string): string {
  return text.replace(/[-. ]+/g, "_");
}
