import { readdirSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { DiagnosticError, report, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { registry } from "../../compiler/registry/index.ts";
import type { BoundData } from "../../runtime/data/data.ts";
import { openEngine, type EngineChoice } from "../../runtime/engines/index.ts";
import type { EngineDescription } from "../../runtime/engines/engine.ts";
import {
  appendLine,
  claimRunFolder,
  createRunFolder,
  files,
  keepLines,
  openRun,
  writeJson,
  writeSources,
  writeState,
  writeWeights,
  type OpenRun,
  type RunInfo,
} from "../../runtime/run/folder.ts";
import { MissingTensor, type Snapshot } from "../../runtime/train/snapshot.ts";
import { trainModel, type EpochEvent, type StepEvent, type TrainResult } from "../../runtime/train/train.ts";
import { version } from "../version.ts";
import { prepare, soundModel } from "./prepare.ts";
import { compileSource, overridesOf, type ModelSource } from "./sources.ts";

export interface TrainingOptions {
  readonly engine?: EngineChoice;
  /** Folder of the run; `runs/<model>-<n>` where absent. */
  readonly run?: string;
  /** Go on with the run in `run`, or with the newest of this model. */
  readonly resume?: boolean;
  /** Write `steps.jsonl`. */
  readonly logSteps?: boolean;
  /** Train and write nothing. */
  readonly keepNothing?: boolean;
  readonly hooks?: {
    onStart?(start: TrainingStart): void;
    onStep?(event: StepEvent): void;
    onEpoch?(event: EpochEvent): void;
    interrupted?(): boolean;
  };
}

/** What is known before the first step. */
export interface TrainingStart {
  readonly model: Model;
  readonly data: BoundData;
  readonly engine: EngineDescription;
  readonly notes: readonly Diagnostic[];
  readonly run: string | null;
}

export interface Training extends TrainingStart {
  readonly result: TrainResult;
}

/** Trains a model and keeps a run folder: the whole of what `mtlc train` and the library's `train` do. */
export async function runTraining(source: ModelSource, options: TrainingOptions = {}): Promise<Training> {
  const earlier = options.resume ? openRun(runToResume(source, options.run)) : null;
  const text = earlier ? resumedSource(source, earlier) : source;
  const prepared = await prepare(text, earlier?.codes);
  const { model, data, notes } = prepared;
  const engine = await openEngine(options.engine);
  try {
    const { hooks = {}, logSteps = false } = options;
    const folder = earlier?.folder ?? newFolder(model.name, options);
    const info = folder === null ? null : describeRun(text, model, engine.description, folder, earlier);
    if (folder !== null && info !== null && !earlier) {
      writeJson(folder, files.codes, data.codes);
      writeJson(folder, files.info, info);
    }
    const from = earlier ? earlierState(earlier) : undefined;
    if (from && folder !== null) {
      keepLines(folder, files.history, (line) => Number(line.epoch) <= from.cursor.epoch);
      keepLines(folder, files.steps, (line) => Number(line.step) <= from.cursor.step);
    }
    const start: TrainingStart = { model, data, engine: engine.description, notes, run: folder };
    hooks.onStart?.(start);
    const result = await fitting(earlier, () =>
      trainModel({
        engine,
        registry,
        model,
        data,
        seed: model.phases[0].seed,
        from,
        hooks: {
          onStep(event) {
            const { step, losses, weights, rate } = event;
            if (logSteps && folder !== null) appendLine(folder, files.steps, { step, losses, weights, rate });
            hooks.onStep?.(event);
          },
          onEpoch(event) {
            if (folder !== null) appendLine(folder, files.history, event);
            hooks.onEpoch?.(event);
          },
          interrupted: hooks.interrupted,
          save: folder === null ? undefined : async (snapshot) => writeState(folder, snapshot),
        },
      }),
    );
    if (folder !== null && info !== null) {
      writeWeights(folder, finalTensors(model, result), model.name);
      const { epoch: epochs, step: steps, seconds } = result.cursor;
      writeJson(folder, files.info, { ...info, finished: !result.interrupted, epochs, steps, seconds });
    }
    return { ...start, result };
  } finally {
    await engine.close();
  }
}

function newFolder(model: string, { run, keepNothing }: TrainingOptions): string | null {
  if (keepNothing) return null;
  return run === undefined ? createRunFolder("runs", model) : claimRunFolder(run);
}

/** Parameters by name, averaged where the last phase averages; running statistics beside them. */
function finalTensors(model: Model, { weights }: TrainResult): TrainResult["weights"]["parameters"] {
  const averaged = model.phases.at(-1)?.average !== null && weights.average.size > 0;
  const parameters = [...(averaged ? weights.average : weights.parameters)].filter(
    ([name]) => !name.startsWith("balance."),
  );
  return new Map([...parameters, ...weights.statistics]);
}

function describeRun(
  source: ModelSource,
  model: Model,
  engine: EngineDescription,
  folder: string,
  earlier: OpenRun | null,
): RunInfo {
  if (earlier) return { ...earlier.info, set: source.overrides.map(({ text }) => text), finished: false };
  const imported = new Map<string, string>();
  for (const [file, tree] of compileSource(source).trees) {
    if (file === source.file || source.overrides.some((override) => file.startsWith(override.file))) continue;
    imported.set(importKey(source.folder, file), tree.text);
  }
  return {
    schema: 1,
    model: model.name,
    version,
    seed: model.phases[0].seed,
    set: source.overrides.map(({ text }) => text),
    engine: engine.name,
    device: engine.device,
    threads: engine.threads,
    file: source.file,
    folder: relative(resolve(folder), source.folder).replaceAll("\\", "/") || ".",
    imports: writeSources(folder, source.text, imported),
    finished: false,
    epochs: 0,
    steps: 0,
    seconds: 0,
  };
}

/** How a run names an imported file: its path from the model's folder. */
function importKey(folder: string, file: string): string {
  return relative(folder, resolve(file)).replaceAll("\\", "/");
}

/** The model of a run, as it was when it was trained. */
export function sourceOfRun(run: OpenRun): ModelSource {
  const folder = resolve(run.folder, run.info.folder);
  return {
    file: run.info.file,
    folder,
    text: run.text,
    overrides: overridesOf(run.info.set),
    read: (path, from) =>
      run.read(
        importKey(folder, join(folder, relative(folder, resolve(folder, dirname(relativeTo(run, from)), path)))),
      ),
  };
}

/** A file's path from the model's folder, whatever folder the command was started in. */
function relativeTo(run: OpenRun, file: string): string {
  const base = dirname(run.info.file);
  return relative(base, file) || file;
}

function resumedSource(source: ModelSource, run: OpenRun): ModelSource {
  const trained = sourceOfRun(run);
  const overrides = [...trained.overrides, ...source.overrides];
  return { ...trained, folder: source.folder, overrides };
}

/** The run to go on with: the one named, else the newest of this model. */
function runToResume(source: ModelSource, run: string | undefined): string {
  if (run !== undefined) return run;
  const { model } = soundModel(source);
  const name = `${model.name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}-`;
  const candidates = safeList("runs")
    .filter((entry) => entry.startsWith(name))
    .map((entry) => ({ entry, time: statSync(join("runs", entry)).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  if (candidates.length === 0) {
    throw new DiagnosticError([
      report(runs.notARun, { folder: `runs/${name}*`, missing: "run of this model to go on with" }),
    ]);
  }
  return join("runs", candidates[0].entry);
}

function safeList(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The state of a run that was interrupted; a run that was stopped before its first snapshot starts anew. */
function earlierState(run: OpenRun): Snapshot | undefined {
  return safeList(run.folder).includes(files.state) ? run.state() : undefined;
}

/** Says it in the user's words where a saved state does not fit the model. */
async function fitting<T>(run: OpenRun | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MissingTensor) || !run) throw error;
    const holes = {
      file: join(run.folder, files.state),
      tensor: error.tensor,
      found: "nothing of that size",
      wanted: "it",
    };
    throw new DiagnosticError([report(runs.otherModel, holes)]);
  }
}
