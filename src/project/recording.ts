import type { Codes } from "../../runtime/data/data.ts";
import {
  files,
  keepLines,
  writeJson,
  writeSources,
  writeState,
  writeWeights,
  type RunInfo,
} from "../../runtime/run/folder.ts";
import { removeTemporaries } from "../../runtime/run/atomic.ts";
import { openLines, type LineFile } from "../../runtime/run/lines.ts";
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

/** A new run. `run.json` comes last: with it there is a run. */
export function recordNew(folder: string, text: RunText, info: Omit<RunInfo, "imports">, logSteps: boolean): Recording {
  const imports = writeSources(folder, text.main, text.imports);
  writeJson(folder, files.codes, text.codes);
  return record(folder, { ...info, imports }, logSteps);
}

/** A run that goes on from a snapshot, or from its beginning where it has none. */
export function recordResumed(folder: string, info: RunInfo, from: Snapshot | undefined, logSteps: boolean): Recording {
  removeTemporaries(folder);
  keepLines(folder, files.history, (line) => Number(line.epoch) <= (from?.cursor.epoch ?? 0));
  keepLines(folder, files.steps, (line) => Number(line.step) <= (from?.cursor.step ?? 0));
  return record(folder, info, logSteps);
}

function record(folder: string, info: RunInfo, logSteps: boolean): Recording {
  let known: RunInfo = { ...info, finished: false };
  const write = (changes: Partial<RunInfo>): void => {
    known = { ...known, ...changes };
    writeJson(folder, files.info, known);
  };
  write({});
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
      writeState(folder, snapshot);
      const { epoch: epochs, step, seconds } = snapshot.cursor;
      known = { ...known, epochs, steps: step, seconds };
    },
    keep({ parameters, statistics }) {
      writeWeights(folder, new Map([...parameters, ...statistics]), known.model);
      write({});
    },
    finish: () => write({ finished: true }),
    close() {
      history.close();
      steps?.close();
    },
  };
}
