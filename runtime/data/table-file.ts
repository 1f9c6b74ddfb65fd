import { resolve } from "node:path";
import { emptyMarks } from "../../compiler/words/cells.ts";
import { readDelimited } from "./delimited.ts";
import { locate, MOST_BYTES, readAll } from "./files.ts";
import type { DataFile } from "./files.ts";
import { readJson, readJsonLines } from "./json.ts";
import { readNpz } from "./npz.ts";
import type { FileMarks } from "./source-settings.ts";
import type { Table } from "./table.ts";
import { unreadable } from "./unreadable.ts";
import type { AskedColumns } from "./troubles.ts";

/** Tables that are given on the command line or by a program, not by a model's file. */

export const tableFormats = ["csv", "tsv", "json", "jsonl", "npz"] as const;
export type TableFormat = (typeof tableFormats)[number];

/**
 * The rows of a file, by its ending (`.gz` may follow it) or as `format` says; `-` reads standard input, and tells JSON from
 * CSV by its first character. Throws a DiagnosticError that names the file.
 */
export async function readTableFile(
  path: string,
  format?: TableFormat,
  { missing = [], separator = ",", decimal }: FileMarks = {},
  asked?: AskedColumns,
): Promise<Table> {
  const file = path === "-" ? await standardInput() : await locate(path, resolve("."));
  const read = format ?? formatOf(file);
  if (read === null)
    throw unreadable(file, "its name does not say what it is", `it should end in ${endings(tableFormats)}`);
  const empty = emptyMarks(missing);
  switch (read) {
    case "csv":
      return readDelimited(file, { separator, decimal }, empty, Infinity, asked);
    case "tsv":
      return readDelimited(file, { separator: "\t", decimal }, empty, Infinity, asked);
    case "json":
      return readJson(file, empty, asked);
    case "jsonl":
      return readJsonLines(file, empty, Infinity, asked);
    case "npz":
      return readNpz(file, empty, asked);
  }
}

async function standardInput(): Promise<DataFile> {
  const file = { name: "standard input", path: "-" };
  return { ...file, bytes: await readAll(file, MOST_BYTES, piecesOf(process.stdin)) };
}

async function* piecesOf(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<Buffer> {
  for await (const piece of stream) yield Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece));
}

function formatOf({ name, bytes }: DataFile): TableFormat | null {
  const ending = /\.([a-z]+)(?:\.gz)?$/i.exec(name)?.[1].toLowerCase();
  const named = tableFormats.find((format) => format === ending) ?? (ending === "ndjson" ? "jsonl" : null);
  if (named !== null || bytes === undefined) return named;
  const first = bytes.toString("latin1", 0, 1024).trimStart()[0];
  return first === "[" ? "json" : first === "{" ? "jsonl" : "csv";
}

function endings(formats: readonly string[]): string {
  return `${formats
    .slice(0, -1)
    .map((format) => `.${format}`)
    .join(", ")} or .${formats.at(-1)}`;
}
