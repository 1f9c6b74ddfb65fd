import { readdirSync, statSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { suggest } from "../../compiler/check/names/suggest.ts";
import { tableFormats } from "../../runtime/data/table-file.ts";
import { isRunFolder } from "../../runtime/run/folder.ts";

/** What a path leads to, as far as commands tell their operands apart. */
export type Place = "model" | "run" | "folder" | "rows" | "file of a run" | "other" | "nothing";

/** What is at a path; undefined where nothing is, or nothing that can be looked at. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

export function placeAt(path: string): Place {
  if (path === "-") return "rows";
  const found = statOf(path);
  if (found === undefined) return "nothing";
  if (found.isDirectory()) return isRunFolder(path) ? "run" : "folder";
  if (isModelName(path))
    return basename(path) === "model.mtl" && isRunFolder(dirname(path)) ? "file of a run" : "model";
  if (isRunFolder(dirname(path)) && /\.(?:safetensors|jsonl?)$/.test(path)) return "file of a run";
  return isRowsName(path) ? "rows" : "other";
}

export function isModelName(path: string): boolean {
  return /\.mtl$/i.test(path);
}

export function isRowsName(path: string): boolean {
  return new RegExp(`\\.(?:${[...tableFormats, "ndjson", "parquet"].join("|")})(?:\\.gz)?$`, "i").test(path);
}

/** Entries of a folder of one sort, by path; none where it cannot be read. */
export function entriesOf(folder: string, sort: Place): string[] {
  try {
    return readdirSync(folder)
      .map((name) => (folder === "." ? name : join(folder, name)))
      .filter((path) => placeAt(path) === sort);
  } catch {
    return [];
  }
}

/** What a path that leads to nothing was meant to be: the nearest name of that sort in its folder. */
export function nearPlace(path: string, sort: Place): string | undefined {
  const folder = dirname(path);
  const there = new Map(entriesOf(folder, sort).map((entry) => [basename(entry), entry]));
  if (sort === "model" && there.has(`${basename(path)}.mtl`)) return there.get(`${basename(path)}.mtl`);
  const near = suggest(basename(path), [...there.keys()]);
  return near === undefined ? undefined : there.get(near);
}
