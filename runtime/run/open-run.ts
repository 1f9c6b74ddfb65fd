import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, normalize, sep } from "node:path";
import { didYouMean, suggest } from "../../compiler/check/names/suggest.ts";
import { DiagnosticError, report, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import type { Codes } from "../data/data.ts";
import type { NamedTensor, Snapshot } from "../train/snapshot.ts";
import { specialAt } from "../special-at.ts";
import { digest } from "./digest.ts";
import { isRunFolder } from "./folder.ts";
import { files } from "./names.ts";
import { isCodes, isCursor, isRunInfo, type RunInfo } from "./recorded.ts";
import { readSafetensors, type SafetensorsFile } from "./safetensors.ts";
import { Seals } from "./seals.ts";
import { textChecksums } from "./writing.ts";

export interface OpenRun {
  readonly folder: string;
  readonly info: RunInfo;
  readonly codes: Codes;
  /** The run's id, and the checksum in its codes; null where there is none. */
  readonly id: string | null;
  readonly codesChecksum: string | null;
  /** The model's text; `read` brings its imports. */
  readonly text: string;
  read(path: string): string | null;
  /** A checksum of each of its texts, by its place in the folder. */
  texts(): Record<string, string>;
  weights(): ReadonlyMap<string, NamedTensor>;
  state(): Snapshot;
  /** Of files without a checksum among those that were read. */
  warnings(): readonly Diagnostic[];
}

/** Opens what `mtlc train` wrote. Throws a DiagnosticError where something is missing, broken, or not as it was written. */
export function openRun(folder: string): OpenRun {
  if (!existsSync(folder)) throw noRun(folder, "there is no such folder");
  if (!statSync(folder).isDirectory()) throw noRun(folder, "it is a file");
  const seals = new Seals(digest);
  const placeOf = (file: string): string => join(folder, file);
  const bytes = (file: string): Buffer => {
    const path = placeOf(file);
    if (!existsSync(path)) throw noRun(folder, `it holds no ${file}`);
    const special = specialAt(path);
    if (special !== null) throw brokenFile(folder, file, `it is ${special}`);
    try {
      return readFileSync(path);
    } catch (error) {
      throw brokenFile(folder, file, `reading it failed (${error instanceof Error ? error.message : String(error)})`);
    }
  };
  const json = (file: string): Readonly<Record<string, unknown>> => {
    let value: unknown;
    try {
      value = JSON.parse(bytes(file).toString("utf8"));
    } catch (error) {
      if (error instanceof DiagnosticError) throw error;
      throw brokenFile(folder, file, "it is no whole JSON");
    }
    if (isRecord(value)) return value;
    throw brokenFile(folder, file, "it is no JSON object");
  };
  const tensors = (file: string): SafetensorsFile => {
    const read = readSafetensors(bytes(file), placeOf(file));
    seals.tensors(placeOf(file), read);
    finite(folder, file, read.tensors);
    return read;
  };
  const info = seals.describing(placeOf(files.info), json(files.info));
  if (!isRunInfo(info)) throw brokenFile(folder, files.info, "it lacks what a run's description holds");
  const codes = seals.coding(placeOf(files.codes), json(files.codes));
  if (!isCodes(codes)) throw brokenFile(folder, files.codes, "it lacks what codes hold");
  const text = (inside: string): string => {
    const found = bytes(inside).toString("utf8");
    seals.text(placeOf(inside), inside.split(sep).join("/"), found);
    return found;
  };
  const main = text(files.model);
  const read = (path: string): string | null => {
    if (!Object.hasOwn(info.imports, path)) return null;
    const inside = normalize(info.imports[path]);
    // A run folder may come from elsewhere: it names nothing outside itself.
    if (isAbsolute(inside) || inside.startsWith("..")) {
      throw brokenFile(folder, files.info, `it places \`${path}\` outside the run folder`);
    }
    return text(inside);
  };
  return {
    folder,
    info,
    codes,
    id: seals.id,
    codesChecksum: seals.codesChecksum,
    text: main,
    read,
    texts: () => {
      const imports = Object.entries(info.imports).map(([path, inside]) => ({ inside, text: read(path) ?? "" }));
      return textChecksums(main, imports);
    },
    weights: () => tensors(files.weights).tensors,
    state() {
      const { tensors: held, metadata } = tensors(files.state);
      let cursor: unknown;
      try {
        cursor = JSON.parse(metadata.cursor ?? "");
      } catch {
        throw brokenFile(folder, files.state, "it does not say where training stood");
      }
      if (!isCursor(cursor)) throw brokenFile(folder, files.state, "it does not say where training stood");
      return { tensors: held, cursor };
    },
    warnings: () => seals.warnings,
  };
}

/** Training stops before a weight is no number, so one that is was damaged later. An optimizer's squares may overflow. */
function finite(folder: string, file: string, tensors: ReadonlyMap<string, NamedTensor>): void {
  for (const [name, { data }] of tensors) {
    if (name.startsWith("optimizer/") || data.every((value) => Number.isFinite(value))) continue;
    throw brokenFile(folder, file, `tensor \`${name}\` holds what is no number`);
  }
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

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
