import { closeSync, existsSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { cannotWrite, refuseSpecial, writeWhole } from "./atomic.ts";

/** A file of JSON lines that stays open while it grows. */
export interface LineFile {
  add(value: unknown): void;
  /** Everything added so far is on the disk when this returns: before a snapshot that counts on it. */
  sync(): void;
  close(): void;
}

/** Lines wait in memory for so long (milliseconds), or until there are so many characters of them. */
const WAIT = 1000;
const MOST = 65_536;

/** Opens `file` in a run folder to add lines at its end. */
export function openLines(folder: string, file: string): LineFile {
  const path = join(folder, file);
  function safely<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }
  refuseSpecial(path);
  const descriptor = safely(() => openSync(path, "a"));
  let waiting = "";
  let written = performance.now();
  const write = (): void => {
    const bytes = Buffer.from(waiting);
    waiting = "";
    written = performance.now();
    for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
  };
  return {
    add(value) {
      waiting += `${JSON.stringify(value)}\n`;
      if (waiting.length >= MOST || performance.now() - written >= WAIT) safely(write);
    },
    sync() {
      safely(() => {
        write();
        fsyncSync(descriptor);
      });
    },
    close() {
      safely(() => {
        write();
        closeSync(descriptor);
      });
    },
  };
}

/** Keeps the lines of a `.jsonl` file up to where a resumed run goes on, which makes the later ones again; one that was cut off is dropped. */
export function keepLines(folder: string, file: string, keep: (value: Record<string, unknown>) => boolean): void {
  const path = join(folder, file);
  if (!existsSync(path)) return;
  refuseSpecial(path);
  const kept: Buffer[] = [];
  const end = Buffer.from("\n");
  for (const line of linesOf(path)) if (isKept(line, keep)) kept.push(line, end);
  writeWhole(path, kept);
}

function isKept(line: Buffer, keep: (value: Record<string, unknown>) => boolean): boolean {
  try {
    const value: unknown = JSON.parse(line.toString("utf8"));
    return typeof value === "object" && value !== null && keep({ ...value });
  } catch {
    return false;
  }
}

/** Its lines as bytes: a text of all of them may be longer than any that can be held. */
function* linesOf(path: string): Generator<Buffer> {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    throw cannotWrite(path, error);
  }
  try {
    let begun: Buffer[] = [];
    for (;;) {
      const bytes = Buffer.allocUnsafe(MOST);
      const piece = bytes.subarray(0, readSync(descriptor, bytes));
      if (piece.length === 0) break;
      let from = 0;
      for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, from)) {
        yield Buffer.concat([...begun, piece.subarray(from, at)]);
        begun = [];
        from = at + 1;
      }
      begun.push(piece.subarray(from));
    }
    yield Buffer.concat(begun);
  } finally {
    closeSync(descriptor);
  }
}
