import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { grouped } from "../../compiler/prose/numbers.ts";
import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import type { Span } from "../../grammar/tree.ts";
import { codeOf } from "../error-codes.ts";
import { specialOf, type FoundFile } from "../special-file.ts";
import { nearFile } from "./near-files.ts";
import { unreadable } from "./unreadable.ts";

/** Files that tables are read from: where they are, and their bytes, unpacked. */
export interface DataFile {
  /** As it was written: its name in messages. */
  readonly name: string;
  readonly path: string;
  readonly span?: Span;
  /** Its bytes where they are at hand already, still packed if its name says so. */
  readonly bytes?: Buffer;
}

const READ_SIZE = 1 << 20;
/** Bytes that are held at once. */
export const MOST_BYTES = 2 ** 31 - 1;
/** Bytes of a text that is held at once, and of a line. */
export const MOST_TEXT = 2 ** 29 - 32;
export const MOST_LINE = 2 ** 28;

/**
 * The file that a source names: a path relative to `folder`, or `npm:package/path` in the node_modules folders from
 * `folder` upwards, then from the working folder upwards (the path is taken within the package's folder, whatever the package exports).
 */
export async function locate(name: string, folder: string, span?: Span): Promise<DataFile> {
  const file = { name, path: resolve(folder, name), span };
  const found = name.startsWith("npm:") ? { ...file, path: await inPackage(name, folder, span) } : file;
  const there = await statOf(found.path);
  const special = there && specialOf(there);
  if (special) throw unreadable(found, `it is ${special}`, notAFile(special));
  if (there) return found;
  const near = name.startsWith("npm:") ? undefined : await nearFile(name, folder);
  const help = `it was looked for at ${found.path}${near === undefined ? "" : `; did you mean ${JSON.stringify(near)}?`}`;
  throw new DiagnosticError([report(data.fileNotFound, { file: name }, { span, help })]);
}

async function inPackage(name: string, folder: string, span: Span | undefined): Promise<string> {
  const parts = name.slice("npm:".length).split("/");
  const depth = parts[0].startsWith("@") ? 2 : 1;
  const packageName = parts.slice(0, depth).join("/");
  const inside = parts.slice(depth);
  if (packageName === "" || parts.some((part) => part === "" || part === "." || part === ".."))
    throw new DiagnosticError([
      report(data.fileNotFound, { file: name }, { span, help: "write it as `npm:package/path/of/the/file`" }),
    ]);
  for (const start of [resolve(folder), resolve(".")]) {
    for (let at = start; ; at = dirname(at)) {
      const candidate = join(at, "node_modules", ...parts.slice(0, depth));
      if (await statOf(candidate)) return join(candidate, ...inside);
      if (dirname(at) === at) break;
    }
  }
  const help = `run \`npm install ${packageName}\``;
  throw new DiagnosticError([report(data.notInstalled, { package: packageName }, { span, help })]);
}

async function statOf(path: string): Promise<(FoundFile & { readonly size: number }) | undefined> {
  return stat(path).catch(() => undefined);
}

/** Rows are read more than once, and what flows is gone after the first time. */
function notAFile(special: string): string | undefined {
  return special === "a folder"
    ? undefined
    : "write what comes out of it to a file; `mtlc predict` reads standard input as `-`";
}

export function isGzipped(file: DataFile): boolean {
  return file.name.toLowerCase().endsWith(".gz");
}

/** The file's bytes in pieces, unpacked where its name ends in `.gz`. */
export async function* readBytes(file: DataFile): AsyncGenerator<Buffer> {
  const source =
    file.bytes === undefined
      ? createReadStream(file.path, { highWaterMark: READ_SIZE })
      : Readable.from([file.bytes], { objectMode: false });
  const unpacked = isGzipped(file) ? source.pipe(createGunzip({ chunkSize: READ_SIZE })) : source;
  // A stream that ends early must not leave the file open or its error unheard.
  source.on("error", (error: Error) => unpacked.destroy(error));
  try {
    for await (const piece of unpacked) {
      if (!Buffer.isBuffer(piece)) throw new Error("bytes were expected");
      yield piece;
    }
  } catch (error) {
    if (error instanceof DiagnosticError) throw error;
    throw unreadable(file, problemOf(error));
  } finally {
    source.destroy();
    unpacked.destroy();
  }
}

/** All of the file's bytes. `limit`: more than this is an error. */
export async function readAll(file: DataFile, limit = MOST_BYTES, from = readBytes(file)): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of from) {
    length += piece.length;
    if (length > limit) throw unreadable(file, `it is longer than ${limit} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, length);
}

function problemOf(error: unknown): string {
  switch (codeOf(error)) {
    case "Z_BUF_ERROR":
      return "it is cut off";
    case "Z_DATA_ERROR":
      // What zlib says of bytes that do not begin as gzip does.
      if (error instanceof Error && error.message === "incorrect header check")
        return "its name ends in .gz, but it is not gzip";
      return "its packed data are garbled";
    case "EISDIR":
      return "it is a folder";
    case "EACCES":
      return "permission is denied";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** The text that bytes hold. An error names the file where they are no UTF-8. */
export function decodeText(file: DataFile, bytes: Uint8Array, where = ""): string {
  if (bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)))
    throw unreadable(file, "it is UTF-16 text", "save it as UTF-8");
  if (bytes.length > MOST_TEXT)
    throw unreadable(
      file,
      `it is a text of more than ${grouped(MOST_TEXT)} bytes${where}`,
      "JSON lines and CSV are read in pieces",
    );
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(file, `it is not UTF-8 text${where}`, "save it as UTF-8");
  }
}
