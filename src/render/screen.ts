import { paintFor, type Paint } from "./colour.ts";

/** Where output goes: how wide it is, and in which colours it may be written. */
export interface Screen {
  /** Places of a line; null where the output is no terminal, and lines are as long as they are. */
  readonly columns: number | null;
  readonly paint: Paint;
}

export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Nothing is laid out for fewer columns. */
const NARROWEST = 30;
/** Of a terminal that does not tell. */
const USUAL = 80;

export function screenOf(stream: Stream): Screen {
  return { columns: columnsOf(stream), paint: paintFor(stream) };
}

export function columnsOf({ isTTY, columns }: Stream): number | null {
  return isTTY === true ? Math.max(NARROWEST, columns || USUAL) : null;
}
