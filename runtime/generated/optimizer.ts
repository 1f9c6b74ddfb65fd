import { clipFactor } from "../../compiler/optimizers/clip.ts";
import { infoOf, variablesOf } from "./network.ts";
import { optimizerOf, type Numbers, type Settings } from "./rules.ts";
import type { Tensor, TensorFlow, Tensors, Variable } from "./tensors.ts";

/** Tasks whose losses reach weights: by declaration (`bird`), or by the beginning of a name where they differ within one. */
export type Reach = Readonly<Record<string, readonly string[]>>;

/** What an optimizer makes of one weight and its gradient. `state` is zeros at first, `at` are the numbers of this step. */
export type UpdateRule<State extends string, Scalar extends string> = (
  parameter: Tensor,
  gradient: Tensor,
  state: Tensors<State>,
  at: Numbers<Scalar>,
) => { readonly parameter: Tensor; readonly state: Tensors<State> };

export interface OptimizerSettings<State extends string, Scalar extends string> {
  /** The optimizer's word: it says what is kept for each weight, and which numbers a step has. */
  readonly word: string;
  /** Settings that are not their defaults. */
  readonly settings?: Settings;
  readonly rule: UpdateRule<State, Scalar>;
  readonly reach: Reach;
  /** Gradients are cut: their norm over the whole network, or each number. */
  readonly clip?: { readonly norm: number } | { readonly value: number };
  /** Factors of the learning rate, by declaration. */
  readonly rates?: Numbers<string>;
  /** Declarations that are held still. */
  readonly freeze?: readonly string[];
}

export interface StepOptions {
  readonly rate: number;
  /** What the schedule has multiplied the rate with; 1 where absent. */
  readonly factor?: number;
  /** Tasks that have an answer in the batch: a weight that none of their losses reaches is left as it is. */
  readonly present: ReadonlySet<string>;
}

/** An optimizer with what it remembers of each weight: its steps always, its tensors while the optimizer is of one kind. */
export class Optimizer {
  private readonly tf: TensorFlow;
  private readonly steps = new Map<Variable, number>();
  /** What a kind of optimizer keeps, by its word. */
  private readonly memory = new Map<string, Map<Variable, Tensors<string>>>();
  private common: Pick<OptimizerSettings<never, never>, "reach" | "clip" | "rates" | "freeze"> | null = null;
  private scalars: (step: { t: number; rate: number; decay: boolean }) => Numbers<string> = () => ({});
  /** The rule on one weight, with what is remembered of it. */
  private apply: (weight: Variable, gradient: Tensor, at: Numbers<string>) => Tensor = (weight) => weight;

  constructor(tf: TensorFlow) {
    this.tf = tf;
  }

  /** Goes on with these settings. */
  use<State extends string, Scalar extends string>(settings: OptimizerSettings<State, Scalar>): this {
    const { tf } = this;
    const { rule, word } = settings;
    const { state: names, scalars } = optimizerOf(word, settings.settings);
    const known = this.memory.get(word) ?? new Map<Variable, Tensors<string>>();
    this.memory.set(word, known);
    this.common = settings;
    this.scalars = scalars;
    this.apply = (weight, gradient, at) => {
      const remembered = known.get(weight);
      const before = pick<State, Tensor>(names, (name) => remembered?.[name] ?? tf.zerosLike(weight));
      const { parameter, state } = tf.tidy(() =>
        rule(
          weight,
          gradient,
          before,
          pick<Scalar, number>(Object.keys(at), (name) => at[name]),
        ),
      );
      tf.dispose(Object.values<Tensor>(before));
      known.set(weight, state);
      return parameter;
    };
    return this;
  }

  private get settings() {
    if (!this.common) throw new Error("an optimizer is used before it has a rule");
    return this.common;
  }

  /** The weights that some loss reaches and that are not held still. */
  trained(weights: object): Variable[] {
    const { freeze = [] } = this.settings;
    return variablesOf(weights).filter((weight) => {
      const { name } = infoOf(weight);
      return (
        weight.trainable &&
        longest(this.settings.reach, name) !== undefined &&
        !freeze.some((part) => stands(name, part))
      );
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
  async step(weights: readonly Variable[], gradients: readonly Tensor[], options: StepOptions): Promise<void> {
    const { tf } = this;
    const taking = weights.flatMap((weight, k) => {
      const { name, tasks = this.tasksOf(name) } = infoOf(weight);
      const takesPart = tasks.length === 0 || tasks.some((task) => options.present.has(task));
      return takesPart ? [{ weight, gradient: this.withoutZeroRows(weight, gradients[k]) }] : [];
    });
    const norm = await this.normOf(taking);
    if (Number.isFinite(norm)) for (const { weight, gradient } of taking) this.move(weight, gradient, options, norm);
    tf.dispose([...gradients, ...taking.map(({ gradient }) => gradient)]);
    if (!Number.isFinite(norm)) throw new Error("the gradient is not finite; try a smaller rate, or clip its norm");
  }

  /** The norm of all gradients; what stands outside the norm has no part in it, unless it is not finite. */
  private async normOf(taking: readonly { readonly weight: Variable; readonly gradient: Tensor }[]): Promise<number> {
    const { tf } = this;
    const squares = tf.tidy(() => {
      const each = taking.map(({ gradient }) => tf.sum(tf.square(gradient)));
      return tf.stack([tf.scalar(0), ...each]);
    });
    const values: number[] = Array.from(await squares.data());
    squares.dispose();
    const inside = values.slice(1).filter((value, k) => !infoOf(taking[k].weight).outside || !Number.isFinite(value));
    return Math.sqrt(inside.reduce((sum, value) => sum + value, 0));
  }

  private move(weight: Variable, gradient: Tensor, { rate, factor = 1 }: StepOptions, norm: number): void {
    const { tf } = this;
    const { rates = {} } = this.settings;
    const { name, decay = false, rate: own = 1, outside = false, ownRate } = infoOf(weight);
    const t = (this.steps.get(weight) ?? 0) + 1;
    this.steps.set(weight, t);
    const moving = ownRate === undefined ? rate * own * (longest(rates, name) ?? 1) : ownRate * factor;
    const cut = tf.tidy(() => (outside ? tf.clone(gradient) : this.clipped(gradient, norm)));
    const next = this.apply(weight, cut, this.scalars({ t, rate: moving, decay }));
    weight.assign(next);
    tf.dispose([cut, next]);
  }

  private clipped(gradient: Tensor, norm: number): Tensor {
    const { tf } = this;
    const { clip } = this.settings;
    if (!clip) return tf.clone(gradient);
    if ("norm" in clip) return tf.mul(gradient, clipFactor(norm, clip.norm));
    return tf.minimum(tf.maximum(gradient, -clip.value), clip.value);
  }

  /** Rows that are 0 and stay 0 have no gradient. */
  private withoutZeroRows(weight: Variable, gradient: Tensor): Tensor {
    const { zeroRows = [] } = infoOf(weight);
    if (zeroRows.length === 0) return gradient;
    const keep = Array.from({ length: weight.shape[0] }, (_, row) => (zeroRows.includes(row) ? 0 : 1));
    const { tf } = this;
    return tf.tidy(() => tf.mul(gradient, tf.tensor(keep, [keep.length, ...weight.shape.slice(1).map(() => 1)])));
  }
}

function pick<Key extends string, Value>(
  keys: readonly string[],
  value: (key: string) => Value,
): Readonly<Record<Key, Value>>;
function pick(keys: readonly string[], value: (key: string) => unknown): unknown {
  return Object.fromEntries(keys.map((key) => [key, value(key)]));
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
