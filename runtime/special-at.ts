import { statSync } from "node:fs";
import { specialOf } from "./special-file.ts";

/** What stands at a path in the place of a file, and cannot be read or written as one; null for a file, and where nothing is. */
export function specialAt(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? null : specialOf(found);
}
