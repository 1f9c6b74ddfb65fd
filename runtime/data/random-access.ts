import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { isGzipped, readAll } from "./files.ts";
import type { DataFile } from "./files.ts";
import { unreadable } from "./unreadable.ts";

/** A file whose bytes are asked for by place. */
export interface RandomAccess {
  readonly file: DataFile;
  readonly size: number;
  /** Exactly these bytes; a diagnostic where the file does not have them. */
  read(start: number, length: number): Promise<Buffer>;
}

/** Opens the file while `work` goes on. What is packed as `.gz` is unpacked into memory first. */
export async function withRandomAccess<Result>(
  file: DataFile,
  work: (access: RandomAccess) => Promise<Result>,
): Promise<Result> {
  const cutOff = (start: number, length: number, size: number): void => {
    if (start < 0 || length < 0 || start + length > size) throw unreadable(file, "it is cut off");
  };
  if (isGzipped(file) || file.bytes !== undefined) {
    const bytes = await readAll(file);
    const read = async (start: number, length: number): Promise<Buffer> => {
      cutOff(start, length, bytes.length);
      return bytes.subarray(start, start + length);
    };
    return work({ file, size: bytes.length, read });
  }
  const handle = await open(file.path).catch((error: unknown) => {
    throw unreadable(file, error instanceof Error ? error.message : String(error));
  });
  try {
    const { size } = await handle.stat();
    const read = async (start: number, length: number): Promise<Buffer> => {
      cutOff(start, length, size);
      return readExactly(handle, file, start, length);
    };
    return await work({ file, size, read });
  } finally {
    await handle.close();
  }
}

async function readExactly(handle: FileHandle, file: DataFile, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle
      .read(bytes, filled, Math.min(length - filled, 1 << 30), start + filled)
      .catch((error: unknown) => {
        throw unreadable(file, error instanceof Error ? error.message : String(error));
      });
    if (bytesRead === 0) throw unreadable(file, "it is cut off");
    filled += bytesRead;
  }
  return bytes;
}
