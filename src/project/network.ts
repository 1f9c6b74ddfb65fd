import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import { answerElements } from "../../compiler/lower/answers.ts";
import { modelParameters } from "../../compiler/ir/parameters.ts";
import { isCoded } from "../../compiler/ir/kinds.ts";
import type { Cell, Model } from "../../compiler/ir/model.ts";
import { withoutRunLessons } from "../../compiler/ir/teacher.ts";
import { registry } from "../../compiler/registry/index.ts";
import type { Codes, RowSet } from "../../runtime/data/data.ts";
import { encodeRows } from "../../runtime/data/row-sets.ts";
import { marksOf } from "../../runtime/data/source-settings.ts";
import type { Table } from "../../runtime/data/table.ts";
import type { Engine } from "../../runtime/engines/engine.ts";
import type { NamedTensor } from "../../runtime/train/snapshot.ts";
import { evaluationBatch, prepareEvaluator, type Evaluator, type SetResult } from "../../runtime/train/evaluate.ts";
import { factsOf } from "../../runtime/train/plan.ts";
import { floats } from "../../runtime/train/state.ts";

/** A trained network in memory, wherever it came from: nothing here reads files, and all of it runs in a browser. */
export interface NetworkParts {
  readonly model: Model;
  readonly codes: Codes;
  /** Every weight that the model needs, in its shape. */
  readonly weights: ReadonlyMap<string, NamedTensor>;
}

/** A trained network, ready to answer: its model, what it learnt from data, its weights on an engine. */
export interface Network {
  readonly model: Model;
  readonly codes: Codes;
  /** Spellings of an empty cell that the training source has. */
  readonly missing: readonly Cell[];
  encode(table: Table, options?: Parameters<typeof encodeRows>[3]): RowSet;
  evaluate(set: RowSet): Promise<SetResult>;
  /** Closes the engine as well. */
  close(): Promise<void>;
}

export function networkOn(engine: Engine, { model, codes, weights }: NetworkParts): Network {
  const evaluators = new Map<number, Evaluator>();
  return {
    model,
    codes,
    missing: marksOf(model),
    encode: (table, options = {}) => withAllTargets(model, encodeRows(model, codes, table, options)),
    async evaluate(set) {
      // One row at a time is common in programs; a batch of one is quicker than a padded one.
      const batch = set.rows === 1 ? 1 : evaluationBatch(model);
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

/** Every parameter and statistic of the model, in its shape. Throws a DiagnosticError that names their file. */
export function checkedWeights(
  weights: ReadonlyMap<string, NamedTensor>,
  model: Model,
  file: string,
): ReadonlyMap<string, NamedTensor> {
  const { parameters, states } = modelParameters(model, registry);
  for (const { name, shape } of [...parameters, ...states]) {
    const found = weights.get(name);
    if (found && found.shape.join() === shape.join()) continue;
    const holes = {
      file,
      tensor: name,
      found: found ? `[${found.shape.join(", ")}]` : null,
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
    if (task.target === null || Object.hasOwn(targets, task.name)) continue;
    const elements = set.rows * answerElements(task);
    const coded = isCoded(task.kind);
    targets[task.name] = {
      values: coded ? new Int32Array(elements) : new Float32Array(elements),
      weight: new Float32Array(elements),
    };
  }
  return { ...set, targets };
}
