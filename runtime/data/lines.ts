import { grouped } from "../../compiler/prose/numbers.ts";
import { MOST_LINE, type DataFile } from "./files.ts";
import { readTextBytes } from "./text-bytes.ts";
import { unreadable } from "./unreadable.ts";

/**
 * Gives every line of a file, without its newline, to `take` with its number from 1, until that says false. What follows the
 * last newline is a line if there is any of it.
 */
export async function readLines(file: DataFile, take: (bytes: Buffer, line: number) => boolean): Promise<void> {
  let line = 0;
  let rest: Buffer[] = [];
  let held = 0;
  for await (const piece of readTextBytes(file)) {
    let start = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
      const own = piece.subarray(start, end);
      const whole = rest.length > 0 ? Buffer.concat([...rest, own]) : own;
      rest = [];
      start = end + 1;
      if (!take(whole, ++line)) return;
    }
    if (start === piece.length) continue;
    rest.push(piece.subarray(start));
    held = start > 0 ? piece.length - start : held + piece.length;
    if (held > MOST_LINE) throw unreadable(file, `line ${line + 1} is longer than ${grouped(MOST_LINE)} bytes`);
  }
  if (rest.length > 0) take(Buffer.concat(rest), ++line);
}
