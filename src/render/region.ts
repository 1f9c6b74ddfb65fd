import { widthOf } from "../../compiler/prose/width.ts";
import { columnsOf, type Stream } from "./screen.ts";

export interface WritableStream extends Stream {
  readonly rows?: number;
  write(text: string): unknown;
  on?(event: "resize", act: () => void): unknown;
  off?(event: "resize", act: () => void): unknown;
}

/** Lines at the end of a terminal that change in place, while others come to stay above them. */
export interface Region {
  show(lines: readonly string[]): void;
  /** Text of whole lines that stays, above the lines that change. */
  above(text: string): void;
  clear(): void;
  /** Away for what others print, and back again. */
  hide(): void;
  again(): void;
}

const CLEAR_TO_END = "\u001b[J";

export function createRegion(stream: WritableStream): Region {
  let drawn: readonly string[] = [];
  /** To the beginning of what is drawn. Where the terminal has become narrower it has broken lines in two. */
  const back = (): string => {
    const columns = columnsOf(stream) ?? Infinity;
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(plainWidth(line) / columns)), 0);
    return rows > 1 ? `\r\u001b[${rows - 1}A` : "\r";
  };
  const lines = (): string => drawn.map((line) => `${line}\u001b[K`).join("\n");
  return {
    show(next) {
      const start = back();
      drawn = next;
      stream.write(`${start}${lines()}${CLEAR_TO_END}`);
    },
    above(text) {
      if (text !== "") stream.write(`${back()}${CLEAR_TO_END}${text}${lines()}`);
    },
    hide() {
      if (drawn.length > 0) stream.write(`${back()}${CLEAR_TO_END}`);
    },
    again() {
      if (drawn.length > 0) stream.write(lines());
    },
    clear() {
      if (drawn.length > 0) stream.write(`${back()}${CLEAR_TO_END}`);
      drawn = [];
    },
  };
}

/** Places of a line without its colours. */
function plainWidth(line: string): number {
  return widthOf(line.replace(/\u001b\[\d+m/g, ""));
}
