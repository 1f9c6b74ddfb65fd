import { knownAnswerShape, predictionWidthOf } from "../../compiler/lower/answers.ts";
import { lowerEvaluation, type EvaluationProgram } from "../../compiler/lower/evaluation.ts";
import type { ModelFacts } from "../../compiler/lower/forward.ts";
import { elementCount } from "../../compiler/graph/graph.ts";
import { hasLoss } from "../../compiler/ir/kinds.ts";
import type { Model, Task } from "../../compiler/ir/model.ts";
import { optimize } from "../../compiler/passes/index.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { MetricInput, MetricValue } from "../../compiler/registry/rows.ts";
import type { Codes, RowSet } from "../data/data.ts";
import type { Engine, EngineBuffer } from "../engines/engine.ts";
import { batchBuffers } from "./batch.ts";
import { floats } from "./state.ts";

/** Where a network's numbers are: by parameter name, and running statistics by name. */
export interface Weights {
  parameter(name: string, shape: readonly number[]): EngineBuffer;
  statistic(name: string): EngineBuffer;
}

export interface SetResult {
  readonly rows: number;
  /** Plain loss of each task over all present elements; null where nothing is present. */
  readonly losses: Readonly<Record<string, number | null>>;
  /** Raw output of each head, [rows × elements × width]. */
  readonly predictions: Readonly<Record<string, Float32Array>>;
}

/** The predicting half of a model on one engine: whole sets in, whole results out. */
export interface Evaluator {
  run(set: RowSet): Promise<SetResult>;
  close(): Promise<void>;
}

export async function prepareEvaluator(
  engine: Engine,
  registry: Registry,
  model: Model,
  batch: number,
  facts: ModelFacts,
  weights: Weights,
): Promise<Evaluator> {
  const program: EvaluationProgram = lowerEvaluation(model, registry, batch, facts);
  const { graph } = optimize(program.graph);
  const compiled = await engine.prepare(graph, { name: "evaluation" });
  const batches = batchBuffers(engine, graph.inputs, batch);
  const inputs: Record<string, EngineBuffer> = { ...batches.buffers };
  for (const { name, node } of graph.inputs) {
    if (name.startsWith("parameter/"))
      inputs[name] = weights.parameter(name.slice("parameter/".length), node.type.shape);
    if (name.startsWith("state/")) inputs[name] = weights.statistic(name.slice("state/".length));
  }
  const outputs: Record<string, EngineBuffer> = {};
  for (const [name, node] of graph.outputs) outputs[name] = engine.buffer(node.type);
  const run = compiled.bind(inputs, outputs);
  const learnt = model.tasks.filter(hasLoss);
  return {
    async run(set) {
      const order = Int32Array.from({ length: set.rows }, (_, row) => row);
      const predictions: Record<string, Float32Array> = {};
      for (const task of model.tasks) predictions[task.name] = new Float32Array(set.rows * numbersOf(task));
      const sums = new Map(learnt.map((task) => [task.name, 0]));
      const counts = new Map(learnt.map((task) => [task.name, 0]));
      for (let from = 0; from < set.rows; from += batch) {
        const count = Math.min(batch, set.rows - from);
        batches.fill(set, order, from, count);
        await run();
        for (const task of model.tasks) {
          const size = numbersOf(task);
          const made = floats(outputs[`prediction/${task.name}`]);
          predictions[task.name].set(made.subarray(0, count * size), from * size);
        }
        for (const { name } of learnt) {
          sums.set(name, sums.get(name)! + floats(outputs[`sum/${name}`])[0]);
          counts.set(name, counts.get(name)! + floats(outputs[`count/${name}`])[0]);
        }
      }
      const losses: Record<string, number | null> = {};
      for (const { name } of learnt) losses[name] = counts.get(name)! > 0 ? sums.get(name)! / counts.get(name)! : null;
      return { rows: set.rows, losses, predictions };
    },
    close: () => compiled.close(),
  };
}

/** Numbers that a head gives for one row. */
export function numbersOf(task: Task): number {
  return elementCount(knownAnswerShape(task)) * predictionWidthOf(task);
}

export type TaskMetrics = Readonly<Record<string, Readonly<Record<string, MetricValue>>>>;

/** Every metric of every task that has answers, in the target's own units. `only: "main"` leaves it at each task's first. */
export function metricsOf(
  model: Model,
  registry: Registry,
  set: RowSet,
  result: SetResult,
  codes: Codes,
  only: "all" | "main" = "all",
): TaskMetrics {
  const table: Record<string, Record<string, MetricValue>> = {};
  for (const task of model.tasks) {
    const target = set.targets[task.name];
    if (!target || task.target === null) continue;
    const input = metricInput(task, target, result.predictions[task.name], set.rows, codes);
    const row: Record<string, MetricValue> = {};
    for (const { word, settings } of only === "main" ? task.metrics.slice(0, 1) : task.metrics) {
      const metric = registry.metric.get(word);
      if (!metric?.compute) throw new Error(`the metric ${word} cannot run yet`);
      row[word] = metric.compute(settings, input);
    }
    table[task.name] = row;
  }
  return table;
}

/** A task's answers of a whole set as metrics read them, in the target's own units. */
export function metricInput(
  task: Task,
  target: RowSet["targets"][string],
  prediction: Float32Array,
  rows: number,
  codes: Codes,
): MetricInput {
  const elements = elementCount(knownAnswerShape(task));
  const present = Uint8Array.from(target.weight, (weight) => (weight > 0 ? 1 : 0));
  const scale = codes.tasks[task.name]?.scale;
  const own = (values: Float32Array | Int32Array): Float64Array => {
    const result = Float64Array.from(values);
    if (scale) {
      const width = scale.factor.length;
      for (let i = 0; i < result.length; i++) result[i] = result[i] * scale.factor[i % width] + scale.shift[i % width];
    }
    return result;
  };
  return {
    kind: task.kind,
    rows,
    elements,
    width: predictionWidthOf(task),
    prediction: task.kind.word === "real" ? own(prediction) : prediction,
    target: task.kind.word === "real" ? own(target.values) : Float64Array.from(target.values),
    present,
    labels: codes.tasks[task.name]?.labels?.map(String),
  };
}
