import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import { isCode } from "../error-codes.ts";
import { cannotWrite, makeFolders, removeTemporaries } from "./atomic.ts";
import { checkLock, lockRun, type RunLock } from "./lock.ts";
import { files, IMPORTS } from "./names.ts";

/**
 * Makes `runs/<model>-<n>` with the next free n. Two runs that start at once get different ones: what another made since the
 * numbers that are `taken` were looked up is passed by.
 */
export function createRunFolder(base: string, model: string, taken?: readonly number[]): string {
  try {
    makeFolders(base);
    let next = 1 + Math.max(0, ...(taken ?? runNumbers(base, model)));
    for (;;) {
      const folder = join(base, `${runName(model)}-${next}`);
      try {
        mkdirSync(folder);
        return folder;
      } catch (error) {
        if (!isCode(error, "EEXIST")) throw error;
        next += 1;
      }
    }
  } catch (error) {
    throw cannotWrite(base, error);
  }
}

function runName(model: string): string {
  return model.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}

function runNumbers(base: string, model: string): number[] {
  if (!existsSync(base)) return [];
  const start = `${runName(model)}-`;
  return readdirSync(base)
    .filter((entry) => entry.startsWith(start) && /^[1-9][0-9]*$/.test(entry.slice(start.length)))
    .map((entry) => Number(entry.slice(start.length)))
    .filter(Number.isSafeInteger);
}

/** The run of this model in `base` that was written to last; null where there is none. */
export function newestRun(base: string, model: string): string | null {
  const found = runNumbers(base, model)
    .map((number) => join(base, `${runName(model)}-${number}`))
    .filter(isRunFolder)
    .map((folder) => ({ folder, time: statSync(folder).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  return found[0]?.folder ?? null;
}

/**
 * Makes a folder for a new run and takes its lock. It must not hold anything yet, but for what a run left that was killed
 * before it began.
 */
export function claimRunFolder(folder: string): RunLock {
  try {
    makeFolders(folder);
    const lock = lockRun(folder);
    if (isFree(folder)) return lock;
    lock.release();
    throw taken(folder);
  } catch (error) {
    throw error instanceof DiagnosticError ? error : cannotWrite(folder, error);
  }
}

/** Throws where `claimRunFolder` would, and makes nothing. */
export function checkRunFolder(folder: string): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) throw cannotWrite(folder, { code: "EEXIST" });
  checkLock(folder);
  if (!isFree(folder)) throw taken(folder);
}

function taken(folder: string): DiagnosticError {
  const another = "name a folder that is new or empty";
  const help = isRunFolder(folder) ? `\`--resume\` goes on with the run in it; for a new one ${another}` : another;
  return new DiagnosticError([report(runs.folderTaken, { folder }, { help })]);
}

/** What is written before `run.json` says that there is a run. */
const early: ReadonlySet<string> = new Set([files.model, files.codes, files.lock, IMPORTS]);

function isFree(folder: string): boolean {
  removeTemporaries(folder);
  return readdirSync(folder).every((entry) => early.has(entry));
}

/** Whether a folder holds a run. */
export function isRunFolder(folder: string): boolean {
  return existsSync(join(folder, files.info));
}
