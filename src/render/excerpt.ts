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

/** Of a line longer than this only what is near its marks is shown, wherever that goes: this much before and behind. */
const LONGEST_LINE = 1000;
const BEFORE = 200;
const BEHIND = 600;

/** A note beside its mark has at least this much room and takes few lines, or it goes below. */
const NOTE = 24;
const MOST_LINES = 3;

/**
 * A line of a file with marks under it, each with its note. On a terminal a line that is too long is cut to what is around its
 * marks; where they lie too far apart it is shown anew.
 */
export function excerpt(text: string, marks: readonly LineMark[], margin: Margin, columns: number | null): string[] {
  return stretchesOf(text, marks).flatMap((stretch) => excerptOf(stretch.text, stretch.marks, margin, columns));
}

/** What stands before a line and before those below it; both take `width` places. */
interface Margin {
  readonly lead: string;
  readonly under: string;
  readonly width: number;
}

/** Parts of a line with the marks in them, which come by where they begin: a line of common length is one part. */
function stretchesOf(
  text: string,
  marks: readonly LineMark[],
): readonly { readonly text: string; readonly marks: readonly LineMark[] }[] {
  if (text.length <= LONGEST_LINE) return [{ text, marks }];
  const stretches: { text: string; from: number; to: number; marks: LineMark[] }[] = [];
  for (const mark of marks) {
    let stretch = stretches.at(-1);
    if (stretch === undefined || mark.from >= stretch.to) {
      const [from, to] = [wholeAt(text, mark.from - BEFORE), wholeAt(text, mark.from + BEHIND)];
      const part = `${from > 0 ? "…" : ""}${text.slice(from, to)}${to < text.length ? "…" : ""}`;
      stretch = { text: part, from: from > 0 ? from - 1 : 0, to, marks: [] };
      stretches.push(stretch);
    }
    const { from, to } = stretch;
    stretch.marks.push({ ...mark, from: mark.from - from, to: Math.min(mark.to, to) - from });
  }
  return stretches;
}

/** The place, or the one before where it would part a letter. */
function wholeAt(text: string, place: number): number {
  if (place <= 0) return 0;
  return place < text.length && /[\udc00-\udfff]/.test(text[place]) ? place - 1 : Math.min(place, text.length);
}

function excerptOf(
  text: string,
  marks: readonly LineMark[],
  { lead, under, width }: Margin,
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
