import type { Codes } from "../../runtime/data/data.ts";
import { files } from "../../runtime/run/names.ts";
import type { OpenRun } from "../../runtime/run/open-run.ts";
import type { RunInfo } from "../../runtime/run/recorded.ts";
import {
  writeJson,
  writeSources,
  writeState,
  writeWeights,
  type RunMarks,
  type RunTexts,
} from "../../runtime/run/writing.ts";
import { checksumOf } from "../../runtime/run/checksum.ts";
import { digest } from "../../runtime/run/digest.ts";
import { removeTemporaries } from "../../runtime/run/atomic.ts";
import { keepLines, openLines, type LineFile } from "../../runtime/run/lines.ts";
import type { EpochEvent, StepEvent } from "../../runtime/train/hooks.ts";
import type { NamedWeights, Snapshot } from "../../runtime/train/snapshot.ts";

/**
 * Writes a run folder while training goes on. Lines are on the disk before a snapshot that counts on them, and what a snapshot
 * does not know is taken away when a run is resumed: no line is lost or doubled.
 */
export interface Recording {
  readonly folder: string;
  step(event: StepEvent): void;
  epoch(event: EpochEvent): void;
  save(snapshot: Snapshot): void;
  keep(weights: NamedWeights): void;
  finish(): void;
  close(): void;
}

export interface RunText {
  readonly main: string;
  readonly imports: ReadonlyMap<string, string>;
  readonly codes: Codes;
}

/** What a run is told by where it begins, before its texts lie in its folder. */
export type NewRunInfo = Omit<RunInfo, keyof RunTexts>;

/** A new run. `run.json` comes last: with it there is a run. */
export function recordNew(folder: string, text: RunText, info: NewRunInfo, logSteps: boolean): Recording {
  const known = { ...info, ...writeSources(folder, text.main, text.imports) };
  const run = runId(known, text.codes);
  const codes = writeJson(folder, files.codes, text.codes, run);
  writeJson(folder, files.info, known, run);
  return record(folder, known, { run, codes }, logSteps);
}

/** A run that goes on from a snapshot, or from its beginning where it has none. One without checksums gets them now. */
export function recordResumed(
  run: OpenRun,
  changes: NewRunInfo,
  from: Snapshot | undefined,
  logSteps: boolean,
): Recording {
  const { folder, codes } = run;
  removeTemporaries(folder);
  keepLines(folder, files.history, (line) => Number(line.epoch) <= (from?.cursor.epoch ?? 0));
  keepLines(folder, files.steps, (line) => Number(line.step) <= (from?.cursor.step ?? 0));
  const info = { ...changes, imports: run.info.imports, texts: run.texts(), finished: false };
  const id = run.id ?? runId(info, codes);
  // The id stands in `run.json` before any other file has it: a run that is killed in between has one, and the same.
  writeJson(folder, files.info, info, id);
  return record(
    folder,
    info,
    { run: id, codes: run.codesChecksum ?? writeJson(folder, files.codes, codes, id) },
    logSteps,
  );
}

/** Made of all that a run begins with: runs that begin alike are the same, and so are their files. */
function runId({ texts, seed, set, engine, device, data }: RunInfo, codes: Codes): string {
  return checksumOf({ texts, seed, set, engine, device, data, codes }, digest).slice(0, 32);
}

function record(folder: string, info: RunInfo, marks: RunMarks, logSteps: boolean): Recording {
  let known: RunInfo = info;
  const write = (changes: Partial<RunInfo>): void => {
    known = { ...known, ...changes };
    writeJson(folder, files.info, known, marks.run);
  };
  const history = openLines(folder, files.history);
  const steps: LineFile | null = logSteps ? openLines(folder, files.steps) : null;
  return {
    folder,
    step({ step, losses, weights, rate }) {
      steps?.add({ step, losses, weights, rate });
    },
    epoch(event) {
      history.add(event);
    },
    save(snapshot) {
      history.sync();
      steps?.sync();
      writeState(folder, snapshot, marks);
      const { epoch: epochs, step, seconds } = snapshot.cursor;
      known = { ...known, epochs, steps: step, seconds };
    },
    keep({ parameters, statistics }) {
      writeWeights(folder, new Map([...parameters, ...statistics]), { ...marks, model: known.model });
      write({});
    },
    finish: () => write({ finished: true }),
    close() {
      history.close();
      steps?.close();
    },
  };
}
