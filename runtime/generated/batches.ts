import { elementCount } from "../../compiler/graph/graph.ts";
import { gatherRows } from "../data/batches.ts";
import { epochOrder } from "../train/order.ts";
import type { DataDescription } from "./description.ts";
import type { Rows } from "./rows.ts";
import type { Tensor, TensorFlow, Tensors } from "./tensors.ts";

/** Some rows at a time. */
export interface Batch {
  readonly rows: Rows;
  /** Rows `order[from]` … `order[from + count - 1]` stand in it. */
  readonly order: Int32Array;
  readonly from: number;
  readonly count: number;
  /** Tasks that have an answer in it. */
  readonly present: ReadonlySet<string>;
  /** Tasks that were taken out of it, because their loss was not finite. */
  readonly lost: ReadonlySet<string>;
}

/** A task's answers in a batch, and a weight for each: 0 where it is missing. */
export interface Target {
  readonly values: Tensor;
  readonly weight: Tensor;
}

/** A batch as tensors, [rows, …]. */
export interface BatchTensors<Input extends string, Task extends string> {
  readonly inputs: Tensors<Input>;
  readonly targets: Readonly<Record<Task, Target>>;
}

const none: ReadonlySet<string> = new Set();

/** The batches of an epoch (from 0), in an order that seed and epoch decide; all rows in their order without either. */
export function* batchesOf(rows: Rows, size: number, shuffle?: { seed: number; epoch: number }): Generator<Batch> {
  const order = epochOrder(rows.rows, shuffle !== undefined, shuffle?.seed ?? 0, null, shuffle?.epoch ?? 0);
  for (let from = 0; from < rows.rows; from += size) {
    const count = Math.min(size, rows.rows - from);
    const tasks = Object.keys(rows.targets).filter((task) => hasAnswer(rows, task, order.subarray(from, from + count)));
    yield { rows, order, from, count, present: new Set(tasks), lost: none };
  }
}

/** The steps of an epoch: so many batches for each, the last may have fewer. */
export function* stepsOf(
  rows: Rows,
  size: number,
  batches: number,
  shuffle?: { seed: number; epoch: number },
): Generator<readonly Batch[]> {
  let step: Batch[] = [];
  for (const batch of batchesOf(rows, size, shuffle)) {
    step.push(batch);
    if (step.length < batches) continue;
    yield step;
    step = [];
  }
  if (step.length > 0) yield step;
}

/** Steps of an epoch, and of so many epochs or steps. */
export function countSteps(
  rows: Rows,
  size: number,
  length: { readonly epochs: number } | { readonly steps: number },
  batches = 1,
): number {
  return "steps" in length ? length.steps : length.epochs * Math.ceil(Math.ceil(rows.rows / size) / batches);
}

/** The batch without the answers to a task. */
export function withoutTask(batch: Batch, task: string): Batch {
  const present = new Set([...batch.present].filter((each) => each !== task));
  return { ...batch, present, lost: new Set([...batch.lost, task]) };
}

/** What a head gives, and 0 where nothing is asked of it (`weight` is 0): what it says there may be infinite. */
export function presentOnly(tf: TensorFlow, prediction: Tensor, weight: Tensor): Tensor {
  const present = weight.greater(0);
  return tf.where(prediction.rank > present.rank ? present.expandDims(-1) : present, prediction, 0);
}

function hasAnswer({ targets, shapes }: Rows, task: string, rows: Int32Array): boolean {
  const elements = elementCount(shapes.targets[task]);
  const { weight } = targets[task];
  return rows.some((row) => weight.subarray(row * elements, (row + 1) * elements).some((value) => value > 0));
}

export function tensorsOf<D extends DataDescription>(
  tf: TensorFlow,
  data: D,
  batch: Batch,
): BatchTensors<keyof D["inputs"] & string, keyof D["tasks"] & string>;
export function tensorsOf(tf: TensorFlow, _: DataDescription, batch: Batch): BatchTensors<string, string> {
  const { inputs, targets, shapes } = batch.rows;
  const tensor = (values: Float32Array | Int32Array, shape: readonly number[]): Tensor =>
    tf.tensor(gathered(batch, values, elementCount(shape)), [batch.count, ...shape]);
  return {
    inputs: mapRecord(inputs, (values, name) => tensor(values, shapes.inputs[name])),
    targets: mapRecord(targets, ({ values, weight }, name) => ({
      values: tensor(values, shapes.targets[name]),
      weight: tensor(batch.lost.has(name) ? new Float32Array(weight.length) : weight, shapes.targets[name]),
    })),
  };
}

function gathered({ order, from, count }: Batch, values: Float32Array | Int32Array, elements: number) {
  if (values instanceof Float32Array) {
    const into = new Float32Array(count * elements);
    gatherRows(values, elements, order, from, count, into);
    return into;
  }
  const into = new Int32Array(count * elements);
  gatherRows(values, elements, order, from, count, into);
  return into;
}

export function mapRecord<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
