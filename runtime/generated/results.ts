import { elementCount } from "../../compiler/graph/graph.ts";
import { hasLoss } from "../../compiler/ir/kinds.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { knownAnswerShape, predictionWidthOf } from "../../compiler/lower/answers.ts";
import { metricRows } from "../../compiler/metrics/index.ts";
import type { MetricValue } from "../../compiler/registry/rows.ts";
import type { Codes } from "../data/data.ts";
import { answersOf } from "../train/answers.ts";
import type { SetResult } from "../train/evaluate.ts";
import { metricsOf } from "../train/metrics.ts";
import { totalLoss } from "../train/watch.ts";
import { mapRecord, type Batch } from "./batches.ts";
import { sizedModel, type DataDescription } from "./description.ts";
import type { Rows } from "./rows.ts";
import type { Tensor, Tensors } from "./tensors.ts";

/** A loss before it is a mean: a weighted sum over the present answers, and what it is divided by. */
export interface Loss {
  readonly sum: Tensor;
  readonly count: Tensor;
}

/** What a network gives on some rows, measured against their answers. */
export interface Evaluation {
  /** Σ weight · loss over the tasks that are not auxiliary; null where no row has an answer. */
  readonly loss: number | null;
  readonly losses: Readonly<Record<string, number | null>>;
  /** By task and name. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, MetricValue>>>>;
}

const metricTable = { metric: new Map(metricRows.map((row) => [row.name, row])) };

/** Gathers what a network gives batch by batch, until all rows are through. */
export class Results {
  private readonly model: Model;
  private readonly codes: Codes;
  private readonly rows: Rows;
  private readonly predictions: Record<string, Float32Array>;
  private readonly sums: Record<string, { sum: number; count: number }>;

  constructor(data: DataDescription, codes: Codes, rows: Rows) {
    this.model = sizedModel(data, codes);
    this.codes = codes;
    this.rows = rows;
    const sizes = this.model.tasks.map((task) => [task.name, rows.rows * numbersOf(task)] as const);
    this.predictions = Object.fromEntries(sizes.map(([name, size]) => [name, new Float32Array(size)]));
    this.sums = Object.fromEntries(this.model.tasks.filter(hasLoss).map(({ name }) => [name, { sum: 0, count: 0 }]));
  }

  /** Takes over the results of a batch; its tensors are disposed of. */
  async add(batch: Batch, heads: Tensors<string>, losses: Readonly<Record<string, Loss>> = {}): Promise<void> {
    for (const task of this.model.tasks) {
      const values = await read(heads[task.name]);
      this.predictions[task.name].set(values, batch.from * numbersOf(task));
    }
    for (const [name, { sum, count }] of Object.entries(losses)) {
      this.sums[name].sum += (await read(sum))[0];
      this.sums[name].count += (await read(count))[0];
    }
  }

  /** Raw outputs of the heads, and the plain loss of each task over all answers. */
  get all(): SetResult {
    const losses = mapRecord(this.sums, ({ sum, count }) => (count > 0 ? sum / count : null));
    return { rows: this.rows.rows, losses, predictions: this.predictions, decoded: {} };
  }

  /** What the rows are answered, in the target's own terms. */
  answers<Answers extends object>(): Answers[];
  answers(): object[] {
    return answersOf(this.model, this.codes, this.rows, this.all);
  }

  /** Losses and metrics. */
  evaluation(): Evaluation {
    const { model, rows, codes, all } = this;
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
