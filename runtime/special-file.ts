/** What Node's `stat` tells of a path; a standalone module has no types of Node. */
export interface FoundFile {
  isFIFO(): boolean;
  isCharacterDevice(): boolean;
  isBlockDevice(): boolean;
  isSocket(): boolean;
  isDirectory(): boolean;
}

/** What stands in the place of a file and never ends, or never begins, when it is read; null for files and what they stand for. */
export function specialOf(found: FoundFile): string | null {
  if (found.isFIFO()) return "a named pipe";
  if (found.isCharacterDevice() || found.isBlockDevice()) return "a device";
  if (found.isSocket()) return "a socket";
  return found.isDirectory() ? "a folder" : null;
}
