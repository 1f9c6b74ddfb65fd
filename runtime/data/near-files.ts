import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { suggest } from "../../compiler/check/names/suggest.ts";

/** The file that was meant by a path at which there is none. */

/** Folders that are looked into, and names in each. */
const MOST = 64;

/**
 * As it would be written in a file of `folder`: one of nearly that name where it was looked for, one of that name seen from the
 * working folder, beside the file, or one folder below it. Undefined where there is none.
 */
export async function nearFile(name: string, folder: string): Promise<string | undefined> {
  const path = resolve(folder, name);
  const own = basename(path);
  const near = suggest(own, await filesIn(dirname(path)));
  if (near !== undefined) return written(folder, join(dirname(path), near));
  const below = (await entriesOf(folder)).filter((entry) => entry.isDirectory() && isOwn(entry.name));
  const places = [resolve(name), join(folder, own), ...below.map((entry) => join(folder, entry.name, own))];
  for (const place of places) if (place !== path && (await isFile(place))) return written(folder, place);
  return undefined;
}

/** A path as it is written in a file of a folder: with slashes, and from the root only where it is far away. */
function written(folder: string, path: string): string {
  const way = relative(resolve(folder), path).split(sep).join("/");
  return way.startsWith("../../..") ? path : way;
}

function isOwn(name: string): boolean {
  return name !== "node_modules" && !name.startsWith(".");
}

async function entriesOf(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.length > MOST * MOST ? [] : entries;
}

async function filesIn(folder: string): Promise<readonly string[]> {
  return (await entriesOf(folder)).filter((entry) => entry.isFile()).map((entry) => entry.name);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
