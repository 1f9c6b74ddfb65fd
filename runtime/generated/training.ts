import { elementCount } from "../../compiler/graph/graph.ts";
import { fillUniform } from "../../compiler/random/index.ts";
import { infoOf } from "./network.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Tensor, TensorFlow, Variable } from "./tensors.ts";

/** Uniform numbers in [0, 1) of a shape, by a name within the layer. */
export type Draw = (name: string, shape: readonly number[]) => Tensor;

/** `step` counts from 1 over the whole run, `batch` the batches of an accumulated step. */
export interface TrainingTime {
  readonly seed: number;
  readonly step: number;
  readonly batch?: number;
  /** Declarations that are held still. */
  readonly freeze?: readonly string[];
}

/**
 * What layers are told in training, and what they tell: random numbers that belong to their names, new statistics, penalties.
 * One for each step; nothing that a layer tells counts before `commit`.
 */
export class Training {
  private readonly tf: TensorFlow;
  private readonly at: TrainingTime;
  private readonly kept = new Map<Variable, Tensor>();
  private penalties: Tensor[] = [];
  private readonly uses = new Map<string, number>();

  constructor(tf: TensorFlow, at: TrainingTime) {
    this.tf = tf;
    this.at = at;
  }

  /** The random numbers of the layer at a path. */
  draw(path: string): Draw {
    const { seed, step, batch = 0 } = this.at;
    return (name, shape) => {
      const whole = `${path}.${name}`;
      const uses = (this.uses.get(whole) ?? 0) + 1;
      this.uses.set(whole, uses);
      const stream = `dropout/${whole}${uses === 1 ? "" : `#${uses}`}${batch === 0 ? "" : `/${batch}`}`;
      const values = new Float32Array(elementCount(shape));
      fillUniform(seed, stream, step, values);
      return this.tf.tensor(values, [...shape]);
    };
  }

  /** A layer of a part that is held still is as it is outside of training. */
  unlessFrozen(part: string): this | undefined {
    return this.at.freeze?.includes(part) ? undefined : this;
  }

  /** The same for another pass over the same batch. */
  again(): this {
    this.uses.clear();
    this.penalties = [];
    return this;
  }

  /** What a statistic will be after this step. */
  keep(statistic: Variable, next: Tensor): void {
    this.kept.get(statistic)?.dispose();
    this.kept.set(statistic, this.tf.keep(next.clone()));
  }

  /** What a statistic is by now: a layer that is used twice goes on from its first use. */
  latest(statistic: Variable): Tensor {
    return this.kept.get(statistic) ?? statistic;
  }

  /** Adds to the loss, outside of the balance. */
  penalize(value: Tensor): void {
    this.penalties.push(value);
  }

  /** What layers have added since it was asked last. */
  takePenalties(): readonly Tensor[] {
    const { penalties } = this;
    this.penalties = [];
    return penalties;
  }

  /** Takes over the statistics of layers that a present task's loss reaches. */
  commit(optimizer: Optimizer, present: ReadonlySet<string>): void {
    for (const [statistic, next] of this.kept) {
      const tasks = optimizer.tasksOf(infoOf(statistic).name);
      if (tasks.length === 0 || tasks.some((task) => present.has(task))) statistic.assign(next);
      next.dispose();
    }
    this.kept.clear();
  }
}
