import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { arrayColumn } from "./array-column.ts";
import { ColumnBuilder } from "./column-builder.ts";
import type { EmptyMarks } from "../../compiler/words/cells.ts";
import type { DataFile } from "./files.ts";
import { nestedWords } from "./nested.ts";
import { npyElements, npyHeader } from "./npy.ts";
import type { NpyElements, NpyHeader } from "./npy.ts";
import { withRandomAccess } from "./random-access.ts";
import type { RandomAccess } from "./random-access.ts";
import { elementsOf, emptyColumn } from "./table.ts";
import type { Column, Table } from "./table.ts";
import { zipBytes, zipEntries } from "./zip.ts";
import type { ZipEntry } from "./zip.ts";
import { Troubles } from "./troubles.ts";
import type { AskedColumns } from "./troubles.ts";
import { unreadable } from "./unreadable.ts";

/**
 * Named arrays as NumPy's `savez` writes them, each a column: its first axis counts the rows. Packed ones too. What is wrong with
 * arrays that are not `asked` for does not matter.
 */
export function readNpz(file: DataFile, missing: EmptyMarks, asked?: AskedColumns): Promise<Table> {
  return withRandomAccess(file, async (access) => {
    const troubles = new Troubles(asked);
    const read = new Map<string, NpzArray | null>();
    for (const { name, entry } of await arraysOf(access, troubles)) {
      try {
        read.set(name, await readArray(access, name, entry));
      } catch (error) {
        troubles.keep(name, error);
        read.set(name, null);
      }
    }
    const arrays = [...read].flatMap(([name, array]) => (array === null ? [] : [{ name, ...array }]));
    const first = arrays.find(({ name }) => troubles.isAsked(name)) ?? arrays.at(0);
    if (first === undefined)
      throw read.size === 0
        ? unreadable(file, "it holds no arrays")
        : unreadable(file, "none of its arrays can be read");
    const { rows } = first;
    const columns = new Map<string, Column>();
    const origin = { file: file.name, rows: null };
    for (const [name, array] of read) {
      if (array?.rows === rows) columns.set(name, columnOf(array, missing, origin));
      else columns.set(name, emptyColumn(rows, origin));
      if (array === null || array.rows === rows) continue;
      const holes = { first: `${first.name} of ${file.name}`, rows, second: name, others: array.rows };
      const help =
        "arrays that are read together are columns of one table: leave those of other lengths in another file";
      troubles.keep(name, new DiagnosticError([report(data.unequalLengths, holes, { span: file.span, help })]));
    }
    return { file: file.name, rows, columns, troubles: troubles.found };
  });
}

interface NpzArray {
  readonly header: NpyHeader;
  readonly elements: NpyElements;
  readonly rows: number;
  /** Shape of a row's cell. */
  readonly cell: readonly number[];
}

async function readArray(access: RandomAccess, name: string, entry: ZipEntry): Promise<NpzArray> {
  const { file } = access;
  const bytes = await zipBytes(access, entry);
  const header = npyHeader(file, name, bytes);
  const elements = npyElements(file, name, header, bytes);
  if (header.shape.length === 0) throw unreadable(file, `${name} in it is a single value, not a row of them`);
  const [rows, ...cell] = header.shape;
  if (elementsOf(cell) === 0) throw unreadable(file, `${name} in it has cells without any element`);
  return { header, elements, rows, cell };
}

function columnOf({ header, elements, cell }: NpzArray, missing: EmptyMarks, origin: Column["origin"]): Column {
  if (elements.kind === "texts") return textColumn(elements.values, cell, missing, origin);
  return header.type === "b1" && cell.length === 0
    ? textColumn(Array.from(elements.values, truth), [], missing, origin)
    : arrayColumn(elements.values, cell, origin, missing);
}

/** The archive's arrays by name, `.npy` left out; of two of one name the first. */
export async function arraysOf(
  access: RandomAccess,
  troubles: Troubles,
): Promise<readonly { name: string; entry: ZipEntry }[]> {
  const arrays = new Map<string, ZipEntry>();
  for (const entry of await zipEntries(access)) {
    const name = entry.name.replace(/\.npy$/, "");
    if (arrays.has(name)) troubles.keep(name, unreadable(access.file, `two arrays are called "${name}"`));
    else arrays.set(name, entry);
  }
  return [...arrays].map(([name, entry]) => ({ name, entry }));
}

/** Single truths are the words that they are in other files. */
function truth(value: number): string {
  return value === 0 ? "false" : "true";
}

function textColumn(
  values: readonly string[],
  cell: readonly number[],
  missing: EmptyMarks,
  origin: Column["origin"],
): Column {
  const builder = new ColumnBuilder(missing);
  const width = elementsOf(cell);
  for (let i = 0; i < values.length; i += width)
    if (cell.length === 0) builder.text(values[i]);
    else if (cell.length === 1) builder.list(values.slice(i, i + width));
    else builder.nested(nestedWords(values.slice(i, i + width), cell), "words in lists of lists");
  return builder.finish(origin);
}
