import { realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, relative, resolve, sep, isAbsolute } from "node:path";
import type { DataFile } from "./files.ts";

/** What may be looked into without the user having asked to read data: files of the project, and of installed packages. */

/** The nearest folder from here upwards that holds `package.json` or `.git`; this folder where none does. */
async function projectFolder(folder: string): Promise<string> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    for (const mark of ["package.json", ".git"]) if (await stat(join(at, mark)).then(Boolean, () => false)) return at;
    if (dirname(at) === at) return resolve(folder);
  }
}

/** The folder that the program runs in, where the model is inside it; the whole disk and a home folder are no project. */
function workingFolder(folder: string): string | null {
  const at = process.cwd();
  return dirname(at) !== at && at !== homedir() && isInside(resolve(folder), at) ? at : null;
}

function isInside(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  return !isAbsolute(inside) && inside.split(sep)[0] !== "..";
}

/** Whether the file lies within the project, wherever links may lead. */
export async function isWithinProject(file: DataFile, folder: string): Promise<boolean> {
  const place = await realpath(file.path).catch(() => null);
  if (place === null) return false;
  if (file.name.startsWith("npm:") && place.split(sep).includes("node_modules")) return true;
  for (const project of [await projectFolder(folder), workingFolder(folder)])
    if (project !== null && isInside(place, await realpath(project))) return true;
  return false;
}
