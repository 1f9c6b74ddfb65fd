import { existsSync } from "node:fs";
import { join } from "node:path";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import { changedSince, type DataPrint } from "../../runtime/run/fingerprint.ts";
import { files, newestRun, openRun, type OpenRun } from "../../runtime/run/folder.ts";
import { MissingTensor, type Snapshot } from "../../runtime/train/snapshot.ts";
import { shellWord } from "../render/words.ts";
import { soundModel } from "./sound-model.ts";
import { checkCodes, sourceOfRun } from "./run-source.ts";
import { overridesOf, type ModelSource } from "./sources.ts";

/** A run to go on with. */
export interface EarlierRun {
  readonly run: OpenRun;
  /** Its model with what it was trained with, and what is set now. */
  readonly source: ModelSource;
  /** Where it stood; undefined where it was stopped before its first snapshot and begins anew. */
  readonly from: Snapshot | undefined;
}

/** Opens the run in `folder`, or the newest of this model. Throws a DiagnosticError where there is none, or it is broken. */
export function openEarlier(source: ModelSource, folder: string | undefined): EarlierRun {
  const run = openRun(folder ?? newest(source));
  const trained = sourceOfRun(run);
  checkCodes(run, soundModel(trained).model);
  const overrides = overridesOf(merged(trained.overrides, source.overrides));
  const from = existsSync(join(run.folder, files.state)) ? run.state() : undefined;
  return { run, source: { ...trained, folder: source.folder, overrides }, from };
}

function newest(source: ModelSource): string {
  const { name } = soundModel(source).model;
  const folder = newestRun("runs", name);
  if (folder !== null) return folder;
  throw new DiagnosticError([
    report(runs.notARun, { folder: "runs", problem: `it holds no run of \`${name}\` to go on with` }),
  ]);
}

/** What was set before and what is set now; of one key the later. */
function merged(...lists: readonly ModelSource["overrides"][]): string[] {
  const byKey = new Map<string, string>();
  for (const { text } of lists.flat()) {
    const key = text.slice(0, Math.max(0, text.indexOf("="))).trim();
    byKey.delete(key);
    byKey.set(key, text);
  }
  return [...byKey.values()];
}

/** Throws where the rows are not those that the run began with. */
export function checkUnchanged({ run, source }: EarlierRun, print: DataPrint): void {
  const changes = run.info.data ? changedSince(run.info.data, print) : null;
  if (changes === null) return;
  const help = `bring back the data as it was, or begin a new run: \`mtlc train ${shellWord(source.file)}\``;
  throw new DiagnosticError([report(runs.dataChanged, { run: run.folder, changes }, { help })]);
}

/** Says it in the user's words where a saved state does not fit the model. */
export async function fitting<T>(earlier: EarlierRun | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MissingTensor) || !earlier) throw error;
    const file = join(earlier.run.folder, files.state);
    const holes = { file, tensor: error.tensor, found: "nothing of that size", wanted: "it" };
    throw new DiagnosticError([report(runs.otherModel, holes)]);
  }
}
