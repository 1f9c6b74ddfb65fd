/** Statements of Python and JavaScript, where declarations stand: a file says what a network is, not what is to be done. */

/** How a line begins and ends that is one; a declaration of ours begins with none of these. */
const openings: readonly RegExp[] = [
  // `import name } from "./file.mtl"` is ours, and lacks a mark.
  /import(?=[ \t]+[A-Za-z_*])(?![^\n]*["'}])/y,
  /from(?=[ \t]+[\w.]+[ \t]+import\b)/y,
  /(?:async[ \t]+)?def(?=[ \t]+\w+[ \t]*\()/y,
  /function(?=[ \t]+\w+[ \t]*\()/y,
  /class(?=[ \t]+\w+[ \t]*[({:])/y,
  /(?:if|elif|for|while|switch)(?=[ \t]*[("'!]|[ \t]+\w)/y,
  /(?:with|except)(?=\b[^\n]*:[ \t]*(?:#[^\n]*)?\r?$)/my,
  /(?:else|try|finally)(?=[ \t]*[:{])/y,
  /(?:return|raise|assert|del|pass|break|continue)(?=[ \t]*(?:\r?$|[ \t][\w("'[]))/my,
  /print(?=[ \t]*\()/y,
  /model\.(?:fit|compile|add|train|eval|evaluate|predict|summary|to|save|build|parameters|load_state_dict)(?=[ \t]*\()/y,
  /@(?=[A-Za-z_])/y,
];

export interface ForeignStatement {
  readonly word: string;
  /** The end of its first line. */
  readonly lineEnd: number;
  /** The end of all that belongs to it. */
  readonly end: number;
}

/** The statement that begins at this place of a line, so far from the line's beginning; undefined where none does. */
export function foreignStatement(text: string, at: number, column: number): ForeignStatement | undefined {
  const word = openings.map((opening) => wordAt(opening, text, at)).find((found) => found !== undefined);
  if (word === undefined) return undefined;
  const lineEnd = endOfLine(text, at);
  const closed = Math.max(lineEnd, endOfBrackets(text, at, lineEnd));
  const opensBody = /:\s*(#.*)?$/.test(text.slice(at, closed));
  return { word, lineEnd, end: opensBody ? endOfBody(text, closed, column) : closed };
}

function wordAt(opening: RegExp, text: string, at: number): string | undefined {
  opening.lastIndex = at;
  return opening.exec(text)?.[0];
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf("\n", from);
  const end = newline < 0 ? text.length : newline;
  return text[end - 1] === "\r" && end > from ? end - 1 : end;
}

/** Where what the first line opens is closed again, at the end of that line; its own end where it never is. */
function endOfBrackets(text: string, at: number, lineEnd: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if ("([{".includes(text[i])) depth++;
    else if (")]}".includes(text[i])) depth--;
    if (i >= lineEnd && depth <= 0) return endOfLine(text, i);
  }
  return lineEnd;
}

/** The lines below that are indented further. */
function endOfBody(text: string, from: number, column: number): number {
  let end = from;
  for (let start = text.indexOf("\n", from) + 1; start > 0; start = text.indexOf("\n", start) + 1) {
    const stop = endOfLine(text, start);
    const line = text.slice(start, stop);
    const indent = line.search(/\S/);
    if (indent >= 0 && indent <= column) break;
    if (indent >= 0) end = stop;
  }
  return end;
}

/** A text in three quotes that stands by itself, as Python writes what it says of things; undefined where none does. */
export function docstring(
  text: string,
  at: number,
): { readonly quotes: string; readonly end: number; readonly comment: string } | undefined {
  const quotes = text.slice(at, at + 3);
  if (quotes !== '"""' && quotes !== "'''") return undefined;
  const close = text.indexOf(quotes, at + 3);
  if (close < 0 || text.slice(close + 3, endOfLine(text, close)).trim() !== "") return undefined;
  const lines = text
    .slice(at + 3, close)
    .split(/\r?\n/)
    .map((line) => line.trim());
  const kept = lines.filter((line, k) => line !== "" || (k > 0 && k < lines.length - 1));
  return { quotes, end: close + 3, comment: kept.map((line) => `// ${line}`.trimEnd()).join("\n") };
}
