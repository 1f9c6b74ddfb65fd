import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { suggest } from "../../compiler/check/names/suggest.ts";
import { compile, type Compilation } from "../../compiler/compile.ts";
import type { Override } from "../../compiler/overrides.ts";
import { isCode } from "../../runtime/error-codes.ts";
import { specialAt } from "../../runtime/special-at.ts";
import { decodeText } from "../../runtime/data/files.ts";

/** The text of a model and of what it imports: from disk, or in memory. */
export interface ModelSource {
  /** Path as the user gave it: what messages show. */
  readonly file: string;
  /** Absolute path of the folder that data paths are relative to. */
  readonly folder: string;
  readonly text: string;
  /** Brings an imported file's text; `path` is as written, `from` the file that imports it. Null where there is none. */
  read(path: string, from: string): string | null;
  /** Keys of `train` set on the command line. */
  readonly overrides: readonly Override[];
}

/** A `.mtl` file with its imports, read once each. What lies outside the file's folder, if only by a link, is not read. */
export function openSource(path: string, set: readonly string[] = []): ModelSource {
  const text = readText(path);
  if (text === null) throw new FileNotFound(`there is no file ${path}${nearFile(path)}`);
  const cache = new Map<string, string | null>();
  const folder = dirname(resolve(path));
  return {
    // The compiler and its messages write paths with slashes, which every system reads.
    file: path.split(sep).join("/"),
    folder,
    text,
    overrides: overridesOf(set),
    read(imported, from) {
      const target = resolve(dirname(from), imported);
      if (!cache.has(target)) cache.set(target, isWithin(target, folder) ? readText(target) : null);
      return cache.get(target)!;
    },
  };
}

/** The `.mtl` file of that folder whose name is near, as a question. */
function nearFile(path: string): string {
  let names: readonly string[] = [];
  try {
    names = readdirSync(dirname(path)).filter((name) => name.endsWith(".mtl"));
  } catch {
    // Then there is no such folder either.
  }
  const written = basename(path);
  const near = names.find((name) => name === `${written}.mtl`) ?? suggest(written, names);
  return near === undefined ? "" : `; did you mean ${join(dirname(path), near)}?`;
}

/** Null where there is no such file. Throws where there is one that cannot be read, or is no text. */
function readText(path: string): string | null {
  let bytes: Buffer;
  try {
    const special = specialAt(path);
    if (special !== null) throw new FileNotFound(`${path} is ${special}; a .mtl file is needed here`);
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof FileNotFound) throw error;
    if (isCode(error, "EACCES", "EPERM")) throw new FileNotFound(`${path} cannot be read: permission is denied`);
    return null;
  }
  return decodeText({ name: path, path }, bytes);
}

/** Whether a file is there and lies in the folder or below it. */
function isWithin(path: string, folder: string): boolean {
  try {
    const inside = relative(realpathSync(folder), realpathSync(path));
    return !isAbsolute(inside) && inside.split(sep)[0] !== "..";
  } catch {
    return false;
  }
}

/** A command was given a file that is not there, or may not be read. */
export class FileNotFound extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FileNotFound";
  }
}

export function overridesOf(set: readonly string[]): Override[] {
  return set.map((text) => ({ text, file: "--set" }));
}

export function compileSource(source: ModelSource, sizes?: Readonly<Record<string, number>>): Compilation {
  return compile(source.text, {
    file: source.file,
    read: (path, from) => source.read(path, from),
    overrides: source.overrides,
    sizes,
  });
}
