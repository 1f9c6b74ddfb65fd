import { lacksHeader } from "../../compiler/check/tables/names.ts";
import { numeralIn } from "../../compiler/words/cells.ts";
import { ColumnBuilder } from "./column-builder.ts";
import type { EmptyMarks } from "../../compiler/words/cells.ts";
import type { DataFile } from "./files.ts";
import { isGarbled } from "./garbled.ts";
import { looseText } from "./loose-text.ts";
import { Records } from "./records.ts";
import { checkFirstLines, separatorLine } from "./separators.ts";
import type { Column, Table } from "./table.ts";
import { readTextBytes } from "./text-bytes.ts";
import { Troubles } from "./troubles.ts";
import type { AskedColumns } from "./troubles.ts";
import { unreadable } from "./unreadable.ts";

/** What stands between cells and before decimals. */
export interface CellMarks {
  /** One letter of ASCII. */
  readonly separator: string;
  /** A point where absent. */
  readonly decimal?: string;
}

/**
 * Tables of comma- or tab-separated values (RFC 4180): the first row names the columns, quoted cells may hold delimiters
 * and line ends, `""` in them is one quote. Lines that are wholly empty are passed over. The file is read in pieces and each
 * cell goes straight into its column, so no text of it is kept. What is wrong with columns that are not `asked` for does not matter.
 */
export async function readDelimited(
  file: DataFile,
  { separator: delimiter, decimal = "." }: CellMarks,
  missing: EmptyMarks,
  most = Infinity,
  asked?: AskedColumns,
): Promise<Table> {
  const records = new Records(delimiter.charCodeAt(0));
  let names: readonly string[] | null = null;
  let heading: Buffer | null = null;
  const columns: ColumnBuilder[] = [];
  const troubles = new Troubles(asked);
  let rows = 0;

  const decode = (field: number): string => {
    const text = records.text(field);
    if (!isGarbled(text)) return text;
    // The file itself may hold the letter that stands for bytes which are no UTF-8.
    const { problem } = looseText(file, records.raw(field), ` in line ${records.line}`);
    if (problem !== null) troubles.keep(names?.[field] ?? text.trim(), problem);
    return text;
  };
  const withPoint = (text: string, field: number): string => {
    const trimmed = text.trim();
    if (trimmed.includes(decimal)) {
      const point = trimmed.includes(".") ? trimmed : trimmed.replace(decimal, ".");
      return numeralIn(point) === null ? text : point;
    }
    if (!trimmed.includes(".") || numeralIn(trimmed) === null) return text;
    const name = names?.[field] ?? "";
    const problem = `row ${rows + 1}, column "${name}": ${trimmed} has a point, but \`decimal: "${decimal}"\` is what it is told of`;
    troubles.keep(name, unreadable(file, problem, "write all numbers alike"));
    return text;
  };
  const take = (): void => {
    if (names === null) {
      if (
        separatorLine(records.bytes.toString("utf8", records.starts[0], records.ends[records.fields - 1])) === delimiter
      )
        return;
      names = header(
        file,
        Array.from({ length: records.fields }, (_, i) => decode(i).trim()),
        troubles,
      );
      for (const _ of names) columns.push(new ColumnBuilder(missing));
      // Cells of a single column may well be called as the column is.
      if (names.length > 1) heading = Buffer.from(records.all());
      return;
    }
    if (heading?.equals(records.all()))
      throw unreadable(
        file,
        `row ${rows + 1} (line ${records.line}) is the header once more`,
        "take the line away: the columns are named in the first line alone",
      );
    if (records.fields !== names.length)
      throw unreadable(
        file,
        `row ${rows + 1} (line ${records.line}) has ${cells(records.fields)}, the header has ${names.length}`,
        records.fields === names.length + 1 && rows === 0
          ? "a cell that holds the delimiter stands in double quotes; a column of row names needs a name too"
          : "a cell that holds the delimiter stands in double quotes",
      );
    for (let i = 0; i < columns.length; i++) {
      if (decimal !== ".") columns[i].text(withPoint(decode(i), i));
      else if (records.isQuoted(i)) columns[i].text(decode(i));
      else columns[i].bytes(records.bytes, records.starts[i], records.ends[i], () => decode(i));
    }
    rows++;
  };
  const takeAll = (last: boolean): void => {
    while (rows < most && records.next(last)) take();
    if (records.problem !== null) throw unreadable(file, `line ${records.line}: ${records.problem}`);
  };

  let first = true;
  for await (const piece of readTextBytes(file)) {
    if (first) checkFirstLines(file, piece, delimiter);
    first = false;
    records.append(piece);
    takeAll(false);
    if (rows >= most) break;
  }
  takeAll(true);
  if (names === null) throw unreadable(file, "it is empty");
  return { file: file.name, rows, columns: named(file, names, columns), troubles: troubles.found };
}

function cells(count: number): string {
  return `${count} ${count === 1 ? "cell" : "cells"}`;
}

function header(file: DataFile, names: readonly string[], troubles: Troubles): readonly string[] {
  const row = lacksHeader(names);
  names.forEach((name, i) => {
    if (name === "" || names.indexOf(name) === i) return;
    const doubled = unreadable(
      file,
      `two columns are called "${name}"`,
      row ?? "give one of them another name in the first line",
    );
    if (row !== undefined && !troubles.hasAll(names)) throw doubled;
    troubles.keep(name, doubled);
  });
  return names;
}

/** A column without a name (an index that a program wrote) cannot be asked for, and is left out; of two of one name the second. */
function named(file: DataFile, names: readonly string[], columns: readonly ColumnBuilder[]): Map<string, Column> {
  const origin = { file: file.name, rows: null };
  const table = new Map<string, Column>();
  names.forEach((name, i) => {
    if (name !== "" && !table.has(name)) table.set(name, columns[i].finish(origin));
  });
  return table;
}
