import { elementCount } from "../../compiler/graph/graph.ts";
import { fillUniform } from "../../compiler/random/index.ts";
import { infoOf } from "./network.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Tensor, TensorFlow, Variable } from "./tensors.ts";

/** Uniform numbers in [0, 1) of a shape, by a name within the layer. */
export type Draw = (name: string, shape: readonly number[]) => Tensor;

/** `step` counts from 1 over the whole run. */
export interface TrainingTime {
  readonly seed: number;
  readonly step: number;
  /** Declarations that are held still. */
  readonly freeze?: readonly string[];
}

/**
 * What layers are told in training, and what they tell: random numbers that belong to their names, new statistics, penalties.
 * One for each step; nothing that a layer tells counts before `commit`.
 */
export class Training {
  private readonly tf: TensorFlow;
  readonly at: TrainingTime;
  private batch = 0;
  private readonly kept = new Map<Variable, Tensor>();
  private readonly before = new Map<Variable, Tensor>();
  private penalties: Tensor[] = [];
  private readonly uses = new Map<string, number>();

  constructor(tf: TensorFlow, at: TrainingTime) {
    this.tf = tf;
    this.at = at;
  }

  /** The random numbers of the layer at a path. */
  draw(path: string): Draw {
    const { batch } = this;
    const { seed, step } = this.at;
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
    for (const tensor of this.kept.values()) tensor.dispose();
    this.kept.clear();
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

  /** Adds to the loss, outside of the balance: a number, or one for each row, which are averaged. */
  penalize(value: Tensor): void {
    this.penalties.push(this.tf.mean(value));
  }

  /** The sum of what layers have added since it was asked last, [1]. */
  penalty(): Tensor {
    const { tf, penalties } = this;
    this.penalties = [];
    return tf.addN([tf.tensor([0]), ...penalties.map((each) => each.reshape([1]))]);
  }

  /** The next batch of a step: it goes on from the statistics that the last one left, and has random numbers of its own. */
  next(optimizer: Optimizer, present: ReadonlySet<string>): this {
    for (const statistic of this.kept.keys())
      if (!this.before.has(statistic)) this.before.set(statistic, this.tf.keep(statistic.clone()));
    this.take(optimizer, present);
    this.batch += 1;
    return this.again();
  }

  /** Takes over the statistics of layers that a present task's loss reaches. */
  commit(optimizer: Optimizer, present: ReadonlySet<string>): void {
    this.take(optimizer, present);
    for (const tensor of this.before.values()) tensor.dispose();
    this.before.clear();
  }

  /** Puts statistics back as they were before the step. */
  undo(): void {
    for (const tensor of this.kept.values()) tensor.dispose();
    this.kept.clear();
    for (const [statistic, tensor] of this.before) {
      statistic.assign(tensor);
      tensor.dispose();
    }
    this.before.clear();
  }

  private take(optimizer: Optimizer, present: ReadonlySet<string>): void {
    for (const [statistic, next] of this.kept) {
      const tasks = optimizer.tasksOf(infoOf(statistic).name);
      if (tasks.length === 0 || tasks.some((task) => present.has(task))) statistic.assign(next);
      next.dispose();
    }
    this.kept.clear();
  }
}
