/**
 * The library: check a model, train it, load a trained run, predict.
 *
 * `compile` is pure: text in, model and diagnostics out. `train` and `load` open an engine and read and write files.
 */
import { dirname, resolve } from "node:path";
import { compile as check, type CompileOptions } from "../compiler/compile.ts";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import type { Model } from "../compiler/ir/model.ts";
import { registry } from "../compiler/registry/index.ts";
import { tableOfRows } from "../runtime/data/table-file.ts";
import type { EngineChoice } from "../runtime/engines/index.ts";
import { metricsOf, type TaskMetrics } from "../runtime/train/metrics.ts";
import type { EpochEvent, StepEvent } from "../runtime/train/train.ts";
import { answersOf, type Answer } from "../runtime/train/answers.ts";
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
export { version } from "./version.ts";

/** A sound model with the text that it came from, as `train` takes it. */
export interface CompiledModel {
  readonly name: string;
  /** The model's meaning, as `mtlc ir` prints it. */
  readonly ir: Model;
  readonly source: string;
  readonly file: string;
  readonly read: (path: string, from: string) => string | null;
}

export interface CompileResult {
  /** Null where there is an error, and for a library file. */
  readonly model: CompiledModel | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks a model's text. `read` brings the text of an imported file (its path as written, the file that imports it), or null
 * where there is none.
 */
export function compile(source: string, options: Pick<CompileOptions, "file" | "read"> = {}): CompileResult {
  const { model: ir, diagnostics } = check(source, options);
  const file = options.file ?? "model.mtl";
  const read = options.read ?? (() => null);
  return { model: ir && { name: ir.name, ir, source, file, read }, diagnostics };
}

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

/** A value of an input: what a cell of its column may hold. */
export type InputValue = string | number | boolean | null | ArrayLike<number> | readonly InputValue[];
/** One example: by column, as the model's inputs name them. */
export type Row = Readonly<Record<string, InputValue>>;

export interface LoadedRun {
  readonly model: Model;
  /** Answers one row, or each of several. */
  predict(row: Row): Promise<Record<string, Answer>>;
  predict(rows: readonly Row[]): Promise<Record<string, Answer>[]>;
  /** Metrics of every task on rows with answers. */
  evaluate(rows: readonly Row[]): Promise<TaskMetrics>;
  close(): Promise<void>;
}

/** Opens a run folder. Throws a DiagnosticError where something in it is missing or broken. */
export async function load(folder: string, options: EngineChoice = {}): Promise<LoadedRun> {
  const trained = await openTrained(folder, options);
  const tableOf = (rows: readonly Row[]) => tableOfRows(rows, "rows", trained.missing);
  const answer = async (rows: readonly Row[]): Promise<Record<string, Answer>[]> => {
    const set = trained.encode(tableOf(rows), { targets: false });
    return answersOf(trained.model, trained.codes, set, await trained.evaluate(set));
  };
  function predict(row: Row): Promise<Record<string, Answer>>;
  function predict(rows: readonly Row[]): Promise<Record<string, Answer>[]>;
  async function predict(rows: Row | readonly Row[]): Promise<Record<string, Answer> | Record<string, Answer>[]> {
    return isList(rows) ? answer(rows) : (await answer([rows]))[0];
  }
  return {
    model: trained.model,
    predict,
    async evaluate(rows) {
      const set = trained.encode(tableOf(rows));
      return metricsOf(trained.model, registry, set, await trained.evaluate(set), trained.codes);
    },
    close: () => trained.close(),
  };
}

function isList(rows: Row | readonly Row[]): rows is readonly Row[] {
  return Array.isArray(rows);
}
