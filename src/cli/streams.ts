import { isCode } from "../../runtime/error-codes.ts";
import { cannotWrite } from "../../runtime/run/atomic.ts";
import { renderDiagnostics } from "../render/diagnostics.ts";
import { err } from "../render/output.ts";

/** What becomes of output that cannot be written. */
export interface Streams {
  /** True once results were lost: a full disk, not a reader that had seen enough. */
  lost(): boolean;
  onLoss(act: () => void): void;
}

/**
 * Standard output may end before the command does: a reader such as `head` goes when it has seen enough, and a file may lie on a
 * disk that fills up. Progress that nobody can see any more is no reason to give up a run.
 */
export function watchStreams(): Streams {
  let lost = false;
  let act = (): void => {};
  process.stderr.on("error", () => {});
  process.stdout.on("error", (error) => {
    if (lost || isCode(error, "EPIPE")) return;
    lost = true;
    err.put(renderDiagnostics(cannotWrite("standard output", error).diagnostics, "pretty"));
    act();
  });
  return {
    lost: () => lost,
    onLoss: (then) => (act = then),
  };
}
