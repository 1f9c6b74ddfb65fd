import { isCode } from "../error-codes.ts";

/** What making a folder needs of `node:fs` and `node:path`; a module that also runs in a browser loads them when it writes. */
export interface FolderSystem {
  mkdirSync(path: string): unknown;
  statSync(path: string, options: { throwIfNoEntry: false }): { isDirectory(): boolean } | undefined;
  dirname(path: string): string;
}

/**
 * Makes a folder and those above it, one by one: Node's recursive mkdir never ends where a folder is there and takes none, as
 * /proc. Throws where a file stands in the way, or no folder can be made.
 */
export function makeFolder(path: string, system: FolderSystem): void {
  const found = (): { isDirectory(): boolean } | undefined => system.statSync(path, { throwIfNoEntry: false });
  if (found()?.isDirectory()) return;
  if (found()) throw Object.assign(new Error(`\`${path}\` is a file, not a folder`), { code: "ENOTDIR" });
  const above = system.dirname(path);
  if (above !== path) makeFolder(above, system);
  try {
    system.mkdirSync(path);
  } catch (error) {
    // Somebody else made it meanwhile.
    if (isCode(error, "EEXIST") && found()?.isDirectory()) return;
    throw isCode(error, "ENOENT") ? new Error(`no folder can be made in \`${above}\``) : error;
  }
}
