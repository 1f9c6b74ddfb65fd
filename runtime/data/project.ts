import { realpath, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep, isAbsolute } from "node:path";
import type { DataFile } from "./files.ts";

/** What may be looked into without the user having asked to read data: files of the project, and of installed packages. */

/** The nearest folder from here upwards that holds `package.json` or `.git`; this folder where none does. */
export async function projectFolder(folder: string): Promise<string> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    for (const mark of ["package.json", ".git"]) if (await stat(join(at, mark)).then(Boolean, () => false)) return at;
    if (dirname(at) === at) return resolve(folder);
  }
}

/** Whether the file lies there, wherever links may lead. */
export async function isWithinProject(file: DataFile, folder: string): Promise<boolean> {
  const place = await realpath(file.path).catch(() => null);
  if (place === null) return false;
  if (file.name.startsWith("npm:") && place.split(sep).includes("node_modules")) return true;
  const inside = relative(await realpath(await projectFolder(folder)), place);
  return !isAbsolute(inside) && inside.split(sep)[0] !== "..";
}
