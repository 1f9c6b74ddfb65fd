import { elementCount } from "../../compiler/graph/graph.ts";
import { hasLoss } from "../../compiler/ir/kinds.ts";
import type { Cell, Model } from "../../compiler/ir/model.ts";
import { knownAnswerShape, predictionWidthOf } from "../../compiler/lower/answers.ts";
import { metricRows } from "../../compiler/metrics/index.ts";
import type { MetricValue } from "../../compiler/registry/rows.ts";
import type { Codes } from "../data/data.ts";
import { answersOf } from "../train/answers.ts";
import type { SetResult } from "../train/evaluate.ts";
import { metricsOf } from "../train/metrics.ts";
import { totalLoss } from "../train/watch.ts";
import { decodeAll } from "./decode.ts";
import { batchesOf, mapRecord, tensorsOf, type Batch } from "./batches.ts";
import { sizedModel, type DataDescription } from "./description.ts";
import type { Rows } from "./rows.ts";
import type { Tensor, TensorFlow, Tensors } from "./tensors.ts";

/** A loss before it is a mean: a weighted sum over the present answers, and what it is divided by. */
export type Loss = {
  readonly sum: Tensor;
  readonly count: Tensor;
};

/** What a network gives on some rows, measured against their answers. */
export interface Evaluation {
  /** Σ weight · loss over the tasks that are not auxiliary; null where no row has an answer. */
  readonly loss: number | null;
  readonly losses: Readonly<Record<string, number | null>>;
  /** By task and name. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, MetricValue>>>>;
}

/** The label of a class, and the probability of each label, by its text. */
export interface ClassAnswer<Label extends Cell = Cell> {
  readonly label: Label;
  readonly probabilities: Readonly<Record<`${Label}`, number>>;
}

/** Answers along axes: lists in lists. */
export type Nested<T> = T | readonly Nested<T>[];

/** What a network gives for a batch. */
export type BatchResult = {
  readonly prediction: Tensors<string>;
  readonly losses?: Readonly<Record<string, Loss>>;
};

/** Runs a network over rows, some at a time, in their order. */
export async function overRows<D extends DataDescription>(
  tf: TensorFlow,
  data: D,
  network: { readonly codes: Codes; readonly weights: object },
  rows: Rows,
  run: (batch: ReturnType<typeof tensorsOf<D>>) => BatchResult,
): Promise<Results> {
  const results = new Results(data, network, rows);
  for (const batch of batchesOf(rows, BATCH)) {
    await results.add(
      batch,
      tf.tidy(() => run(tensorsOf(tf, data, batch))),
    );
  }
  return results;
}

/** Rows at a time where nothing is learnt. */
const BATCH = 128;

const metricTable = { metric: new Map(metricRows.map((row) => [row.name, row])) };

/** Gathers what a network gives batch by batch, until all rows are through. */
export class Results {
  private readonly model: Model;
  private readonly codes: Codes;
  private readonly rows: Rows;
  private readonly predictions: Record<string, Float32Array>;
  private readonly sums: Record<string, { sum: number; count: number }>;
  /** Labels of tasks that choose those of a row together, once they are asked for. */
  private decoded: Record<string, Int32Array> | null = null;
  private readonly data: DataDescription;
  private readonly weights: object;

  constructor(
    data: DataDescription,
    { codes, weights }: { readonly codes: Codes; readonly weights: object },
    rows: Rows,
  ) {
    this.data = data;
    this.weights = weights;
    this.model = sizedModel(data, codes);
    this.codes = codes;
    this.rows = rows;
    const sizes = this.model.tasks.map((task) => [task.name, rows.rows * numbersOf(task)] as const);
    this.predictions = Object.fromEntries(sizes.map(([name, size]) => [name, new Float32Array(size)]));
    this.sums = Object.fromEntries(this.model.tasks.filter(hasLoss).map(({ name }) => [name, { sum: 0, count: 0 }]));
  }

  /** Takes over the results of a batch; its tensors are disposed of. */
  async add(batch: Batch, { prediction, losses = {} }: BatchResult): Promise<void> {
    for (const task of this.model.tasks) {
      const values = await read(prediction[task.name]);
      this.predictions[task.name].set(values, batch.from * numbersOf(task));
    }
    for (const [name, { sum, count }] of Object.entries(losses)) {
      this.sums[name].sum += (await read(sum))[0];
      this.sums[name].count += (await read(count))[0];
    }
  }

  /** Raw outputs of the heads, and the plain loss of each task over all answers. */
  private async all(): Promise<SetResult> {
    const losses = mapRecord(this.sums, ({ sum, count }) => (count > 0 ? sum / count : null));
    this.decoded ??= await decodeAll(this.data, this.model, this.rows, this.weights, this.predictions);
    return { rows: this.rows.rows, losses, predictions: this.predictions, decoded: this.decoded };
  }

  /** What the rows are answered, in the target's own terms. */
  async answers<Answers extends object>(): Promise<Answers[]>;
  async answers(): Promise<object[]> {
    return answersOf(this.model, this.codes, this.rows, await this.all());
  }

  /** Losses and metrics. */
  async evaluation(): Promise<Evaluation> {
    const { model, rows, codes } = this;
    const all = await this.all();
    const metrics = metricsOf(model, metricTable, rows, all, codes);
    return { loss: totalLoss(model, all.losses), losses: all.losses, metrics };
  }
}

function numbersOf(task: Model["tasks"][number]): number {
  return elementCount(knownAnswerShape(task)) * predictionWidthOf(task);
}

async function read(tensor: Tensor): Promise<ArrayLike<number>> {
  const values = await tensor.data();
  tensor.dispose();
  return values;
}
