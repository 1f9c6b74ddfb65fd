import { arrayColumn } from "./array-column.ts";
import type { EmptyMarks } from "../../compiler/words/cells.ts";
import { isGzipped, readAll, readBytes } from "./files.ts";
import type { DataFile } from "./files.ts";
import { firstOfArrays } from "./lengths.ts";
import { elementsOf, emptyColumn } from "./table.ts";
import type { Column, NumberArray, Table } from "./table.ts";
import { Troubles } from "./troubles.ts";
import type { AskedColumns } from "./troubles.ts";
import { unreadable } from "./unreadable.ts";

/** Bytes of one element by the type byte of an IDX header: unsigned and signed bytes, shorts, ints, floats, doubles. */
const widths: ReadonlyMap<number, number> = new Map([
  [0x08, 1],
  [0x09, 1],
  [0x0b, 2],
  [0x0c, 4],
  [0x0d, 4],
  [0x0e, 8],
]);
const MOST_AXES = 8;

export interface IdxHeader {
  readonly type: number;
  readonly width: number;
  /** The first axis counts the rows. */
  readonly shape: readonly number[];
  readonly length: number;
}

/** The header of an IDX file: two zero bytes, a type, the number of axes, then each axis as a big-endian 32-bit number. */
function idxHeader(file: DataFile, bytes: Buffer): IdxHeader {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0)
    throw unreadable(
      file,
      "it is not an IDX file",
      isGzipped(file) || bytes[0] !== 0x1f ? undefined : "it is packed: its name must end in .gz",
    );
  const [, , type, axes] = bytes;
  const width = widths.get(type);
  if (width === undefined) throw unreadable(file, `its type 0x${type.toString(16).padStart(2, "0")} is unknown`);
  if (axes < 1 || axes > MOST_AXES) throw unreadable(file, `its header says that it has ${axes} axes`);
  const length = 4 + 4 * axes;
  if (bytes.length < length) throw unreadable(file, "it is cut off within its header");
  return { type, width, shape: Array.from({ length: axes }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis)), length };
}

/**
 * Arrays in IDX files, as MNIST has them, each a column under its name. All that are `asked` for must have equally many rows; what is
 * wrong with the others does not matter.
 */
export async function readIdx(
  files: ReadonlyMap<string, DataFile>,
  missing: EmptyMarks,
  asked?: AskedColumns,
): Promise<Table> {
  const troubles = new Troubles(asked);
  const read = new Map<string, IdxArray | null>();
  for (const [name, file] of files) {
    try {
      read.set(name, await readArray(file));
    } catch (error) {
      troubles.keep(name, error);
      read.set(name, null);
    }
  }
  const { array: first } = firstOfFiles(files, read, troubles);
  const columns = new Map<string, Column>();
  for (const [name, array] of read) {
    const origin = { file: files.get(name)?.name ?? name, rows: null };
    const isRead = array?.rows === first.rows;
    columns.set(
      name,
      isRead ? arrayColumn(array.values, array.cell, origin, missing) : emptyColumn(first.rows, origin),
    );
  }
  return { file: first.file.name, rows: first.rows, columns, troubles: troubles.found };
}

/** The heads of such files: how many rows they have, and the shapes of their cells, null for what cannot be read and nobody asks for. */
export async function readIdxShapes(
  files: ReadonlyMap<string, DataFile>,
  asked: AskedColumns,
): Promise<{
  readonly file: string;
  readonly rows: number;
  readonly shapes: ReadonlyMap<string, readonly number[] | null>;
}> {
  const troubles = new Troubles(asked);
  const read = new Map<string, IdxShape | null>();
  for (const [name, file] of files) {
    try {
      read.set(name, shapeOf(file, await readIdxHeader(file)));
    } catch (error) {
      troubles.keep(name, error);
      read.set(name, null);
    }
  }
  const { array: first } = firstOfFiles(files, read, troubles);
  const shapes = new Map([...read].map(([name, array]) => [name, array?.cell ?? null] as const));
  return { file: first.file.name, rows: first.rows, shapes };
}

interface IdxShape {
  readonly file: DataFile;
  readonly rows: number;
  /** Shape of a row's cell. */
  readonly cell: readonly number[];
}

interface IdxArray extends IdxShape {
  readonly values: NumberArray;
}

function firstOfFiles<A extends IdxShape>(
  files: ReadonlyMap<string, DataFile>,
  read: ReadonlyMap<string, A | null>,
  troubles: Troubles,
): { readonly array: A } {
  const [{ span } = { span: undefined }] = files.values();
  const first = firstOfArrays(read, troubles, { name: (column) => files.get(column)?.name ?? column, span });
  if (first !== null) return first;
  throw [...troubles.found.values()].at(0) ?? new Error("an idx source was expected to name a file");
}

function shapeOf(file: DataFile, { shape: [rows, ...cell] }: IdxHeader): IdxShape {
  if (elementsOf(cell) === 0) throw unreadable(file, "its cells have no elements");
  return { file, rows, cell };
}

async function readArray(file: DataFile): Promise<IdxArray> {
  const bytes = await readAll(file);
  const header = idxHeader(file, bytes);
  const { type, width, shape, length } = header;
  const wanted = elementsOf(shape) * width;
  const there = bytes.length - length;
  if (there !== wanted)
    throw unreadable(
      file,
      `${there < wanted ? "it is cut off" : "it is too long"}: ${wanted} bytes are promised, ${there} are there`,
    );
  return { ...shapeOf(file, header), values: numbers(bytes, length, type, wanted / width) };
}

/** The first bytes of an IDX file, enough for its header. */
async function readIdxHeader(file: DataFile): Promise<IdxHeader> {
  let head: Buffer = Buffer.alloc(0);
  for await (const piece of readBytes(file)) {
    head = Buffer.concat([head, piece]);
    if (head.length >= 4 + 4 * MOST_AXES) break;
  }
  return idxHeader(file, head);
}

/** The file's big-endian numbers in the byte order of this machine. */
function numbers(bytes: Buffer, offset: number, type: number, count: number): NumberArray {
  switch (type) {
    case 0x08:
      return Uint8Array.from(bytes.subarray(offset));
    case 0x09:
      return Int8Array.from({ length: count }, (_, i) => bytes.readInt8(offset + i));
    case 0x0b:
      return Int16Array.from({ length: count }, (_, i) => bytes.readInt16BE(offset + 2 * i));
    case 0x0c:
      return Int32Array.from({ length: count }, (_, i) => bytes.readInt32BE(offset + 4 * i));
    case 0x0d:
      return Float32Array.from({ length: count }, (_, i) => bytes.readFloatBE(offset + 4 * i));
    default:
      return Float64Array.from({ length: count }, (_, i) => bytes.readDoubleBE(offset + 8 * i));
  }
}
