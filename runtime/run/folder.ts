import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, normalize } from "node:path";
import { didYouMean, suggest } from "../../compiler/check/names/suggest.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import type { Codes } from "../data/data.ts";
import type { NamedTensor, Snapshot } from "../train/snapshot.ts";
import { cannotWrite, makeFolders, removeTemporaries, writeWhole } from "./atomic.ts";
import { isCodes, isCursor, isRunInfo, type RunInfo } from "./recorded.ts";
import { readSafetensors, safetensorsPieces } from "./safetensors.ts";

export type { RunInfo };

export const files = {
  model: "model.mtl",
  weights: "model.safetensors",
  codes: "codes.json",
  state: "state.safetensors",
  info: "run.json",
  history: "history.jsonl",
  steps: "steps.jsonl",
} as const;

const IMPORTS = "imports";

/** Makes `runs/<model>-<n>` with the next free n; two runs that start at once get different ones. */
export function createRunFolder(base: string, model: string): string {
  const name = model.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  try {
    makeFolders(base);
    const numbers = readdirSync(base).flatMap((entry) =>
      entry.startsWith(`${name}-`) ? Number(entry.slice(name.length + 1)) : [],
    );
    let next = 1 + Math.max(0, ...numbers.filter(Number.isSafeInteger));
    for (;;) {
      const folder = join(base, `${name}-${next}`);
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

/** Makes a folder that the user named; it must not hold anything yet, but for what a run left that was killed before it began. */
export function claimRunFolder(folder: string): string {
  try {
    makeFolders(folder);
    if (!isFree(folder)) throw taken(folder);
    return folder;
  } catch (error) {
    throw error instanceof DiagnosticError ? error : cannotWrite(folder, error);
  }
}

/** Throws where `claimRunFolder` would, and makes nothing. */
export function checkRunFolder(folder: string): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) throw cannotWrite(folder, { code: "EEXIST" });
  if (!isFree(folder)) throw taken(folder);
}

function taken(folder: string): DiagnosticError {
  const another = "name a folder that is new or empty";
  const help = isRunFolder(folder) ? `\`--resume\` goes on with the run in it; for a new one ${another}` : another;
  return new DiagnosticError([report(runs.folderTaken, { folder }, { help })]);
}

/** What is written before `run.json` says that there is a run. */
const early: ReadonlySet<string> = new Set([files.model, files.codes, IMPORTS]);

function isFree(folder: string): boolean {
  removeTemporaries(folder);
  return readdirSync(folder).every((entry) => early.has(entry));
}

/** Whether a folder holds a run. */
export function isRunFolder(folder: string): boolean {
  return existsSync(join(folder, files.info));
}

/** The model's text and those of its imports, laid out as they lay to each other. */
export function writeSources(
  folder: string,
  main: string,
  imports: ReadonlyMap<string, string>,
): Record<string, string> {
  writeWhole(join(folder, files.model), main);
  const written: Record<string, string> = {};
  for (const [path, text] of imports) {
    const inside = join(IMPORTS, normalize(path).replaceAll("..", "up"));
    try {
      makeFolders(dirname(join(folder, inside)));
    } catch (error) {
      throw cannotWrite(join(folder, inside), error);
    }
    writeWhole(join(folder, inside), text);
    written[path] = inside.replaceAll("\\", "/");
  }
  return written;
}

export function writeJson(folder: string, file: string, value: unknown): void {
  writeWhole(join(folder, file), `${JSON.stringify(value, null, 1)}\n`);
}

export function writeWeights(folder: string, tensors: ReadonlyMap<string, NamedTensor>, model: string): void {
  writeWhole(join(folder, files.weights), safetensorsPieces(tensors, { format: "mtlc", model }));
}

export function writeState(folder: string, { tensors, cursor }: Snapshot): void {
  writeWhole(join(folder, files.state), safetensorsPieces(tensors, { cursor: JSON.stringify(cursor) }));
}

/** Keeps the lines of a `.jsonl` file up to where a resumed run goes on, which makes the later ones again; one that was cut off is dropped. */
export function keepLines(folder: string, file: string, keep: (value: Record<string, unknown>) => boolean): void {
  const path = join(folder, file);
  if (!existsSync(path)) return;
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => {
      try {
        const value: unknown = JSON.parse(line);
        return typeof value === "object" && value !== null && keep({ ...value });
      } catch {
        return false;
      }
    });
  writeWhole(path, lines.map((line) => `${line}\n`).join(""));
}

