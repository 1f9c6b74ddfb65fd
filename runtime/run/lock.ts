import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import { isCode } from "../error-codes.ts";
import { specialAt } from "../special-at.ts";
import { cannotWrite } from "./atomic.ts";
import { files } from "./names.ts";

/**
 * One process at a time trains in a run folder: a file there says which. It goes with the training, also where that ends by a
 * mistake; what a killed process left is told by the process that is no more.
 */
export interface RunLock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When that process began, as the system says it; null where it does not. A number that was given again tells by it. */
  readonly began: string | null;
  /** When the lock was taken. */
  readonly since: string;
}

/** Takes the lock of a folder. Throws a DiagnosticError where another process, or this one, trains there. */
export function lockRun(folder: string): RunLock {
  const path = join(folder, files.lock);
  const own: Holder = {
    pid: process.pid,
    host: hostname(),
    began: beginningOf(process.pid),
    since: new Date().toISOString(),
  };
  const text = `${JSON.stringify(own)}\n`;
  // A lock that is found in the way is looked at; one that nobody holds is taken away, and it is tried again.
  for (let tries = 0; !placed(path, text); tries++) {
    const found = textOf(path);
    const holder = found === null ? null : holderIn(found);
    if (tries > 3 || (found !== null && (holder === null || isHeld(holder)))) throw inUse(folder, path, holder);
    if (found !== null) takeAway(path, found);
  }
  const release = (): void => {
    process.off("exit", release);
    if (textOf(path) === text) rmSync(path, { force: true });
  };
  process.on("exit", release);
  return { release };
}

/** Throws a DiagnosticError where `lockRun` would, and takes nothing. */
export function checkLock(folder: string): void {
  const path = join(folder, files.lock);
  const found = textOf(path);
  const holder = found === null ? null : holderIn(found);
  if (found !== null && (holder === null || isHeld(holder))) throw inUse(folder, path, holder);
}

/** Puts the whole lock there, if none is: false where there is one. */
function placed(path: string, text: string): boolean {
  const whole = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(whole, text);
    linkSync(whole, path);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    if (!isCode(error, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "ENOENT")) throw cannotWrite(path, error);
  } finally {
    rmSync(whole, { force: true });
  }
  // A disk without links.
  try {
    writeFileSync(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw cannotWrite(path, error);
  }
}

/** Takes a dead lock away, but not one that another process has put in its place since it was read. */
function takeAway(path: string, dead: string): void {
  const aside = `${path}.${process.pid}.old.tmp`;
  try {
    renameSync(path, aside);
    if (textOf(aside) !== dead) linkSync(aside, path);
  } catch (error) {
    if (!isCode(error, "ENOENT", "EEXIST")) throw cannotWrite(path, error);
  } finally {
    rmSync(aside, { force: true });
  }
}

function isHeld({ pid, host, began }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (isCode(error, "ESRCH")) return false;
  }
  const now = beginningOf(pid);
  return began === null || now === null || began === now;
}

/** What the system says of when a process began: in ticks since the machine did. Null where it does not say. */
function beginningOf(pid: number): string | null {
  const status = textOf(`/proc/${pid}/stat`);
  // The name before it stands in brackets and may hold anything.
  return status?.slice(status.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

function inUse(folder: string, path: string, holder: Holder | null): DiagnosticError {
  const isHere = holder?.host === hostname();
  const help =
    holder === null
      ? `if nothing trains there, delete \`${path}\``
      : isHere
        ? `wait until it ends, or stop it: it saves and \`--resume\` goes on; if that process trains nothing, delete \`${path}\``
        : `wait until it ends; if nothing trains there any more, delete \`${path}\``;
  const holes = {
    folder,
    pid: holder?.pid ?? null,
    host: isHere ? null : (holder?.host ?? null),
    since: holder?.since ?? null,
  };
  return new DiagnosticError([report(runs.runInUse, holes, { help })]);
}

function holderIn(text: string): Holder | null {
  try {
    const said: unknown = JSON.parse(text);
    if (typeof said !== "object" || said === null) return null;
    const { pid, host, began, since }: Partial<Record<keyof Holder, unknown>> = said;
    if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid < 1) return null;
    if (typeof host !== "string" || typeof since !== "string") return null;
    return { pid, host, began: typeof began === "string" ? began : null, since };
  } catch {
    return null;
  }
}

/** Null where there is no such file; nothing in what is none. */
function textOf(path: string): string | null {
  try {
    return specialAt(path) === null ? readFileSync(path, "utf8") : "";
  } catch {
    return null;
  }
}
