import { clipFactor } from "../../compiler/optimizers/clip.ts";
import { infoOf, variablesOf } from "./network.ts";
import type { Tensor, TensorFlow, Tensors, Variable } from "./tensors.ts";

/** Tasks whose losses reach weights: by declaration (`bird`), or by the beginning of a name where they differ within one. */
export type Reach = Readonly<Record<string, readonly string[]>>;

/** What an optimizer makes of one weight and its gradient. `state` is zeros at first, `at` are the numbers of this step. */
export type UpdateRule<State extends string, Scalar extends string> = (
  parameter: Tensor,
  gradient: Tensor,
  state: Tensors<State>,
  at: Readonly<Record<Scalar, number>>,
) => { readonly parameter: Tensor; readonly state: Tensors<State> };

export interface OptimizerSettings<State extends string, Scalar extends string> {
  readonly rule: UpdateRule<State, Scalar>;
  /** The tensors that it keeps for each weight. */
  readonly state: readonly State[];
  /** The numbers of a step: `t` counts the steps of a weight from 1, `decay` says whether weight decay applies to it. */
  readonly scalars: (step: { t: number; rate: number; decay: boolean }) => Readonly<Record<Scalar, number>>;
  readonly reach: Reach;
  /** Gradients are cut: their norm over the whole network, or each number. */
  readonly clip?: { readonly norm: number } | { readonly value: number };
  /** Factors of the learning rate, by declaration. */
  readonly rates?: Readonly<Record<string, number>>;
  /** Declarations that are held still. */
  readonly freeze?: readonly string[];
}

/** A weight and its gradient. */
export interface Gradient {
  readonly weight: Variable;
  readonly gradient: Tensor;
}

export interface StepOptions {
  readonly rate: number;
  /** Tasks that have an answer in the batch: a weight that none of their losses reaches is left as it is. */
  readonly present: ReadonlySet<string>;
}

/** An optimizer with what it remembers of each weight. */
export class Optimizer<State extends string = string, Scalar extends string = string> {
  private readonly tf: TensorFlow;
  private readonly settings: OptimizerSettings<State, Scalar>;
  private readonly memory = new Map<Variable, { readonly steps: number; readonly state: Tensors<State> }>();

  constructor(tf: TensorFlow, settings: OptimizerSettings<State, Scalar>) {
    this.tf = tf;
    this.settings = settings;
  }

  /** The weights that some loss reaches and that are not held still. */
  trained(weights: object): Variable[] {
    const { freeze = [] } = this.settings;
    return variablesOf(weights).filter((weight) => {
      const { name } = infoOf(weight);
      return weight.trainable && this.tasksOf(name).length > 0 && !freeze.some((part) => stands(name, part));
    });
  }

  /** Tasks whose losses reach a weight. */
  tasksOf(name: string): readonly string[] {
    return longest(this.settings.reach, name) ?? [];
  }

  /**
   * Moves the weights that the present tasks reach. Throws where a gradient is not finite, and changes nothing then. The
   * gradients are disposed of.
   */
  async step(gradients: readonly Gradient[], { rate, present }: StepOptions): Promise<void> {
    const { tf } = this;
    const taking = gradients.filter(({ weight }) =>
      this.tasksOf(infoOf(weight).name).some((task) => present.has(task)),
    );
    const norm = await this.normOf(taking);
    if (Number.isFinite(norm)) for (const { weight, gradient } of taking) this.move(weight, gradient, rate, norm);
    tf.dispose(gradients.map(({ gradient }) => gradient));
    if (!Number.isFinite(norm)) throw new Error("the gradient is not finite; try a smaller rate, or clip its norm");
  }

  /** The norm of all gradients; what stands outside the norm has no part in it, unless it is not finite. */
  private async normOf(taking: readonly Gradient[]): Promise<number> {
    const { tf } = this;
    const squares = tf.tidy(() => {
      const each = taking.map(({ gradient }) => tf.sum(tf.square(gradient)));
      return tf.stack([tf.scalar(0), ...each]);
    });
    const values = Array.from(await squares.data()).slice(1);
    squares.dispose();
    const inside = values.filter((value, k) => !infoOf(taking[k].weight).outside || !Number.isFinite(value));
    return Math.sqrt(inside.reduce((sum, value) => sum + value, 0));
  }

  private move(weight: Variable, gradient: Tensor, rate: number, norm: number): void {
    const { tf, memory } = this;
    const { rule, scalars, rates = {} } = this.settings;
    const { name, decay = false, rate: own = 1, outside = false } = infoOf(weight);
    const { steps, state } = memory.get(weight) ?? { steps: 0, state: this.zerosFor(weight) };
    const at = scalars({ t: steps + 1, rate: rate * own * (longest(rates, name) ?? 1), decay });
    const next = tf.tidy(() => rule(weight, outside ? gradient : this.clipped(gradient, norm), state, at));
    weight.assign(next.parameter);
    tf.dispose([next.parameter, ...Object.values<Tensor>(state)]);
    memory.set(weight, { steps: steps + 1, state: next.state });
  }

  private clipped(gradient: Tensor, norm: number): Tensor {
    const { clip } = this.settings;
    if (!clip) return gradient;
    if ("norm" in clip) return this.tf.mul(gradient, clipFactor(norm, clip.norm));
    return this.tf.minimum(this.tf.maximum(gradient, -clip.value), clip.value);
  }

  private zerosFor(weight: Variable): Tensors<State> {
    const zeros = this.settings.state.map((name) => [name, this.tf.zerosLike(weight)] as const);
    return fromEntries(zeros);
  }
}

function fromEntries<Key extends string, Value>(
  entries: readonly (readonly [Key, Value])[],
): Readonly<Record<Key, Value>>;
function fromEntries(entries: readonly (readonly [string, unknown])[]): unknown {
  return Object.fromEntries(entries);
}

/** Whether a weight's name begins with a part: `bird.dense_2.kernel` with `bird` and with `bird.dense_2`. */
function stands(name: string, part: string): boolean {
  return name === part || name.startsWith(`${part}.`);
}

/** The entry of the longest beginning of a name. */
function longest<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  const [part] = Object.keys(table)
    .filter((each) => stands(name, each))
    .sort((a, b) => b.length - a.length);
  return part === undefined ? undefined : table[part];
}
