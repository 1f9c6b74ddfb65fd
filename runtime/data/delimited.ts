import type { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { ColumnBuilder } from "./column-builder.ts";
import type { Missing } from "./column-builder.ts";
import { decodeText, readBytes } from "./files.ts";
import type { DataFile } from "./files.ts";
import { Records } from "./records.ts";
import type { Column, Table } from "./table.ts";
import { unreadable } from "./unreadable.ts";

/**
 * Tables of comma- or tab-separated values (RFC 4180): the first row names the columns, quoted cells may hold delimiters
 * and line ends, `""` in them is one quote. Lines that are wholly empty are passed over. The file is read in pieces and each
 * cell goes straight into its column, so no text of it is kept.
 */
export async function readDelimited(
  file: DataFile,
  delimiter: "," | "\t",
  missing: Missing,
  most = Infinity,
): Promise<Table> {
  const records = new Records(delimiter.charCodeAt(0));
  let names: readonly string[] | null = null;
  const columns: ColumnBuilder[] = [];
  let rows = 0;

  /** Separators in the record, where it is one by ours; a name in quotes is one name. */
  const others = (): readonly number[] => {
    const line = records.bytes.subarray(records.starts[0], records.ends[records.fields - 1]);
    return separators.map(({ mark }) =>
      mark === delimiter ? 0 : line.filter((byte) => byte === mark.charCodeAt(0)).length,
    );
  };
  let inHeader: readonly number[] = [];
  /** One name that holds as many marks of another separator as the first row does is a header of several names. */
  const checkSeparator = (): void => {
    const at = inHeader.findIndex((count, k) => count > 0 && others()[k] === count);
    if (at >= 0) throw otherSeparator(file, separators[at], delimiter);
  };
  const decode = (field: number): string => {
    const text = records.text(field);
    // A character that stands for bytes which are no UTF-8, unless the file itself holds it.
    if (text.includes("\u{fffd}")) decodeText(file, records.raw(field), ` in line ${records.line}`);
    return text;
  };
  const take = (): void => {
    if (names === null) {
      names = header(
        file,
        Array.from({ length: records.fields }, (_, i) => decode(i).trim()),
      );
      for (const _ of names) columns.push(new ColumnBuilder(missing));
      if (records.fields === 1 && !records.isQuoted(0)) inHeader = others();
      return;
    }
    if (rows === 0) checkSeparator();
    if (records.fields !== names.length)
      throw unreadable(
        file,
        `row ${rows + 1} (line ${records.line}) has ${cells(records.fields)}, the header has ${names.length}`,
        "a cell that holds the delimiter stands in double quotes",
      );
    for (let i = 0; i < columns.length; i++) {
      if (records.isQuoted(i)) columns[i].text(decode(i));
      else columns[i].bytes(records.bytes, records.starts[i], records.ends[i], () => decode(i));
    }
    rows++;
  };
  const takeAll = (last: boolean): void => {
    while (rows < most && records.next(last)) take();
    if (records.problem !== null) throw unreadable(file, `line ${records.line}: ${records.problem}`);
  };

  let first = true;
  for await (const piece of readBytes(file)) {
    if (first) decodeText(file, piece.subarray(0, 0));
    records.append(first ? withoutMark(file, piece) : piece);
    first = false;
    takeAll(false);
    if (rows >= most) break;
  }
  takeAll(true);
  if (names === null) throw unreadable(file, "it is empty");
  return { file: file.name, rows, columns: named(file, names, columns) };
}

interface Separator {
  readonly mark: string;
  readonly said: string;
  /** The source that reads files that it separates. */
  readonly word: "csv" | "tsv" | null;
}

const separators: readonly Separator[] = [
  { mark: ",", said: "commas", word: "csv" },
  { mark: "\t", said: "tabs", word: "tsv" },
  { mark: ";", said: "semicolons", word: null },
  { mark: "|", said: "bars", word: null },
];

function otherSeparator(file: DataFile, { said, word }: Separator, delimiter: string): DiagnosticError {
  const ours = separators.find(({ mark }) => mark === delimiter)?.said ?? "";
  const save = "save it with commas (`csv`) or tabs (`tsv`) between its cells, and with points in its numbers";
  const read = file.span ? `read it by \`${word}(…)\`` : `give it a name that ends in .${word}`;
  return unreadable(file, `${said} separate its columns, not ${ours}`, word === null ? save : read);
}

/** Without a byte-order mark. */
function withoutMark(file: DataFile, piece: Buffer): Buffer {
  if (piece.length >= 2 && piece[0] + piece[1] === 0xff + 0xfe) decodeText(file, piece.subarray(0, 2));
  return piece.length >= 3 && piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf ? piece.subarray(3) : piece;
}

function cells(count: number): string {
  return `${count} ${count === 1 ? "cell" : "cells"}`;
}

function header(file: DataFile, names: readonly string[]): readonly string[] {
  const doubled = names.find((name, i) => name !== "" && names.indexOf(name) < i);
  if (doubled !== undefined) throw unreadable(file, `two columns are called "${doubled}"`);
  return names;
}

/** A column without a name (an index that a program wrote) cannot be asked for, and is left out. */
function named(file: DataFile, names: readonly string[], columns: readonly ColumnBuilder[]): Map<string, Column> {
  const origin = { file: file.name, rows: null };
  const table = new Map<string, Column>();
  names.forEach((name, i) => {
    if (name !== "") table.set(name, columns[i].finish(origin));
  });
  return table;
}
