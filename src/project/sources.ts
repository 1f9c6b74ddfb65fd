import { readFileSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { compile, type Compilation } from "../../compiler/compile.ts";
import type { Override } from "../../compiler/overrides.ts";

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
export function openSource(file: string, set: readonly string[] = []): ModelSource {
  const text = readText(file);
  if (text === null) throw new FileNotFound(file);
  const cache = new Map<string, string | null>();
  const folder = dirname(resolve(file));
  return {
    file,
    folder,
    text,
    overrides: overridesOf(set),
    read(path, from) {
      const target = resolve(dirname(from), path);
      if (!cache.has(target)) cache.set(target, isWithin(target, folder) ? readText(target) : null);
      return cache.get(target)!;
    },
  };
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
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

/** A command was given a file that is not there. */
export class FileNotFound extends Error {
  readonly file: string;
  constructor(file: string) {
    super(`there is no file ${file}`);
    this.name = "FileNotFound";
    this.file = file;
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
