import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { cannotWrite, makeFolders, writeWhole } from "../../runtime/run/atomic.ts";
import { exitCodes, UsageError } from "./command.ts";

/** What a command makes of files: their content by path. */
export type Files = ReadonlyMap<string, string | Uint8Array>;

/** Throws a UsageError where a file that is read would be written over, by whatever name. */
export function checkTarget(to: string, read: readonly string[]): void {
  const target = statSync(to, { throwIfNoEntry: false });
  if (!target?.isFile()) return;
  for (const file of read) {
    const source = statSync(file, { throwIfNoEntry: false });
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

export function writeFiles(files: Files): number {
  for (const [path, content] of files) {
    makeFolderOf(path);
    writeWhole(path, content);
  }
  process.stderr.write(`Written: ${[...files.keys()].join(", ")}\n`);
  return exitCodes.fine;
}

/** Whether what is on disk is what would be written; `again` is the command that writes it. */
export function checkFiles(files: Files, again: string): number {
  const stale = [...files].flatMap(([path, content]) => {
    const found = bytesOf(path);
    if (found === null) return [`${path} (it is not there)`];
    return found.equals(Buffer.from(content)) ? [] : [path];
  });
  if (stale.length === 0) return exitCodes.fine;
  process.stderr.write(`Not up to date: ${stale.join(", ")}\nWrite anew: ${again}\n`);
  return exitCodes.mistakes;
}

function bytesOf(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