export interface OpenRun {
  readonly folder: string;
  readonly info: RunInfo;
  readonly codes: Codes;
  /** The model's text; `read` brings its imports. */
  readonly text: string;
  read(path: string): string | null;
  weights(): ReadonlyMap<string, NamedTensor>;
  state(): Snapshot;
}

/** Opens what `mtlc train` wrote. Throws a DiagnosticError where something is missing or broken. */
export function openRun(folder: string): OpenRun {
  if (!existsSync(folder)) throw noRun(folder, "there is no such folder");
  if (!statSync(folder).isDirectory()) throw noRun(folder, "it is a file");
  const bytes = (file: string): Buffer => {
    const path = join(folder, file);
    if (!existsSync(path)) throw noRun(folder, `it holds no ${file}`);
    try {
      return readFileSync(path);
    } catch (error) {
      throw brokenFile(folder, file, `reading it failed (${error instanceof Error ? error.message : String(error)})`);
    }
  };
  const json = (file: string): unknown => {
    try {
      return JSON.parse(bytes(file).toString("utf8"));
    } catch (error) {
      if (error instanceof DiagnosticError) throw error;
      throw brokenFile(folder, file, "it is no whole JSON");
    }
  };
  const info = json(files.info);
  if (!isRunInfo(info)) throw brokenFile(folder, files.info, "it lacks what a run's description holds");
  const codes = json(files.codes);
  if (!isCodes(codes)) throw brokenFile(folder, files.codes, "it lacks what codes hold");
  return {
    folder,
    info,
    codes,
    text: bytes(files.model).toString("utf8"),
    read(path) {
      if (!Object.hasOwn(info.imports, path)) return null;
      const inside = normalize(info.imports[path]);
      // A run folder may come from elsewhere: it names nothing outside itself.
      if (isAbsolute(inside) || inside.startsWith("..")) {
        throw brokenFile(folder, files.info, `it places \`${path}\` outside the run folder`);
      }
      return bytes(inside).toString("utf8");
    },
    weights: () =>
      finite(folder, files.weights, readSafetensors(bytes(files.weights), join(folder, files.weights)).tensors),
    state() {
      const { tensors, metadata } = readSafetensors(bytes(files.state), join(folder, files.state));
      let cursor: unknown;
      try {
        cursor = JSON.parse(metadata.cursor ?? "");
      } catch {
        throw brokenFile(folder, files.state, "it does not say where training stood");
      }
      if (!isCursor(cursor)) throw brokenFile(folder, files.state, "it does not say where training stood");
      return { tensors: finite(folder, files.state, tensors), cursor };
    },
  };
}

/** Training stops before a weight is no number, so one that is was damaged later. An optimizer's squares may overflow. */
function finite(
  folder: string,
  file: string,
  tensors: ReadonlyMap<string, NamedTensor>,
): ReadonlyMap<string, NamedTensor> {
  for (const [name, { data }] of tensors) {
    if (name.startsWith("optimizer/") || data.every((value) => Number.isFinite(value))) continue;
    throw brokenFile(folder, file, `tensor \`${name}\` holds what is no number`);
  }
  return tensors;
}

function noRun(folder: string, problem: string): DiagnosticError {
  const inside = existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder) : [];
  const [one] = inside.map((name) => join(folder, name)).filter(isRunFolder);
  const help = one === undefined ? didYouMean(nearRun(folder)) : `it holds runs, such as \`${one}\``;
  return new DiagnosticError([report(runs.notARun, { folder, problem }, { help })]);
}

/** The run beside a folder that is none whose name is near. */
function nearRun(folder: string): string | undefined {
  const base = dirname(folder);
  if (!existsSync(base) || !statSync(base).isDirectory()) return undefined;
  const names = readdirSync(base).filter((name) => isRunFolder(join(base, name)));
  const near = suggest(basename(folder), names);
  return near === undefined ? undefined : join(base, near);
}

function brokenFile(folder: string, file: string, problem: string): DiagnosticError {
  return new DiagnosticError([report(runs.brokenFile, { file: join(folder, file), problem })]);
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === code;
}
