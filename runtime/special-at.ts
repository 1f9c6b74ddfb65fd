import { statSync, type Stats } from "node:fs";
import { specialOf } from "./special-file.ts";

/**
 * What stands at a path in the place of a file, and cannot be read or written as one; null for a file, and where nothing is or can
 * be looked at: what opens the file says why.
 */
export function specialAt(path: string): string | null {
  const found = statOf(path);
  return found === undefined ? null : specialOf(found);
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
