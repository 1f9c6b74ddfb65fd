import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { cannotWrite, makeFolders, writeWhole } from "../../runtime/run/atomic.ts";
import { print } from "../render/asked-format.ts";
import { statOf } from "./places.ts";
import { exitCodes, UsageError } from "./command.ts";
import { specialAt } from "../../runtime/special-at.ts";
import { err } from "../render/output.ts";

/** What a command makes of files: their content by path. */
export type Files = ReadonlyMap<string, string | Uint8Array>;

/** Throws a UsageError where a file that is read would be written over, by whatever name. */
export function checkTarget(to: string, read: readonly string[]): void {
  const target = statOf(to);
  if (!target?.isFile()) return;
  for (const file of read) {
    const source = statOf(file);
    if (source?.ino === target.ino && source.dev === target.dev)
      throw new UsageError(`\`${to}\` is what is read: it would be overwritten; choose another name`);
  }
}

/** Makes the folder that a file goes into. Throws a DiagnosticError that names the file where it cannot be made. */
export function makeFolderOf(path: string): void {
  try {
    makeFolders(dirname(path));
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

export function writeFiles(files: Files, format: string | undefined): number {
  for (const [path, content] of files) {
    makeFolderOf(path);
    writeWhole(path, content);
  }
  const written = [...files.keys()];
  err.say(`Written: ${written.join(", ")}\n`);
  print(format, "", { files: written });
  return exitCodes.fine;
}

/** Whether what is on disk is what would be written; `again` is the command that writes it. */
export function checkFiles(files: Files, again: string, format: string | undefined): number {
  const stale = [...files].filter(([path, content]) => bytesOf(path)?.equals(Buffer.from(content)) !== true);
  const names = stale.map(([path]) => path);
  print(format, "", { files: [...files.keys()], stale: names, command: again });
  if (stale.length === 0) return exitCodes.fine;
  const shown = names.map((path) => (bytesOf(path) === null ? `${path} (it is not there)` : path));
  err.say(`Not up to date: ${shown.join(", ")}\n`);
  err.lines(`Write anew: ${again}\n`);
  return exitCodes.mistakes;
}

function bytesOf(path: string): Buffer | null {
  try {
    return specialAt(path) === null ? readFileSync(path) : null;
  } catch {
    return null;
  }
}
