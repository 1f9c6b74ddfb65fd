import { arrayColumn } from "./array-column.ts";
import { ColumnBuilder } from "./column-builder.ts";
import type { EmptyMarks } from "../../compiler/words/cells.ts";
import type { DataFile } from "./files.ts";
import { firstOfArrays } from "./lengths.ts";
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
    const rows = rowsOfAll(file, read, troubles);
    const columns = new Map<string, Column>();
    const origin = { file: file.name, rows: null };
    for (const [name, array] of read)
      columns.set(name, array?.rows === rows ? columnOf(array, missing, origin) : emptyColumn(rows, origin));
    return { file: file.name, rows, columns, troubles: troubles.found };
  });
}

/** Of an array: how many rows it has, and the shape of a row's cell. */
export interface RowsOfCells {
  readonly rows: number;
  readonly cell: readonly number[];
}

interface NpzArray extends RowsOfCells {
  readonly header: NpyHeader;
  readonly elements: NpyElements;
}

async function readArray(access: RandomAccess, name: string, entry: ZipEntry): Promise<NpzArray> {
  const { file } = access;
  const bytes = await zipBytes(access, entry);
  const header = npyHeader(file, name, bytes);
  const elements = npyElements(file, name, header, bytes);
  return { header, elements, ...rowsOfCells(file, name, header) };
}

export function rowsOfCells(file: DataFile, name: string, { shape }: NpyHeader): RowsOfCells {
  if (shape.length === 0) throw unreadable(file, `${name} in it is a single value, not a row of them`);
  const [rows, ...cell] = shape;
  if (elementsOf(cell) === 0) throw unreadable(file, `${name} in it has cells without any element`);
  return { rows, cell };
}

/** How many rows the arrays of an archive have, null for those that cannot be read. */
export function rowsOfAll(file: DataFile, arrays: ReadonlyMap<string, RowsOfCells | null>, troubles: Troubles): number {
  const first = firstOfArrays(arrays, troubles, {
    name: (column, isFirst) => (isFirst ? `${column} of ${file.name}` : column),
    span: file.span,
    help: "arrays that are read together are columns of one table: leave those of other lengths in another file",
  });
  if (first !== null) return first.array.rows;
  throw unreadable(file, arrays.size === 0 ? "it holds no arrays" : "none of its arrays can be read");
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
