import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { cannotWrite } from "./atomic.ts";

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
