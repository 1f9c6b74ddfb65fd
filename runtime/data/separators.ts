import type { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import type { DataFile } from "./files.ts";
import { readBy } from "./text-bytes.ts";
import { unreadable } from "./unreadable.ts";

/** What the first two lines of a table tell of it, before any of its cells is read. */

interface Separator {
  readonly mark: string;
  readonly said: string;
  /** The source that reads files that it separates without being told. */
  readonly word: "csv" | "tsv" | null;
}

const separators: readonly Separator[] = [
  { mark: ",", said: "commas", word: "csv" },
  { mark: "\t", said: "tabs", word: "tsv" },
  { mark: ";", said: "semicolons", word: null },
  { mark: "|", said: "bars", word: null },
];

interface Line {
  /** Marks of each separator outside of quotes. */
  readonly counts: readonly number[];
  readonly text: string;
}

/** What `sep=;`, as Excel writes it, says in a first line; null elsewhere. */
export function separatorLine(line: string): string | null {
  return /^\s*"?sep=(.)"?\s*$/is.exec(line)?.[1] ?? null;
}

/** Throws where the first two lines show that something else separates the columns, or that the first is no header. */
export function checkFirstLines(file: DataFile, bytes: Buffer, separator: string): void {
  const [first, second] = firstLines(bytes);
  if (first === undefined) return;
  const json = jsonIn(first.text, second?.text);
  if (json !== null) throw unreadable(file, "it is JSON", readBy(file, json));
  const told = separatorLine(first.text);
  if (told !== null) {
    if (told === separator) return;
    throw otherSeparator(file, told, separator, ", as its first line says", hasDecimalCommas(bytes, told));
  }
  if (second === undefined) return;
  const ours = countOf(first, separator);
  const agreed = separators.find(
    ({ mark }, k) => mark !== separator && first.counts[k] > 0 && first.counts[k] === second.counts[k],
  );
  if (agreed !== undefined && (ours === 0 || ours !== countOf(second, separator)))
    throw otherSeparator(file, agreed.mark, separator, "", hasDecimalCommas(bytes, agreed.mark));
  const above = "the first line names the columns: take away what stands above them";
  if (ours === 0 && countOf(second, separator) > 0)
    throw unreadable(
      file,
      `line 1 is no header: it has 1 cell, the next line has ${countOf(second, separator) + 1}`,
      above,
    );
  if (isTitle(first, separator) && !isTitle(second, separator))
    throw unreadable(file, `line 1 is no header: only the first of its ${ours + 1} cells holds anything`, above);
}

/** Whether a line of three cells or more holds something in the first alone, as a spreadsheet writes a title above its table. */
function isTitle({ text }: Line, separator: string): boolean {
  const [first, ...others] = text.replace(/"[^"]*"/g, (cell) => (cell === '""' ? "" : "x")).split(separator);
  return others.length > 1 && first.trim() !== "" && others.every((cell) => cell.trim() === "");
}

/** The source that reads lines of JSON; null where they are none. */
function jsonIn(first: string, second = ""): "json" | "jsonl" | null {
  if (/^\s*\[\s*(?:\{|$)/.test(first)) return "json";
  if (!/^\s*\{\s*(?:"|\}|$)/.test(first)) return null;
  return /\}\s*$/.test(first) && /^\s*(?:\{|$)/.test(second) ? "jsonl" : "json";
}

function countOf({ counts, text }: Line, separator: string): number {
  const at = separators.findIndex(({ mark }) => mark === separator);
  return at >= 0 ? counts[at] : [...text].filter((letter) => letter === separator).length;
}

/** `commas`: numbers have them before their decimals. */
function otherSeparator(
  file: DataFile,
  mark: string,
  separator: string,
  why: string,
  commas: boolean,
): DiagnosticError {
  const row = separators.find((each) => each.mark === mark);
  const saidOf = (one: string): string =>
    separators.find((each) => each.mark === one)?.said ?? `marks such as ${JSON.stringify(one)}`;
  return unreadable(file, `${saidOf(mark)} separate its columns, not ${saidOf(separator)}${why}`, help());

  function help(): string {
    const isOwn = separator === "," || separator === "\t";
    if (row?.word && isOwn) return readBy(file, row.word);
    if (file.span) {
      if (row?.word === "csv") return "leave `separator` out";
      const settings = `separator: ${JSON.stringify(mark)}${commas ? ', decimal: ","' : ""}`;
      return separator === "\t" ? `read it by \`csv(…, ${settings})\`` : `write \`${settings}\` behind its name`;
    }
    return `save it with ${saidOf(separator)} between its cells, and its numbers as those of the training rows are`;
  }
}

/** Whether a cell among the first ones is a number with a comma before its decimals. */
function hasDecimalCommas(bytes: Buffer, separator: string): boolean {
  const cells = bytes
    .toString("utf8", 0, MOST_CELLS)
    .split(/[\r\n]+/, 32)
    .flatMap((line) => line.split(separator));
  return separator !== "," && cells.some((cell) => /^\s*"?-?\d+,\d+"?\s*$/.test(cell));
}
const MOST_CELLS = 1 << 13;

const QUOTE = 34;
const [NEWLINE, RETURN] = [10, 13];
/** Bytes that are looked at. */
const MOST = 1 << 18;

/** The first two lines that are not empty, as far as they are there whole. */
function firstLines(bytes: Buffer): readonly Line[] {
  const lines: Line[] = [];
  const length = Math.min(bytes.length, MOST);
  let counts = separators.map(() => 0);
  let start = 0;
  let quoted = false;
  for (let at = 0; at <= length && lines.length < 2; at++) {
    const byte = at < length ? bytes[at] : NEWLINE;
    // A quote within a cell that did not begin with one is a letter.
    if (byte === QUOTE && (quoted || isStart(bytes, start, at))) quoted = !quoted;
    if (quoted && at < length) continue;
    if (byte !== NEWLINE && byte !== RETURN) {
      separators.forEach(({ mark }, k) => {
        if (byte === mark.charCodeAt(0)) counts[k]++;
      });
      continue;
    }
    if (at > start && (at < length || bytes.length <= MOST))
      lines.push({ counts, text: bytes.toString("utf8", start, at) });
    counts = separators.map(() => 0);
    start = at + 1;
  }
  return lines;
}

/** Whether a cell begins at this place of a line, whatever separates them. */
function isStart(bytes: Buffer, start: number, at: number): boolean {
  const before = bytes[at - 1];
  return at === start || before === QUOTE || separators.some(({ mark }) => before === mark.charCodeAt(0));
}
