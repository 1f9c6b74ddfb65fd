import { lettersOf, widthOf } from "../../compiler/prose/width.ts";
import type { WritableStream } from "../../src/render/region.ts";

/** A terminal of so many columns and rows: what is written to it, as a person sees it. */
export interface Terminal extends WritableStream {
  isTTY: boolean;
  columns: number;
  rows: number;
  /** Every row, those that have left at the top too, without blanks at the end. */
  screen(): string[];
  resize(columns: number): void;
}

export function terminalOf(columns: number, rows = 24): Terminal {
  let lines: string[][] = [[]];
  let row = 0;
  let column = 0;
  const listeners = new Set<() => void>();
  const terminal: Terminal = {
    isTTY: true,
    columns,
    rows,
    write(text) {
      for (const [, up, sequence, letters] of text.matchAll(
        /\u001b\[(\d+)A|(\u001b\[\d*[JKm]|[\r\n])|([^\u001b\r\n]+)/g,
      )) {
        if (up !== undefined) row = Math.max(0, row - Number(up));
        else if (sequence === "\r") column = 0;
        else if (sequence === "\n") [row, column] = [row + 1, 0];
        else if (sequence === "\u001b[K") lines[row]?.splice(column);
        else if (sequence === "\u001b[J") [lines[row]] = [(lines[row] ?? []).slice(0, column), lines.splice(row + 1)];
        for (const letter of lettersOf(letters ?? "")) {
          if (column + widthOf(letter) > terminal.columns) [row, column] = [row + 1, 0];
          while (lines.length <= row) lines.push([]);
          while (lines[row].length < column) lines[row].push(" ");
          lines[row].splice(column, widthOf(letter), letter, ...Array<string>(widthOf(letter) - 1).fill(""));
          column += widthOf(letter);
        }
        while (lines.length <= row) lines.push([]);
      }
      return true;
    },
    on: (_, act) => listeners.add(act),
    off: (_, act) => listeners.delete(act),
    screen: () => lines.map((line) => line.join("").trimEnd()),
    resize(next) {
      // As most terminals do: rows that are too long go on in the next one, and the cursor stays at its letter.
      const wrapped = lines.map((line) =>
        Array.from({ length: Math.max(1, Math.ceil(line.length / next)) }, (_, k) =>
          line.slice(k * next, (k + 1) * next),
        ),
      );
      row = wrapped.slice(0, row).flat().length + Math.floor(Math.max(0, column - 1) / next);
      column = column === 0 ? 0 : ((column - 1) % next) + 1;
      lines = wrapped.flat();
      terminal.columns = next;
      for (const act of listeners) act();
    },
  };
  return terminal;
}
