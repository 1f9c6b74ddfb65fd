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
import { codeOf } from "../error-codes.ts";
import { specialAt } from "../special-at.ts";
import { makeFolder } from "./make-folder.ts";

const TEMPORARY = ".tmp";

/**
 * Writes a file whole or not at all: under a temporary name in the same folder, then renamed. Whoever reads it, also after a
 * crash or on a full disk, finds the old file or the new one. `content` may come in pieces.
 */
export function writeWhole(path: string, content: string | Uint8Array | readonly Uint8Array[]): void {
  refuseSpecial(path);
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
    if (existsSync(temporary)) rmSync(temporary, { force: true });
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

/** Throws a DiagnosticError where a pipe, a device, a socket or a folder stands in the place of a file. */
export function refuseSpecial(path: string): void {
  const special = specialAt(path);
  if (special === null) return;
  if (special === "a folder") throw cannotWrite(path, { code: "EISDIR" });
  const help = "choose another name, or take away what stands there";
  throw new DiagnosticError([report(runs.cannotWrite, { file: path, problem: `it is ${special}` }, { help })]);
}

export function cannotWrite(path: string, error: unknown): DiagnosticError {
  const [problem, help] = problems[codeOf(error) ?? ""] ?? [error instanceof Error ? error.message : String(error)];
  return new DiagnosticError([report(runs.cannotWrite, { file: path, problem }, { help })]);
}

/** What the system's codes mean, and what can be done. */
const problems: Readonly<Record<string, readonly [problem: string, help: string]>> = {
  ENOSPC: ["the disk is full", "free some space, or write to another disk"],
  EDQUOT: ["the disk quota is used up", "free some space, or write to another disk"],
  EACCES: ["permission is denied", "write to a place that is yours"],
  EPERM: ["permission is denied", "write to a place that is yours"],
  EBUSY: ["another program holds it", "close that program, or choose another name"],
  EROFS: ["the file system is read-only", "write to a place that is yours"],
  ENOENT: ["its folder does not exist", "make the folder first, or choose another place"],
  ENOTDIR: ["a file stands where its folder should be", "choose another place"],
  EEXIST: ["a file of that name stands there", "choose another name"],
  ENAMETOOLONG: ["its name is too long", "choose a shorter name"],
  EISDIR: ["a folder of that name stands there", "choose another name"],
};
