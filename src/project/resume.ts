import { existsSync } from "node:fs";
import { join } from "node:path";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { changedSince, type DataPrint } from "../../runtime/run/fingerprint.ts";
import { isRunFolder, newestRun } from "../../runtime/run/folder.ts";
import { lockRun, type RunLock } from "../../runtime/run/lock.ts";
import { files } from "../../runtime/run/names.ts";
import { openRun, type OpenRun } from "../../runtime/run/open-run.ts";
import type { Cursor } from "../../runtime/train/cursor.ts";
import { areTooMany } from "../../runtime/train/skips.ts";
import { MissingTensor, type Snapshot } from "../../runtime/train/snapshot.ts";
import { shellWord } from "../render/words.ts";
import { version } from "../version.ts";
import { soundModel } from "./sound-model.ts";
import { checkCodes, importsOf, sourceOfRun } from "./run-source.ts";
import { compileSource, overridesOf, type ModelSource } from "./sources.ts";

/** A run to go on with. */
export interface EarlierRun {
  readonly run: OpenRun;
  /** That nobody else goes on with it at the same time. */
  readonly lock: RunLock;
  /** Its model with what it was trained with, and what is set now. */
  readonly source: ModelSource;
  /** Where it stood; undefined where it was stopped before its first snapshot and begins anew. */
  readonly from: Snapshot | undefined;
  /** Whether the text that was asked for is no longer the one that the run has. */
  readonly changed: boolean;
}

/**
 * Opens the run in `folder`, or the newest of this model, and takes its lock. Throws a DiagnosticError where there is none, it
 * is broken, somebody trains in it, or it is another run than the one asked for. Nothing else is written.
 */
export function openEarlier(source: ModelSource, asked: string | undefined): EarlierRun {
  const folder = asked ?? newest(source);
  if (!isRunFolder(folder)) openRun(folder);
  const lock = lockRun(folder);
  try {
    return { ...opened(source, folder), lock };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function opened(source: ModelSource, folder: string): Omit<EarlierRun, "lock"> {
  const run = openRun(folder);
  const trained = sourceOfRun(run);
  const { model } = soundModel(trained);
  checkName(run, model, source);
  checkCodes(run, model);
  const overrides = overridesOf(merged(trained.overrides, source.overrides));
  const earlier = { ...trained, folder: source.folder, overrides };
  checkSeed(run, model, soundModel(earlier).model);
  checkWeights(run);
  return { run, source: earlier, from: stateOf(run, source), changed: isChanged(run, source) };
}

/** Training writes the weights anew from the state, and yet does not do so over what is not its own. */
function checkWeights(run: OpenRun): void {
  if (existsSync(join(run.folder, files.weights))) run.weights();
}

/** Where the run stood. A run without weights was stopped before it saved any; one that has some has lost its state. */
function stateOf(run: OpenRun, source: ModelSource): Snapshot | undefined {
  const holds = (file: string): boolean => existsSync(join(run.folder, file));
  if (holds(files.state)) return run.state();
  if (!run.info.finished && !holds(files.weights)) return undefined;
  const problem = `holds no ${files.state}: there is nothing to go on from`;
  throw cannotGoOn(run, problem, beginsAnew(`\`${trainCommand(source)}\``));
}

/** A file may be broken since the run began, so its name is read without asking for a sound model. */
function checkName(run: OpenRun, { name }: Model, source: ModelSource): void {
  const declarations = compileSource(source).trees.get(source.file)?.declarations ?? [];
  const [asked] = declarations.flatMap((declaration) => (declaration.kind === "model" ? [declaration.name?.text] : []));
  if (asked === undefined || asked === name) return;
  const help = `go on with it by the file that it was made of, or begin a run of \`${asked}\`: \`${trainCommand(source)}\``;
  throw cannotGoOn(run, `is a run of \`${name}\`, not of \`${asked}\``, help);
}

function checkSeed(run: OpenRun, before: Model, now: Model): void {
  for (const [k, { seed }] of before.phases.entries()) {
    const asked = now.phases[k]?.seed;
    if (asked === undefined || asked === seed) continue;
    const problem = `began with seed ${seed} and cannot go on with ${asked}: the seed decides everything random`;
    throw cannotGoOn(run, problem, "leave the seed out, or begin a new run without `--resume`");
  }
}

function isChanged(run: OpenRun, source: ModelSource): boolean {
  return source.text !== run.text || [...importsOf(source)].some(([path, text]) => run.read(path) !== text);
}

/**
 * Throws where a run that was given up, because too many of its last steps had to be skipped, has no step left to go on with: it
 * did not end well, and nothing has mended it.
 */
export function checkGoesOn({ run, from }: EarlierRun, { step, skippedInRow }: Cursor): void {
  if (step !== from?.cursor.step || !areTooMany(skippedInRow)) return;
  const problem = `was given up: its last ${skippedInRow} steps were skipped, because a loss or gradient was not finite, and no step is left`;
  const help = "begin a new run with a smaller `rate`, or ask for more: `--set train.epochs=N`";
  throw cannotGoOn(run, problem, help);
}

function cannotGoOn({ folder }: OpenRun, problem: string, help: string): DiagnosticError {
  return new DiagnosticError([report(runs.cannotGoOn, { run: folder, problem }, { help })]);
}

function trainCommand({ file }: ModelSource): string {
  return `mtlc train ${shellWord(file)}`;
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
export function checkUnchanged({ run }: EarlierRun, print: DataPrint): void {
  const changes = run.info.data ? changedSince(run.info.data, print) : null;
  if (changes === null) return;
  const begin = `\`mtlc train ${shellWord(run.info.file)}\``;
  if (isOlder(run)) {
    const problem = `was begun by version ${run.info.version} of mtlc, which read its rows otherwise, or they have changed: ${changes}`;
    throw cannotGoOn(run, problem, `${beginsAnew(begin)}; or bring back the data as it was`);
  }
  const help = `bring back the data as it was, or begin a new run: ${begin}`;
  throw new DiagnosticError([report(runs.dataChanged, { run: run.folder, changes }, { help })]);
}

/** Says it in the user's words where a saved state does not fit the model. */
export async function fitting<T>(earlier: EarlierRun | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MissingTensor) || !earlier) throw error;
    const { run } = earlier;
    const file = join(run.folder, files.state);
    if (isOlder(run)) {
      const problem = `was begun by version ${run.info.version} of mtlc, whose state this version cannot go on from: ${file} holds no \`${error.tensor}\` that fits`;
      throw cannotGoOn(run, problem, beginsAnew(`\`mtlc train ${shellWord(run.info.file)}\``));
    }
    const holes = { file, tensor: error.tensor, found: "nothing of that size", wanted: "it" };
    throw new DiagnosticError([report(runs.otherModel, holes)]);
  }
}

/** Whether an earlier version wrote it: the first one wrote no ids. */
function isOlder({ id, info }: OpenRun): boolean {
  return id === null || info.version !== version;
}

function beginsAnew(begin: string): string {
  return `its weights can be used as they are; ${begin} begins a new run`;
}
