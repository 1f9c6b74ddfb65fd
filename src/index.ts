/**
 * The library: check a model, train it, load a trained run, predict.
 *
 * `compile` is pure: text in, model and diagnostics out. `train` and `load` open an engine and read and write files.
 */
import { dirname, resolve } from "node:path";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import type { EngineChoice } from "../runtime/engines/index.ts";
import type { EpochEvent, StepEvent } from "../runtime/train/train.ts";
import type { TaskMetrics } from "../runtime/train/metrics.ts";
import type { CompiledModel } from "./compile.ts";
import { loadedRun, type LoadedRun, type LoadHooks } from "./loaded.ts";
import type { ModelSource } from "./project/sources.ts";
import { overridesOf } from "./project/sources.ts";
import { openTrained } from "./project/trained.ts";
import { runTraining } from "./project/training.ts";

export type { Answer, ClassAnswer, FlagAnswer, OrdinalAnswer } from "../runtime/train/answers.ts";
export type { Diagnostic, Edit, Fix, Label, Severity } from "../compiler/diagnostics/diagnostic.ts";
export type { Model } from "../compiler/ir/model.ts";
export type { EngineChoice } from "../runtime/engines/index.ts";
export type { TaskMetrics } from "../runtime/train/metrics.ts";
export type { EpochEvent, StepEvent } from "../runtime/train/train.ts";
export { DiagnosticError } from "../compiler/diagnostics/diagnostic.ts";
export { compile, type CompiledModel, type CompileResult } from "./compile.ts";
export type { InputValue, LoadedRun, LoadHooks, Row } from "./loaded.ts";
export { version } from "./version.ts";

export interface TrainOptions extends EngineChoice {
  /** The folder that data paths are relative to: that of the model's file where absent. */
  readonly folder?: string;
  /** Folder of the run; `runs/<model>-<n>` where absent, none is written for null. */
  readonly run?: string | null;
  /** Keys of `train`, as on the command line: `["train.epochs=3"]`. */
  readonly set?: readonly string[];
  readonly resume?: boolean;
  readonly onStep?: (event: StepEvent) => void;
  readonly onEpoch?: (event: EpochEvent) => void;
  /** Stops after the step under way, saved. */
  readonly signal?: AbortSignal;
}

export interface TrainedRun {
  /** The run's folder, or null. */
  readonly folder: string | null;
  readonly epochs: number;
  readonly steps: number;
  readonly seconds: number;
  readonly interrupted: boolean;
  /** By part, task and metric. */
  readonly metrics: Readonly<Partial<Record<"validation" | "test", TaskMetrics>>>;
  readonly warnings: readonly Diagnostic[];
}

/** Trains a compiled model. Throws a DiagnosticError for mistakes in its data. */
export async function train(model: CompiledModel, options: TrainOptions = {}): Promise<TrainedRun> {
  const source: ModelSource = {
    file: model.file,
    folder: resolve(options.folder ?? dirname(model.file)),
    text: model.source,
    read: model.read,
    overrides: overridesOf(options.set ?? []),
  };
  const { engine, device, threads, run, resume, onStep, onEpoch, signal } = options;
  const {
    result,
    notes,
    run: folder,
  } = await runTraining(source, {
    engine: { engine, device, threads },
    run: run ?? undefined,
    keepNothing: run === null,
    resume,
    hooks: { onStep, onEpoch, interrupted: () => signal?.aborted === true },
  });
  return {
    folder,
    epochs: result.cursor.epoch,
    steps: result.cursor.step,
    seconds: result.cursor.seconds,
    interrupted: result.interrupted,
    metrics: Object.fromEntries([...result.parts].map(([part, { metrics }]) => [part, metrics])),
    warnings: notes,
  };
}

/** How a run is opened: the engine, and what is to be heard of rows. */
export interface LoadOptions extends EngineChoice, LoadHooks {}

/** Opens a run folder. Throws a DiagnosticError where something in it is missing or broken. */
export async function load(folder: string, options: LoadOptions = {}): Promise<LoadedRun> {
  const { engine, device, threads, onWarning } = options;
  const trained = await openTrained(folder, { engine, device, threads });
  if (onWarning) trained.run.warnings().forEach(onWarning);
  return loadedRun(trained, { onWarning });
}
