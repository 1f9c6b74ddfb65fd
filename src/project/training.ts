import { relative, resolve } from "node:path";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { registry } from "../../compiler/registry/index.ts";
import type { BoundData } from "../../runtime/data/data.ts";
import { openEngine, type EngineChoice } from "../../runtime/engines/index.ts";
import type { EngineDescription } from "../../runtime/engines/engine.ts";
import { printOf, type DataPrint } from "../../runtime/run/fingerprint.ts";
import type { RunLock } from "../../runtime/run/lock.ts";
import { checkRunFolder, claimRunFolder, createRunFolder } from "../../runtime/run/folder.ts";
import type { EpochEvent, MeasureEvent, PhaseEndEvent, PhaseEvent, StepEvent } from "../../runtime/train/hooks.ts";
import { trainModel, type TrainResult } from "../../runtime/train/train.ts";
import { version } from "../version.ts";
import { prepare } from "./prepare.ts";
import { recordNew, recordResumed, type Recording } from "./recording.ts";
import { checkGoesOn, checkUnchanged, fitting, openEarlier, type EarlierRun } from "./resume.ts";
import { importsOf } from "./run-source.ts";
import type { ModelSource } from "./sources.ts";
import { networksOf, taught } from "./teachers.ts";

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
  /** Seconds between two snapshots (5). */
  readonly saveEvery?: number;
  readonly hooks?: {
    /** Everything is compiled, and the first step comes next. */
    onStart?(start: TrainingStart): void;
    onPhase?(event: PhaseEvent): void;
    onPhaseEnd?(event: PhaseEndEvent): void;
    onStep?(event: StepEvent): void;
    onEpoch?(event: EpochEvent): void;
    onMeasure?(event: MeasureEvent): void;
    /** Weights have been written: those after so many steps of the run. */
    onKept?(step: number): void;
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
  /** The run that is gone on with, if one is. */
  readonly earlier: EarlierRun | null;
}

export interface Training extends TrainingStart {
  readonly result: TrainResult;
}

/** A run folder while training goes on: nobody else has it, and what happens is written there. */
interface Kept {
  lock: RunLock | null;
  recording: Recording | null;
  /** Steps that its state has seen. */
  step: number;
}

/** Trains a model and keeps a run folder: the whole of what `mtlc train` and the library's `train` do. */
export async function runTraining(given: ModelSource, options: TrainingOptions = {}): Promise<Training> {
  const kept: Kept = { lock: null, recording: null, step: 0 };
  try {
    return await trainKept(given, options, kept);
  } finally {
    try {
      kept.recording?.close();
    } finally {
      kept.lock?.release();
    }
  }
}

async function trainKept(given: ModelSource, options: TrainingOptions, kept: Kept): Promise<Training> {
  const earlier = options.resume ? openEarlier(given, options.run) : null;
  kept.lock = earlier?.lock ?? null;
  const source = earlier?.source ?? given;
  if (!earlier && options.run !== undefined && !options.keepNothing) checkRunFolder(options.run);
  const prepared = await prepare(source, { codes: earlier?.run.codes });
  const { model, teachers } = prepared;
  const notes = [...(earlier?.run.warnings() ?? []), ...prepared.notes];
  const engine = await openEngine(options.engine);
  const { hooks = {}, saveEvery } = options;
  try {
    const data = await taught(engine, model, prepared.data, teachers);
    const print = printOf(data, networksOf(teachers));
    if (earlier) checkUnchanged(earlier, print);
    const start = (): TrainingStart => ({
      model,
      data,
      engine: engine.description,
      notes,
      run: kept.recording?.folder ?? null,
      earlier,
    });
    const result = await fitting(earlier, () =>
      trainModel({
        engine,
        registry,
        model,
        data,
        from: earlier?.from,
        saveEvery,
        hooks: {
          onReady() {
            beginRecording(kept, source, model, { data, print }, engine.description, options, earlier);
            hooks.onStart?.(start());
          },
          onPhase: hooks.onPhase,
          onPhaseEnd: hooks.onPhaseEnd,
          onMeasure: hooks.onMeasure,
          onStep(event) {
            kept.recording?.step(event);
            hooks.onStep?.(event);
          },
          onEpoch(event) {
            kept.recording?.epoch(event);
            hooks.onEpoch?.(event);
          },
          interrupted: hooks.interrupted,
          save: async (snapshot) => {
            kept.recording?.save(snapshot);
            kept.step = snapshot.cursor.step;
          },
          keep: async (weights) => {
            kept.recording?.keep(weights);
            if (kept.recording) hooks.onKept?.(kept.step);
          },
        },
      }),
    );
    if (earlier && !result.interrupted) checkGoesOn(earlier, result.cursor);
    if (!result.interrupted) kept.recording?.finish();
    return { ...start(), result };
  } finally {
    await engine.close();
  }
}

/** Makes the run's folder, or opens it anew; neither where nothing is to be kept. */
function beginRecording(
  kept: Kept,
  source: ModelSource,
  model: Model,
  { data, print }: { readonly data: BoundData; readonly print: DataPrint },
  engine: EngineDescription,
  { run, keepNothing, logSteps = false }: TrainingOptions,
  earlier: EarlierRun | null,
): void {
  const { name, device, threads } = engine;
  const now = { set: source.overrides.map(({ text }) => text), engine: name, device, threads, data: print };
  if (earlier) {
    kept.recording = recordResumed(earlier.run, { ...earlier.run.info, ...now }, earlier.from, logSteps);
    return;
  }
  if (keepNothing) return;
  const folder = run ?? createRunFolder("runs", model.name);
  kept.lock = claimRunFolder(folder);
  const info = {
    schema: 1 as const,
    model: model.name,
    version,
    seed: model.phases[0].seed,
    ...now,
    file: source.file,
    folder: relative(resolve(folder), source.folder).replaceAll("\\", "/") || ".",
    finished: false,
    epochs: 0,
    steps: 0,
    seconds: 0,
  };
  const text = { main: source.text, imports: importsOf(source), codes: data.codes };
  kept.recording = recordNew(folder, text, info, logSteps);
}
