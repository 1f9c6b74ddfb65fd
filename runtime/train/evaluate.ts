import { elementCount } from "../../compiler/graph/graph.ts";
import { hasLoss } from "../../compiler/ir/kinds.ts";
import type { Model, Task } from "../../compiler/ir/model.ts";
import { knownAnswerShape, predictionWidthOf } from "../../compiler/lower/answers.ts";
import { lowerEvaluation } from "../../compiler/lower/evaluation.ts";
import type { ModelFacts } from "../../compiler/lower/forward.ts";
import { largestTensor } from "../../compiler/oversized.ts";
import { optimize } from "../../compiler/passes/index.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { RowSet } from "../data/data.ts";
import type { Engine, EngineBuffer } from "../engines/engine.ts";
import { batchBuffers } from "./batch.ts";
import { decoderOf } from "./decode.ts";
import { checkRoom } from "../data/room.ts";
import { floats } from "./state.ts";

/** Rows of one run when whole sets are evaluated: everywhere the same, so that everywhere the same bits come out. */
const EVALUATION_BATCH = 128;
/** Fewer of them where a tensor of a batch would have more numbers than this. */
const MOST_IN_TENSOR = 2 ** 28;

export function evaluationBatch(model: Model): number {
  const largest = largestTensor(model);
  let batch = EVALUATION_BATCH;
  while (batch > 1 && batch * largest > MOST_IN_TENSOR) batch /= 2;
  return batch;
}

/** Where a network's numbers are: by parameter name, and running statistics by name. */
export interface Weights {
  parameter(name: string, shape: readonly number[]): EngineBuffer;
  statistic(name: string): EngineBuffer;
}

export interface SetResult {
  readonly rows: number;
  /** Plain loss of each task over all present elements; null where nothing is present, or it is not finite. */
  readonly losses: Readonly<Record<string, number | null>>;
  /** Raw output of each head, [rows × elements × width]; logarithms of probabilities for tasks in `decoded`. */
  readonly predictions: Readonly<Record<string, Float32Array>>;
  /** Labels that were chosen together (crf), [rows × elements]. */
  readonly decoded: Readonly<Record<string, Int32Array>>;
}

type Stop = (done: number) => boolean;

/** The predicting half of a model on one engine: whole sets in, whole results out. */
export interface Evaluator {
  run(set: RowSet): Promise<SetResult>;
  /** Null where `stop`, asked before each batch with the rows that are done, said that the result is not wanted any more. */
  run(set: RowSet, stop: Stop | undefined): Promise<SetResult | null>;
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
  const { graph } = optimize(lowerEvaluation(model, registry, batch, facts).graph);
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
  const decoders = model.tasks.flatMap((task) => {
    const decode = decoderOf(model, task, registry, weights);
    return decode ? [{ name: task.name, decode }] : [];
  });
  async function evaluate(set: RowSet): Promise<SetResult>;
  async function evaluate(set: RowSet, stop: Stop | undefined): Promise<SetResult | null>;
  async function evaluate(set: RowSet, stop?: Stop): Promise<SetResult | null> {
    const order = Int32Array.from({ length: set.rows }, (_, row) => row);
    const predictions: Record<string, Float32Array> = {};
    for (const task of model.tasks) {
      checkRoom(`answers of task \`${task.name}\``, set.rows, numbersOf(task), task.span);
    }
    for (const task of model.tasks) predictions[task.name] = new Float32Array(set.rows * numbersOf(task));
    const losses = model.tasks.filter(hasLoss).map((task) => summedLoss(task, outputs));
    for (let from = 0; from < set.rows; from += batch) {
      if (stop?.(from)) return null;
      const count = Math.min(batch, set.rows - from);
      batches.fill(set, order, from, count);
      await run();
      for (const task of model.tasks) {
        const size = numbersOf(task);
        const made = floats(outputs[`prediction/${task.name}`]);
        predictions[task.name].set(made.subarray(0, count * size), from * size);
      }
      for (const { add } of losses) add();
    }
    const values = Object.fromEntries(losses.map(({ name, value }) => [name, value()]));
    const decoded = Object.fromEntries(decoders.map(({ name, decode }) => [name, decode(set, predictions[name])]));
    return { rows: set.rows, losses: values, predictions, decoded };
  }
  return { run: evaluate, close: () => compiled.close() };
}

/** Sums up the terms of a task's loss over batches: Σ factor · sum / count, null where nothing counts. */
function summedLoss({ name, loss }: Task, outputs: Readonly<Record<string, EngineBuffer>>) {
  const terms = loss.map(({ factor }, k) => ({
    factor,
    made: { sum: floats(outputs[`sum/${k}/${name}`]), count: floats(outputs[`count/${k}/${name}`]) },
    sum: 0,
    count: 0,
  }));
  return {
    name,
    add(): void {
      for (const term of terms) {
        term.sum += term.made.sum[0];
        term.count += term.made.count[0];
      }
    },
    value(): number | null {
      const counted = terms.filter(({ count }) => count > 0);
      if (counted.length === 0) return null;
      const value = counted.reduce((total, { factor, sum, count }) => total + (factor * sum) / count, 0);
      return Number.isFinite(value) ? value : null;
    },
  };
}

/** Numbers that a head gives for one row. */
function numbersOf(task: Task): number {
  return elementCount(knownAnswerShape(task)) * predictionWidthOf(task);
}
