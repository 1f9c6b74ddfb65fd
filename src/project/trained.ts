import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import { answerElements } from "../../compiler/lower/answers.ts";
import { modelParameters } from "../../compiler/lower/parameters.ts";
import { isCoded } from "../../compiler/ir/kinds.ts";
import type { Cell, Model } from "../../compiler/ir/model.ts";
import { withoutRunLessons } from "../../compiler/ir/teacher.ts";
import { registry } from "../../compiler/registry/index.ts";
import { encodeRows } from "../../runtime/data/bind.ts";
import type { Codes, RowSet } from "../../runtime/data/data.ts";
import { sizesOf } from "../../runtime/data/sizes.ts";
import type { Table } from "../../runtime/data/table.ts";
import type { Engine, EngineDescription } from "../../runtime/engines/engine.ts";
import { openEngine, type EngineChoice } from "../../runtime/engines/index.ts";
import { files, openRun, type OpenRun } from "../../runtime/run/folder.ts";
import type { NamedTensor } from "../../runtime/train/snapshot.ts";
import { EVALUATION_BATCH, prepareEvaluator, type Evaluator, type SetResult } from "../../runtime/train/evaluate.ts";
import { factsOf } from "../../runtime/train/plan.ts";
import { floats } from "../../runtime/train/state.ts";
import { sizedModel, soundModel } from "./sound-model.ts";
import { checkCodes, sourceOfRun } from "./run-source.ts";

/** A trained network, ready to answer: its model, what it learnt from data, its weights on an engine. */
export interface TrainedModel {
  readonly model: Model;
  readonly codes: Codes;
  readonly run: OpenRun;
  readonly engine: EngineDescription;
  /** Spellings of an empty cell that the training source has. */
  readonly missing: readonly Cell[];
  encode(table: Table, options?: { targets?: boolean }): RowSet;
  evaluate(set: RowSet): Promise<SetResult>;
  close(): Promise<void>;
}

/** What a run folder holds of a trained network, before any engine: every weight that the model needs, in its shape. */
export interface TrainedFiles {
  readonly run: OpenRun;
  readonly model: Model;
  readonly codes: Codes;
  readonly weights: ReadonlyMap<string, NamedTensor>;
}

export function readTrained(folder: string): TrainedFiles {
  const run = openRun(folder);
  const { codes } = run;
  const source = sourceOfRun(run);
  const unsized = soundModel(source).model;
  checkCodes(run, unsized);
  const model = sizedModel(source, sizesOf(unsized, codes));
  return { run, model, codes, weights: checkedWeights(run, model) };
}

export async function openTrained(folder: string, choice?: EngineChoice): Promise<TrainedModel> {
  const { run, model, codes, weights } = readTrained(folder);
  const engine = await openEngine(choice);
  const evaluators = new Map<number, Evaluator>();
  return {
    model,
    codes,
    run,
    engine: engine.description,
    missing: missingOf(model),
    encode: (table, options = {}) => withAllTargets(model, encodeRows(model, codes, table, options)),
    async evaluate(set) {
      // One row at a time is common in programs; a batch of one is quicker than a padded one.
      const batch = set.rows === 1 ? 1 : EVALUATION_BATCH;
      const evaluator = evaluators.get(batch) ?? (await evaluatorOf(engine, model, codes, weights, batch));
      evaluators.set(batch, evaluator);
      return evaluator.run(set);
    },
    async close() {
      for (const evaluator of evaluators.values()) await evaluator.close();
      await engine.close();
    },
  };
}

/** The predicting half of a trained network on an engine. */
export function evaluatorOf(
  engine: Engine,
  model: Model,
  codes: Codes,
  weights: ReadonlyMap<string, NamedTensor>,
  batch: number,
): Promise<Evaluator> {
  const load = (name: string) => {
    const { shape, data } = weights.get(name)!;
    const buffer = engine.buffer({ element: "f32", shape });
    floats(buffer).set(data);
    buffer.upload();
    return buffer;
  };
  const facts = factsOf({ codes });
  return prepareEvaluator(engine, registry, withoutRunLessons(model), batch, facts, {
    parameter: load,
    statistic: load,
  });
}

/** Every parameter and statistic of the model, in its shape. */
function checkedWeights(run: OpenRun, model: Model): ReadonlyMap<string, NamedTensor> {
  const weights = run.weights();
  const { parameters, states } = modelParameters(model, registry);
  for (const { name, shape } of [...parameters, ...states]) {
    const found = weights.get(name);
    if (found && found.shape.join() === shape.join()) continue;
    const holes = {
      file: `${run.folder}/${files.weights}`,
      tensor: name,
      found: found ? `[${found.shape.join(", ")}]` : "nothing",
      wanted: `[${shape.join(", ")}]`,
    };
    throw new DiagnosticError([report(runs.otherModel, holes)]);
  }
  return weights;
}

/** The evaluating graph reads a target for every task; one that the rows do not have is missing. */
export function withAllTargets(model: Model, set: RowSet): RowSet {
  const targets = { ...set.targets };
  for (const task of model.tasks) {
    if (task.target === null || targets[task.name]) continue;
    const elements = set.rows * answerElements(task);
    const coded = isCoded(task.kind);
    targets[task.name] = {
      values: coded ? new Int32Array(elements) : new Float32Array(elements),
      weight: new Float32Array(elements),
    };
  }
  return { ...set, targets };
}

function missingOf(model: Model): readonly Cell[] {
  const { missing } = model.data[0]?.train.settings ?? {};
  return Array.isArray(missing) ? missing.filter(isCell) : [];
}

function isCell(value: unknown): value is Cell {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
