import { beginningOf, widthOf } from "./width.ts";

/** A continued line has at least this many places, or half a line, however far in it would begin. */
const LEAST = 16;

/**
 * Text in lines of at most `width` places, broken at blanks. A line goes on under its own beginning, and `hang` places further
 * in. A word that is longer than a line is broken where the line ends. Null leaves the lines as they are.
 */
export function wrap(text: string, width: number | null, hang = 0): string {
  if (width === null) return text;
  return text
    .split("\n")
    .flatMap((line) => wrapLine(line, width, hang))
    .join("\n");
}

function wrapLine(line: string, width: number, hang: number): string[] {
  if (widthOf(line) <= width) return [line];
  const own = /^ */.exec(line)![0].length;
  const indent = " ".repeat(Math.max(0, Math.min(own + hang, width - Math.min(LEAST, width >> 1))));
  const lines = [""];
  let isFresh = true;
  const last = (): string => lines[lines.length - 1];
  const next = (): void => {
    lines.push(indent);
    isFresh = true;
  };
  for (const [, blanks, word] of line.matchAll(/( *)([^ ]+)/g)) {
    const gap = isFresh && lines.length > 1 ? "" : blanks;
    if (!isFresh && widthOf(last() + gap + word) > width) next();
    else lines[lines.length - 1] += isFresh && lines.length === 1 ? " ".repeat(Math.min(own, indent.length)) : gap;
    let rest = word;
    while (widthOf(last() + rest) > width) {
      const part = breakOf(beginningOf(rest, width - widthOf(last())));
      if (part === "" && isFresh) break;
      lines[lines.length - 1] += part;
      rest = rest.slice(part.length);
      next();
    }
    lines[lines.length - 1] += rest;
    isFresh = false;
  }
  return lines;
}

/** Where a word is best broken that does not fit: behind one of its marks, if one lies late enough. */
function breakOf(part: string): string {
  const behind = /^.*[_/.,:(-]/s.exec(part)?.[0] ?? "";
  return behind.length > part.length / 2 ? behind : part;
}
