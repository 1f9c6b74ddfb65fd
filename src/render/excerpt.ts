import { lettersOf, widthOf } from "../../compiler/prose/width.ts";
import { wrap } from "../../compiler/prose/wrap.ts";
import { shown } from "./shown.ts";

/** A stretch of a line of a file, in UTF-16 units from 0, and what is said of it. */
export interface LineMark {
  readonly from: number;
  readonly to: number;
  /** `^` or `-`, which it is underlined with. */
  readonly sign: string;
  readonly note: string;
  paint(text: string): string;
}

/** A note beside its mark has at least this much room and takes few lines, or it goes below. */
const NOTE = 24;
const MOST_LINES = 3;

/**
 * A line of a file with marks under it, each with its note. On a terminal a line that is too long is cut to what is around its
 * marks; where they lie too far apart it is shown anew. `lead` begins the line, `under` those below
 * it; both take `width` places.
 */
export function excerpt(
  text: string,
  marks: readonly LineMark[],
  { lead, under, width }: { readonly lead: string; readonly under: string; readonly width: number },
  columns: number | null,
): string[] {
  const show = (part: string): string =>
    columns === null ? shown(part, "\t") : shown(part.replaceAll("\t", " ".repeat(4)));
  const room = columns === null ? null : Math.max(10, columns - width - 1);
  const out: string[] = [];
  let window: Window | null = null;
  for (const { from, to, sign, note, paint } of marks) {
    const before = show(text.slice(0, from));
    const start = widthOf(before);
    const length = Math.max(1, widthOf(show(text.slice(from, to))));
    if (window === null || !isWithin(window, start)) {
      window = windowAround(show(text), start, length, room);
      out.push(`${lead} ${window.text}`.trimEnd());
    }
    const visible = Math.min(length, window.end - start);
    const indent = columns === null ? blankOf(before) : " ".repeat(start - window.begin);
    for (const line of noted(sign.repeat(Math.max(1, visible)), note, indent, room))
      out.push(`${under} ${line.indent}${paint(line.text)}`);
  }
  return out;
}

/** Tabs are kept, so that what stands below is under what it belongs to. */
function blankOf(text: string): string {
  return text
    .split("\t")
    .map((part) => " ".repeat(widthOf(part)))
    .join("\t");
}

/** The part of a line that is seen: its text, and its places from `begin` up to `end`. */
interface Window {
  readonly text: string;
  readonly begin: number;
  readonly end: number;
}

function isWithin({ begin, end }: Window, start: number): boolean {
  return start >= begin && start < end;
}

function windowAround(text: string, start: number, length: number, room: number | null): Window {
  const whole = room === null ? 0 : widthOf(text);
  if (room === null || whole <= room) return { text, begin: 0, end: Infinity };
  const begin =
    start + Math.min(length, room / 2) < room ? 0 : Math.max(0, Math.min(start - (room >> 2), whole - room));
  const end = begin + room;
  const first = begin > 0 ? begin + 1 : 0;
  const last = end < whole ? end - 1 : end;
  let place = 0;
  let seen = "";
  for (const letter of lettersOf(text)) {
    const next = place + widthOf(letter);
    if (place >= first && next <= last) seen += " ".repeat(seen === "" ? place - first : 0) + letter;
    place = next;
  }
  return { text: `${begin > 0 ? "…" : ""}${seen}${end < whole ? "…" : ""}`, begin, end: last };
}

/** The marks with their note: beside them, or below where that leaves too little room. */
function noted(
  signs: string,
  note: string,
  indent: string,
  room: number | null,
): { readonly indent: string; readonly text: string }[] {
  if (note === "") return [{ indent, text: signs }];
  const text = shown(note);
  if (room === null) return [{ indent, text: `${signs} ${text}` }];
  const beside = room - indent.length - signs.length - 1;
  if (widthOf(text) <= beside || (beside >= NOTE && widthOf(text) <= MOST_LINES * beside)) {
    const [first, ...rest] = wrap(text, beside).split("\n");
    const further = " ".repeat(indent.length + signs.length + 1);
    return [{ indent, text: `${signs} ${first}` }, ...rest.map((line) => ({ indent: further, text: line }))];
  }
  const below = " ".repeat(Math.max(0, Math.min(indent.length, room - widthOf(text))));
  const lines = wrap(text, room - below.length).split("\n");
  return [{ indent, text: signs }, ...lines.map((line) => ({ indent: below, text: line }))];
}
