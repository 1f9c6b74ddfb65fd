import { ownOf } from "../../compiler/ir/own.ts";
import { balanceRows } from "../../compiler/balance/index.ts";
import type { LossStage } from "../../compiler/lower/balance.ts";
import {
  closeEpoch,
  freshBalance,
  gradientWeights,
  hostFeeds,
  noteStages,
  type BalanceState,
  type GradientWeights,
} from "../train/balance.ts";
import { infoOf } from "./network.ts";
import type { Optimizer } from "./optimizer.ts";
import type { ReadStep } from "./step.ts";
import { rowOf, withDefaults, type Settings } from "./rules.ts";
import type { Tensor, TensorFlow, Variable } from "./tensors.ts";

/** Where a step stands: `step` from 1 over the whole run, `phaseStep` from 0 in its phase. */
export interface StepTime {
  readonly seed: number;
  readonly step: number;
  readonly phaseStep: number;
}

type ByTask = Readonly<Record<string, number>>;

const registry = { balance: new Map(balanceRows.map((row) => [row.name, row])) };

export interface BalanceOptions {
  /** What its state is kept under, where a list of rules has the same word twice. */
  readonly key?: string;
  /** Written weights of the tasks: the rule sees the losses times these. */
  readonly weights?: readonly number[];
  /** What it remembers so far. */
  readonly state?: BalanceState;
}

/** A balance rule with what it remembers: the vectors that it feeds a rule on losses, the weights that one on gradients finds. */
export class Balance {
  private readonly tasks: readonly string[];
  private readonly rule: { readonly word: string; readonly settings: Settings };
  private readonly key: string;
  private readonly weights: readonly number[];
  private readonly state: BalanceState;

  constructor(tasks: readonly string[], word: string, settings: Settings = {}, options: BalanceOptions = {}) {
    this.state = options.state ?? freshBalance();
    this.tasks = tasks;
    this.key = options.key ?? word;
    this.weights = options.weights ?? tasks.map(() => 1);
    this.rule = { word, settings: withDefaults(rowOf(balanceRows, word), settings) };
  }

  /** The rule with other settings: it goes on from what this one remembers. */
  with(settings: Settings, options: Pick<BalanceOptions, "weights"> = {}): Balance {
    const { tasks, rule, key, state } = this;
    return new Balance(tasks, rule.word, settings, { key, state, ...options });
  }

  /** What a rule on losses reads beside them, by the names that it has for it: one number a task. */
  feed<Name extends string>(at: StepTime, present: ReadonlySet<string>): Readonly<Record<Name, readonly number[]>>;
  feed(at: StepTime, present: ReadonlySet<string>): Readonly<Record<string, readonly number[]>> {
    const here = this.tasks.map((task) => present.has(task));
    const feeds = hostFeeds([this.stage()], registry, this.state, { ...at, present: here });
    return Object.fromEntries([...feeds].map(([name, values]) => [name.slice(name.lastIndexOf("/") + 1), values]));
  }

  /** Notes the losses of a step that was taken, and what the rule made of them where it remembers; absent tasks are left out. */
  note(losses: ByTask, at: StepTime, weights?: ByTask): void {
    const stage = this.stage();
    const seen = this.tasks.map((task, k) => (Object.hasOwn(losses, task) ? losses[task] * this.weights[k] : null));
    const made = weights && this.tasks.map((task) => ownOf(weights, task) ?? null);
    noteStages(this.state, [{ stage, losses: stage.host.length > 0 ? seen : null, weights: made ?? null }], at);
  }

  closeEpoch(): void {
    closeEpoch(this.state);
  }

  /** A rule on gradients: from the Gram matrix of the tasks' gradients to a weight for each. */
  weigh(
    at: StepTime & {
      readonly gram: Float64Array;
      readonly losses: readonly number[];
      readonly present: readonly boolean[];
    },
  ): GradientWeights {
    return gradientWeights(this.rule, this.key, registry, this.state, at);
  }

  private stage(): LossStage {
    const { word, settings } = this.rule;
    const row = rowOf(balanceRows, word);
    const fed = {
      tasks: 1,
      present: [true],
      epochMeans: [],
      random: { uniform: () => 0, normal: () => 0, below: () => 0 },
    };
    const host = Object.keys(row.host?.(settings, fed) ?? {});
    const { smoothing, every } = settings;
    const rounds = typeof every === "number" ? every : 1;
    const remembers = rounds > 1 || (typeof smoothing === "number" && smoothing > 0);
    return { index: 0, word, key: this.key, settings, trainable: {}, host, remembers, every: rounds };
  }
}

/** What `combineGradients` is given beside the rule. */
export interface TaskGradients<Seen extends string> {
  readonly tasks: readonly string[];
  readonly weights: readonly Variable[];
  /** Gradients of each task's weighted loss, one for each weight. */
  readonly rows: readonly (readonly Tensor[])[];
  /** Gradients of what is added to the losses, outside of the balance. */
  readonly penalties?: readonly Tensor[];
  /** What the step has told so far. */
  readonly result: ReadStep<Seen>;
}

export interface CombinedGradients<Seen extends string> {
  readonly gradients: Tensor[];
  /** Losses, and the factors that were finally applied. */
  readonly result: ReadStep<Seen>;
  /** Takes over what the rule remembers, for a step that is taken. */
  commit(): void;
}

/**
 * The tasks' gradients as one: what two or more tasks reach is weighed by the rule, from the dot products of the tasks'
 * gradients of all of it; what is a task's own is left as it is. The tasks' gradients are disposed of.
 */
export async function combineGradients<Seen extends string>(
  tf: TensorFlow,
  balance: Balance,
  optimizer: Optimizer,
  { tasks, weights, rows, penalties = [], result }: TaskGradients<Seen>,
  at: StepTime,
): Promise<CombinedGradients<Seen>> {
  const isShared = weights.map((weight) => optimizer.tasksOf(infoOf(weight).name).length > 1);
  const product = tf.tidy(() => {
    const grams = weights.flatMap((_, k) => {
      if (!isShared[k]) return [];
      const stacked = tf.stack(rows.map((row) => row[k].flatten()));
      return [tf.matMul(stacked, stacked, false, true)];
    });
    return grams.length === 0 ? tf.tensor(new Float32Array(rows.length ** 2)) : tf.addN(grams);
  });
  const gram = Float64Array.from(await product.data());
  product.dispose();
  const { losses, factors } = result;
  const { shared, own, commit } = balance.weigh({
    ...at,
    gram,
    losses: tasks.map((task) => (ownOf(losses, task) ?? 0) * (ownOf(factors, task) ?? 0)),
    present: tasks.map((task) => Object.hasOwn(losses, task)),
  });
  // Where nothing is shared, what is applied is what own weights get.
  const applied = isShared.includes(true) ? shared : tasks.map(() => own);
  const gradients = tf.tidy(() =>
    weights.map((_, k) =>
      tf.addN([
        ...rows.map((row, task) => tf.mul(row[k], isShared[k] ? shared[task] : own)),
        ...penalties.slice(k, k + 1),
      ]),
    ),
  );
  tf.dispose([...rows, penalties].flat());
  const final = Object.entries(factors).map(([task, factor]) => [task, factor * applied[tasks.indexOf(task)]] as const);
  return { gradients, result: { ...result, factors: Object.fromEntries(final) }, commit };
}
