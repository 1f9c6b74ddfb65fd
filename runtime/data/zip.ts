import { grouped } from "../../compiler/prose/numbers.ts";
import { constants, createInflateRaw, inflateRawSync } from "node:zlib";
import { crc32 } from "./crc32.ts";
import { MOST_BYTES, type DataFile } from "./files.ts";
import type { RandomAccess } from "./random-access.ts";
import { readBy } from "./text-bytes.ts";
import { unreadable } from "./unreadable.ts";

/** An entry of a zip archive, as the central directory describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly method: "stored" | "deflated";
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Where its local header begins. */
  readonly offset: number;
  /** Why it cannot be unpacked. */
  readonly problem?: string;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_LENGTH = 22;
const MOST_COMMENT = 0xffff;
/** No packed stream unpacks to more than this many times its length. */
const MOST_INFLATION = 1032;

/** The source that reads a file of such a name. */
function helpByName(file: DataFile): string | undefined {
  const [, word] = /\.(csv|tsv|json|jsonl)(?:\.gz)?$/i.exec(file.name) ?? [];
  return word === undefined || !file.span ? undefined : readBy(file, word.toLowerCase());
}

/** The archive's entries (PKWARE APPNOTE 6.3, with its 64-bit extension). An entry whose size cannot be true has a problem. */
export async function zipEntries(access: RandomAccess): Promise<readonly ZipEntry[]> {
  const { file, size } = access;
  const tailLength = Math.min(size, END_LENGTH + MOST_COMMENT);
  const tail = await access.read(size - tailLength, tailLength);
  let end = tail.length - END_LENGTH;
  while (end >= 0 && tail.readUInt32LE(end) !== END) end--;
  if (end < 0) throw unreadable(file, "it is no zip archive, or it is cut off", helpByName(file));
  let count = tail.readUInt16LE(end + 10);
  let length = tail.readUInt32LE(end + 12);
  let start = tail.readUInt32LE(end + 16);
  if (end >= 20 && tail.readUInt32LE(end - 20) === LOCATOR_64) {
    const record = await access.read(whole(file, tail.readBigUInt64LE(end - 20 + 8)), 56);
    if (record.readUInt32LE(0) !== END_64) throw unreadable(file, "its directory is garbled");
    count = whole(file, record.readBigUInt64LE(32));
    length = whole(file, record.readBigUInt64LE(40));
    start = whole(file, record.readBigUInt64LE(48));
  }
  const directory = await access.read(start, length);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== CENTRAL)
      throw unreadable(file, "its directory is garbled");
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field));
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > directory.length) throw unreadable(file, "its directory is garbled");
    entries.push(entryOf(access, directory, at, nameLength, extraLength));
    at = next;
  }
  return entries;
}

function entryOf(
  { file, size }: RandomAccess,
  directory: Buffer,
  at: number,
  nameLength: number,
  extraLength: number,
): ZipEntry {
  const flags = directory.readUInt16LE(at + 8);
  const method = directory.readUInt16LE(at + 10);
  const name = directory.toString("utf8", at + 46, at + 46 + nameLength);
  let packed = directory.readUInt32LE(at + 20);
  let unpacked = directory.readUInt32LE(at + 24);
  let offset = directory.readUInt32LE(at + 42);
  const extraEnd = at + 46 + nameLength + extraLength;
  for (let extra = at + 46 + nameLength; extra + 4 <= extraEnd; extra += 4 + directory.readUInt16LE(extra + 2)) {
    if (directory.readUInt16LE(extra) !== 1) continue;
    let field = extra + 4;
    const long = (value: number): number => {
      if (value !== 0xffffffff) return value;
      if (field + 8 > extraEnd) throw unreadable(file, "its directory is garbled");
      field += 8;
      return whole(file, directory.readBigUInt64LE(field - 8));
    };
    unpacked = long(unpacked);
    packed = long(packed);
    offset = long(offset);
  }
  const problem = problemOf();
  if (problem !== undefined) return { name, method: "stored", crc: 0, packed: 0, size: 0, offset: 0, problem };
  const crc = directory.readUInt32LE(at + 16);
  return { name, method: method === 0 ? "stored" : "deflated", crc, packed, size: unpacked, offset };

  function problemOf(): string | undefined {
    if ((flags & 1) !== 0) return `${name} in it is encrypted`;
    if (method !== 0 && method !== 8) return `${name} in it is packed in an unknown way (${method})`;
    const lies = offset + packed > size || (method === 0 ? unpacked !== packed : unpacked > packed * MOST_INFLATION);
    return lies ? `its directory says that ${name} has ${unpacked} bytes, which cannot be` : undefined;
  }
}

function whole(file: DataFile, value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw unreadable(file, "its directory is garbled");
  return Number(value);
}

/** Where an entry's own bytes begin. Its local header must name the same entry as the directory does. */
async function bodyOf(access: RandomAccess, { name, offset, problem }: ZipEntry): Promise<number> {
  if (problem !== undefined) throw unreadable(access.file, problem);
  const refuse = () => unreadable(access.file, `${name} in it is not where its directory says`);
  const header = await access.read(offset, 30);
  if (header.readUInt32LE(0) !== LOCAL) throw refuse();
  const nameLength = header.readUInt16LE(26);
  const named = await access.read(offset + 30, nameLength);
  if (named.toString("utf8") !== name) throw refuse();
  return offset + 30 + nameLength + header.readUInt16LE(28);
}

/** An entry's bytes, unpacked and compared with their checksum. */
export async function zipBytes(access: RandomAccess, entry: ZipEntry): Promise<Buffer> {
  if (entry.size > MOST_BYTES)
    throw unreadable(access.file, `${entry.name} in it has ${grouped(entry.size)} bytes, more than are held at once`);
  const packed = await access.read(await bodyOf(access, entry), entry.packed);
  const bytes = entry.method === "stored" ? packed : inflate(access.file, entry, packed);
  if (bytes.length !== entry.size || crc32(bytes) !== entry.crc)
    throw unreadable(access.file, `${entry.name} in it is garbled`);
  return bytes;
}

function inflate(file: DataFile, { name, size }: ZipEntry, packed: Buffer): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
  } catch {
    throw unreadable(file, `${name} in it is garbled`);
  }
}

/** An entry's first bytes, as many as there are up to `length`, and no more unpacked; not compared with any checksum. */
export async function zipHead(access: RandomAccess, entry: ZipEntry, length: number): Promise<Buffer> {
  const packed = await access.read(await bodyOf(access, entry), Math.min(entry.packed, 4 * length));
  if (entry.method === "stored") return packed.subarray(0, length);
  // The stream is cut off on purpose: it must not mind.
  const inflating = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: length });
  inflating.end(packed);
  const pieces: Buffer[] = [];
  let found = 0;
  try {
    for await (const piece of inflating) {
      if (Buffer.isBuffer(piece)) found += pieces[pieces.push(piece) - 1].length;
      if (found >= length) break;
    }
    return Buffer.concat(pieces, Math.min(found, length));
  } catch {
    throw unreadable(access.file, `${entry.name} in it is garbled`);
  }
}
