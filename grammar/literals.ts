import type { SyntaxProblem } from "./tree.ts";

/** Numbers and strings: where they end, what is wrong with them, and what they mean. */

export interface ScannedNumber {
  readonly end: number;
  /** A number that can be read, even where the text was none. */
  readonly text: string;
  readonly problem?: {
    readonly found: string;
    readonly expected: string;
    readonly replacement?: string;
    readonly certain?: true;
  };
}

const wellFormed = /^\d+(_\d+)*(\.\d+(_\d+)*)?([eE][+-]?\d+)?$/;

export function scanNumber(text: string, start: number): ScannedNumber {
  const run = /^(?:[\p{L}\p{N}_]|\.(?=\d)|(?<=[\p{N}][eE])[+−–-](?!>))+|^\./u.exec(text.slice(start, start + 400));
  let end = start + (run ? run[0].length : 1);
  // `5.` is a number whose last digit was left out, unless a name follows the dot.
  if (text[end] === "." && !/[\p{L}_"]/u.test(text[end + 1] ?? "")) end++;
  const found = text.slice(start, end);
  const isFound = wellFormed.test(found);
  if (isFound && Number.isFinite(numberValue(found))) return { end, text: found };
  // `1e999` is written well and larger than any number.
  const mended = isFound ? "0" : mend(found);
  const expected = "a number such as `1`, `0.5`, `1e-3` or `1_000`";
  const problem = mended === "0" ? { found, expected } : { found, expected, replacement: mended };
  // A typesetter's minus is a minus.
  const certain = /[−–]/.test(found) && wellFormed.test(mended) && !/[−–_.]$/.test(found);
  return { end, text: mended, problem: certain ? { ...problem, certain } : problem };
}

/** `0,001`, where a single value stands: a decimal comma. Where it ends, and the number that is meant. */
export function decimalComma(text: string, start: number): { readonly end: number; readonly text: string } | undefined {
  const found = /^\d+,\d+(?=[\s)}]|$)/.exec(text.slice(start, start + 100));
  return found ? { end: start + found[0].length, text: found[0].replace(",", ".") } : undefined;
}

/** The nearest number: `.5` is 0.5, `5.` is 5, `1__000` is 1000; `0` where there is none. */
function mend(found: string): string {
  const plain = found.replaceAll("_", "").replace(/[−–]/g, "-");
  const candidate = plain.startsWith(".") ? `0${plain}` : plain.replace(/\.$/, "");
  if (wellFormed.test(candidate)) return candidate;
  return /^\d+(\.\d+)?/.exec(candidate)?.[0] ?? "0";
}

export function numberValue(text: string): number {
  return Number(text.replaceAll("_", ""));
}

interface StringProblem extends Omit<SyntaxProblem, "span"> {
  readonly start: number;
  readonly end: number;
}
export interface ScannedString {
  readonly end: number;
  /** In double quotes, with escapes that can all be read. */
  readonly text: string;
  readonly problems: readonly StringProblem[];
}

const escape = /\\(?:["\\nt]|u\{([0-9a-fA-F]{1,6})\})/y;

/** Scans from an opening quote at `start`; a string ends on its own line, which ends at `lineEnd`. */
export function scanString(text: string, start: number, lineEnd: number, closing: string): ScannedString {
  const quote = text[start];
  // A typesetter may have changed the second quote alone.
  const straight = quote === '"' && !text.slice(start + 1, lineEnd).includes('"');
  const ends = straight ? `${closing}“”` : closing;
  const problems: StringProblem[] = [];
  let body = "";
  let at = start + 1;
  while (at < lineEnd && !ends.includes(text[at])) {
    if (text[at] !== "\\") {
      body += text[at] === '"' ? '\\"' : text[at];
      at++;
      continue;
    }
    escape.lastIndex = at;
    const match = escape.exec(text);
    if (match && (match[1] === undefined || Number.parseInt(match[1], 16) <= 0x10ffff)) {
      body += match[0];
      at += match[0].length;
      continue;
    }
    const end = badEscapeEnd(text, at, lineEnd);
    const found = text.slice(at, end);
    const expected = 'one of `\\"`, `\\\\`, `\\n`, `\\t`, `\\u{…}`';
    problems.push({ kind: "bad-escape", found, expected, replacement: `\\${found}`, start: at, end });
    body += `\\${found}`;
    at = end;
  }
  if (at < lineEnd) {
    if (quote !== '"' || text[at] !== '"') {
      const whole = `"${body}"`;
      problems.unshift({
        kind: "unexpected-character",
        found: quote === '"' ? text[at] : quote,
        expected: '`"`',
        replacement: whole,
        certain: true,
        start,
        end: at + 1,
      });
    }
    return {
      end: at + 1,
      text: `"${body}"`,
      problems: problems.slice(0, quote === '"' && text[at] === '"' ? undefined : 1),
    };
  }
  // The marks that close a line belong to the program more likely than to the string that was never closed.
  const line = text.slice(start + 1, lineEnd);
  const tail = /[\s,)\]}]*$/.exec(line)?.[0].length ?? 0;
  const end = tail < line.length ? lineEnd - tail : start + 1;
  const kept = body.slice(0, Math.max(0, body.length - tail));
  const found = text.slice(start, end);
  const problem: StringProblem = {
    kind: "unterminated-string",
    found,
    expected: '`"`',
    replacement: `"${trimEscape(kept)}"`,
    start,
    end,
  };
  return { end, text: `"${trimEscape(kept)}"`, problems: [problem] };
}

function badEscapeEnd(text: string, at: number, lineEnd: number): number {
  const braces = /^\\u\{[^}"\s]*\}?/.exec(text.slice(at, lineEnd));
  return braces ? at + braces[0].length : Math.min(at + 2, lineEnd);
}
/** An odd number of backslashes at the end would escape the closing quote. */
function trimEscape(body: string): string {
  const slashes = /\\*$/.exec(body)?.[0].length ?? 0;
  return slashes % 2 === 1 ? body.slice(0, -1) : body;
}

/** What a string's text with its quotes means. */
export function stringValue(text: string): string {
  return text
    .slice(1, -1)
    .replace(/\\(?:u\{([0-9a-fA-F]+)\}|(.))/g, (_, code: string | undefined, plain: string) =>
      code !== undefined
        ? String.fromCodePoint(Number.parseInt(code, 16))
        : plain === "n"
          ? "\n"
          : plain === "t"
            ? "\t"
            : plain,
    );
}

/** `text` in double quotes, as the language writes it. */
export function quoted(text: string): string {
  const body = text.replace(/[\\"\n\t\p{Cc}\u2028\u2029]/gu, (c) =>
    c === "\n"
      ? "\\n"
      : c === "\t"
        ? "\\t"
        : c === '"' || c === "\\"
          ? `\\${c}`
          : `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return `"${body}"`;
}
