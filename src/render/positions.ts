import { readFileSync } from "node:fs";
import { specialAt } from "../../runtime/special-at.ts";

/** Line and column, from 1; columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A file's text with the starts of its lines. */
export interface Lines {
  readonly text: string;
  position(offset: number): Position;
  /** Text of a line, from 1, without its end. */
  line(number: number): string;
}

export function linesOf(text: string): Lines {
  const starts = [0];
  for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) starts.push(i + 1);
  return {
    text,
    position(offset) {
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle] <= offset) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: offset - starts[low] + 1 };
    },
    line(number) {
      const end = number < starts.length ? starts[number] - 1 : text.length;
      return text.slice(starts[number - 1], end).replace(/\r$/, "");
    },
  };
}

/** Where texts of files come from: what was compiled, else the disk. */
export type Texts = (file: string) => string | undefined;

export function linesReader(texts?: Texts): (file: string) => Lines | null {
  const cache = new Map<string, Lines | null>();
  return (file) => {
    let lines = cache.get(file);
    if (lines === undefined) {
      const text = texts?.(file) ?? fromDisk(file);
      lines = text === null ? null : linesOf(text);
      cache.set(file, lines);
    }
    return lines;
  };
}

function fromDisk(file: string): string | null {
  try {
    return specialAt(file) === null ? readFileSync(file, "utf8") : null;
  } catch {
    return null;
  }
}
