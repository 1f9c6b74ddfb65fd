import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import { makeFolder } from "./make-folder.ts";

const TEMPORARY = ".tmp";

/**
 * Writes a file whole or not at all: under a temporary name in the same folder, then renamed. Whoever reads it, also after a
 * crash or on a full disk, finds the old file or the new one. `content` may come in pieces.
 */
export function writeWhole(path: string, content: string | Uint8Array | readonly Uint8Array[]): void {
  const temporary = `${path}.${process.pid}${TEMPORARY}`;
  const pieces =
    typeof content === "string" ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : content;
  try {
    const file = openSync(temporary, "w", modeOf(path));
    try {
      for (const bytes of pieces)
        for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw cannotWrite(path, error);
  }
}

/** Who may read and write a file: as the one that is replaced, else as files are made. */
function modeOf(path: string): number {
  return existsSync(path) ? statSync(path).mode : 0o666;
}

/** Takes away what writers left that were killed before they could rename it. */
export function removeTemporaries(folder: string): void {
  for (const entry of readdirSync(folder)) if (entry.endsWith(TEMPORARY)) rmSync(join(folder, entry), { force: true });
}

/** Makes a folder and those above it that are not there. */
export function makeFolders(path: string): void {
  makeFolder(path, { mkdirSync, statSync, dirname });
}

export function cannotWrite(path: string, error: unknown): DiagnosticError {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  const problem = problems[code] ?? (error instanceof Error ? error.message : String(error));
  return new DiagnosticError([report(runs.cannotWrite, { file: path, problem })]);
}

const problems: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EBUSY: "another program holds it",
  EROFS: "the file system is read-only",
  ENOENT: "its folder does not exist",
  ENOTDIR: "a file stands where its folder should be",
  EEXIST: "a file of that name stands there",
  EISDIR: "a folder of that name stands there",
};
