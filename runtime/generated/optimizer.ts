import { areTooMany, skipsInARow } from "../train/skips.ts";
import { clipFactor } from "../../compiler/optimizers/clip.ts";
import { Average, type AverageSettings } from "./average.ts";
import { infoOf, variablesOf } from "./network.ts";
import { longest, stands } from "./parts.ts";
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
  /** A moving average of the weights. */
  readonly average?: AverageSettings;
  /** Added to the loss, outside of the balance: so many times the sum of squares, or of sizes, of what weight decay sees. */
  readonly penalty?: readonly (readonly [keyof typeof norms, number])[];
}

export interface StepOptions {
  readonly rate: number;
  /** What the schedule has multiplied the rate with; 1 where absent. */
  readonly factor?: number;
  /** Tasks that have an answer in the batch: a weight that none of their losses reaches is left as it is. */
  readonly present: ReadonlySet<string>;
  /** Rates of what rules of the balance train, by name, where they are not those that it was made with. */
  readonly ownRates?: Numbers<string>;
  /** Tasks that were left out; where it is there, a gradient that is not finite ends the step and not training. */
  readonly lost?: ReadonlySet<string>;
}

/** What penalties sum up. */
const norms = {
  l1: (tf: TensorFlow, weight: Variable) => tf.mul(weight, tf.sign(weight)),
  l2: (tf: TensorFlow, weight: Variable) => tf.square(weight),
};

/** An optimizer with what it remembers of each weight: its steps always, its tensors while the optimizer is of one kind. */
export class Optimizer {
  private readonly tf: TensorFlow;
  private readonly steps = new Map<Variable, number>();
  private readonly memory = new Map<Variable, Tensors<string>>();
  private common: Omit<OptimizerSettings<never, never>, "rule"> | null = null;
  private scalars: (step: { t: number; rate: number; decay: boolean }, outside: boolean) => Numbers<string> =
    () => ({});
  /** The rule on one weight, with what is remembered of it. */
  private apply: (weight: Variable, gradient: Tensor, at: Numbers<string>) => Tensor = (weight) => weight;
  private average: Average | null = null;
  private skipped = 0;

  constructor(tf: TensorFlow) {
    this.tf = tf;
  }

  /** Goes on with these settings. An optimizer of another kind than before begins anew, and so does every average. */
  use<State extends string, Scalar extends string>(settings: OptimizerSettings<State, Scalar>): this {
    const { tf, memory } = this;
    const { rule, word } = settings;
    const { state: names, scalars } = optimizerOf(word, settings.settings);
    const bare =
      settings.settings?.["decay"] === "all" ? { ...settings.settings, decay: "kernels" } : settings.settings;
    // What a rule of the balance trains never decays.
    const ofRules = optimizerOf(word, bare).scalars;
    if (this.common?.word !== word) this.forget();
    this.common = settings;
    this.average = settings.average ? new Average(tf, settings.average) : null;
    this.scalars = (step, outside) => (outside ? ofRules : scalars)(step);
    this.apply = (weight, gradient, at) => {
      const remembered = memory.get(weight);
      const before = pick<State, Tensor>(names, (name) => remembered?.[name] ?? tf.zerosLike(weight));
      const { parameter, state } = tf.tidy(() =>
        rule(
          weight,
          gradient,
          before,
          pick<Scalar, number>(Object.keys(at), (name) => at[name]),
        ),
      );
      tf.dispose([...Object.values<Tensor>(before), ...Object.values<Tensor>(remembered ?? {})]);
      memory.set(weight, state);
      return parameter;
    };
    return this;
  }

  private forget(): void {
    for (const state of this.memory.values()) this.tf.dispose(Object.values(state));
    this.memory.clear();
    this.steps.clear();
  }

  private get settings() {
    if (!this.common) throw new Error("an optimizer is used before it has a rule");
    return this.common;
  }

  /** The weights that a loss or a penalty reaches and that are not held still. */
  trained(weights: object): Variable[] {
    const { freeze = [], reach, penalty = [] } = this.settings;
    return variablesOf(weights).filter((weight) => {
      const { name } = infoOf(weight);
      const isReached = longest(reach, name) !== undefined || (penalty.length > 0 && this.isPenalized(weight));
      return weight.trainable && isReached && !freeze.some((part) => stands(name, part));
    });
  }

  private isPenalized(weight: Variable): boolean {
    return infoOf(weight).decay === true || this.settings.settings?.["decay"] === "all";
  }

  /** Tasks whose losses reach a weight. */
  tasksOf(name: string): readonly string[] {
    return longest(this.settings.reach, name) ?? [];
  }

  /** The network with the moving average of its weights, which goes on with every step; itself where there is no average. */
  averaged<Network extends { readonly weights: object }>(network: Network): Network {
    return this.average?.of(network) ?? network;
  }

  /** What the settings add to the loss, [1]. */
  penalty(weights: readonly Variable[]): Tensor {
    const { tf } = this;
    const { penalty = [] } = this.settings;
    const parts = penalty.flatMap(([norm, factor]) =>
      weights
        .filter((weight) => this.isPenalized(weight))
        .map((weight) => tf.mul(tf.sum(norms[norm](tf, weight)), factor)),
    );
    return tf.addN([tf.tensor([0]), ...parts.map((part) => part.reshape([1]))]);
  }

  /**
   * Moves the weights that the present tasks reach. Where a gradient is not finite nothing changes: it throws, or is false
   * where steps may be skipped. The gradients are disposed of.
   */
  async step(weights: readonly Variable[], gradients: readonly Tensor[], options: StepOptions): Promise<boolean> {
    const { tf } = this;
    const taking = weights.flatMap((weight, k) => {
      const { name, tasks = this.tasksOf(name) } = infoOf(weight);
      const takesPart = tasks.length === 0 || tasks.some((task) => options.present.has(task));
      return takesPart ? [{ weight, gradient: this.withoutZeroRows(weight, gradients[k]) }] : [];
    });
    const norm = await this.normOf(taking);
    const isFinite = Number.isFinite(norm);
    if (isFinite) {
      for (const { weight, gradient } of taking) this.move(weight, gradient, options, norm);
      this.average?.move(taking.map(({ weight }) => weight));
    }
    tf.dispose([...gradients, ...taking.map(({ gradient }) => gradient)]);
    this.countSkips(isFinite, options);
    return isFinite;
  }

  private countSkips(isFinite: boolean, { lost }: StepOptions): void {
    this.skipped = skipsInARow(this.skipped, !isFinite || Boolean(lost?.size));
    const isOver = lost === undefined || areTooMany(this.skipped);
    if (!isFinite && isOver) throw new Error("the gradient is not finite; try a smaller rate, or clip its norm");
    if (isFinite && lost?.size && isOver)
      throw new Error(`${this.skipped} steps in a row had a loss that was not finite`);
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

  private move(
    weight: Variable,
    gradient: Tensor,
    { rate, factor = 1, ownRates = {} }: StepOptions,
    norm: number,
  ): void {
    const { tf } = this;
    const { rates = {} } = this.settings;
    const { name, decay = false, rate: own = 1, outside = false, ownRate = longest(ownRates, name) } = infoOf(weight);
    const t = (this.steps.get(weight) ?? 0) + 1;
    this.steps.set(weight, t);
    const moving = ownRate === undefined ? rate * own * (longest(rates, name) ?? 1) : ownRate * factor;
    const cut = tf.tidy(() => (outside ? tf.clone(gradient) : this.clipped(gradient, norm)));
    const next = this.apply(weight, cut, this.scalars({ t, rate: moving, decay }, outside));
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
