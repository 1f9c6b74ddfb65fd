import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, normalize } from "node:path";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import type { Codes } from "../data/data.ts";
import type { NamedTensor, Snapshot } from "../train/snapshot.ts";
import { cannotWrite, writeWhole } from "./atomic.ts";
import { isCodes, isCursor, isRunInfo, type RunInfo } from "./recorded.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

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

/** Makes `runs/<model>-<n>` with the next free n; two runs that start at once get different ones. */
export function createRunFolder(base: string, model: string): string {
  const name = model.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  try {
    mkdirSync(base, { recursive: true });
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

/** Makes a folder that the user named; it must not hold anything yet. */
export function claimRunFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true });
    if (readdirSync(folder).length > 0) throw new DiagnosticError([report(runs.folderTaken, { folder })]);
    return folder;
  } catch (error) {
    throw error instanceof DiagnosticError ? error : cannotWrite(folder, error);
  }
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
    const inside = join("imports", normalize(path).replaceAll("..", "up"));
    try {
      mkdirSync(dirname(join(folder, inside)), { recursive: true });
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
  writeWhole(join(folder, files.weights), writeSafetensors(tensors, { format: "mtlc", model }));
}

export function writeState(folder: string, { tensors, cursor }: Snapshot): void {
  writeWhole(join(folder, files.state), writeSafetensors(tensors, { cursor: JSON.stringify(cursor) }));
}

export function appendLine(folder: string, file: string, value: unknown): void {
  const path = join(folder, file);
  try {
    appendFileSync(path, `${JSON.stringify(value)}\n`);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Keeps the lines of a `.jsonl` file up to where a resumed run goes on; a line that was cut off is dropped. */
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
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new DiagnosticError([report(runs.notARun, { folder, missing: "folder of that name" })]);
  }
  const bytes = (file: string): Buffer => {
    const path = join(folder, file);
    if (!existsSync(path)) throw new DiagnosticError([report(runs.notARun, { folder, missing: file })]);
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
    weights: () => readSafetensors(bytes(files.weights), join(folder, files.weights)).tensors,
    state() {
      const { tensors, metadata } = readSafetensors(bytes(files.state), join(folder, files.state));
      let cursor: unknown;
      try {
        cursor = JSON.parse(metadata.cursor ?? "");
      } catch {
        throw brokenFile(folder, files.state, "it does not say where training stood");
      }
      if (!isCursor(cursor)) throw brokenFile(folder, files.state, "it does not say where training stood");
      return { tensors, cursor };
    },
  };
}

function brokenFile(folder: string, file: string, problem: string): DiagnosticError {
  return new DiagnosticError([report(runs.brokenFile, { file: join(folder, file), problem })]);
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === code;
}
