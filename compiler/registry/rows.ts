import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import type { TaskKind, Word } from "../ir/model.ts";
import type { ParameterSpec } from "./layer.ts";
import type { RowBase, SettingRows, SettingValues } from "./settings.ts";

/** Rows of every table but layers and operations: one interface a table. */

export type TaskWord = TaskKind["word"];

// ── Losses ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a loss sees. Shapes have the batch axis in front. */
export interface LossCall<S extends SettingRows> {
  readonly settings: SettingValues<S>;
  /** The head's output: logits [batch, …axes, classes], values, log rates. */
  readonly prediction: Node;
  /** The target: i32 labels [batch, …axes] for class and ordinal, else f32. Whatever stands at missing places is a valid number. */
  readonly target: Node;
  /** f32 of the target's shape: 0 where the answer is missing or padding, 1 elsewhere, times the row's weight. */
  readonly weight: Node;
  readonly kind: TaskKind;
  /** Counts of the training rows, for settings that say `balanced`: of each class, or [no, yes] of each flag one after another; undefined where unknown. */
  readonly classCounts?: readonly number[];
  /** What the loss's teacher says (`of`), as logits in the prediction's shape. */
  readonly teacher?: Node;
  /** [batch, length] f32 where the target runs along a token axis: 1 for a token, 0 for padding. */
  readonly mask?: Node;
  /** Own parameters (crf). */
  readonly parameters: Readonly<Record<string, Node>>;
}
/** What a loss makes of the answers to one row, where that is not the largest logit of each. */
export interface DecodeCall {
  /** [positions × classes]: the head's output at the real positions. */
  readonly emissions: ArrayLike<number>;
  readonly classes: number;
  readonly parameters: Readonly<Record<string, ArrayLike<number>>>;
}
export interface Decoded {
  /** The label of each position. */
  readonly codes: Int32Array;
  /** log P of each label, [positions × classes]. */
  readonly logProbabilities: Float64Array;
}
/** The same for a batch, in operations. */
export interface DecodingCall {
  /** [batch, positions, classes]: the head's output. */
  readonly prediction: Node;
  /** [batch, positions]: 1 where a position is real, else 0; real ones come first. */
  readonly mask: Node;
  readonly parameters: Readonly<Record<string, Node>>;
}
export interface DecodedNodes {
  /** [batch, positions] i32; behind the real positions they say nothing. */
  readonly codes: Node;
  /** [batch, positions, classes] */
  readonly probabilities: Node;
}
/** A weighted sum and what it is divided by: loss = sum / count, where count > 0. Both scalars. */
export interface LossParts {
  readonly sum: Node;
  readonly count: Node;
}
export interface LossRow<S extends SettingRows = SettingRows> extends RowBase<S> {
  readonly table: "loss";
  readonly kinds: readonly TaskWord[];
  /** `logits`: a head that ends in softmax or sigmoid is a mistake under it. `log_rate` for poisson. */
  readonly wants: "logits" | "values" | "log_rate";
  /** False where its value may be 0 or below (poisson): refused by balance rules that need positive losses. */
  readonly positive: boolean;
  /** Further demands on the kind (giou wants real[4]): a sentence where it does not fit, else null. */
  fits?(kind: TaskKind): string | null;
  /** Kinds that a setting is for, where it is not for all. */
  readonly only?: Readonly<Record<string, readonly TaskWord[]>>;
  /** The width that the head's last axis must have, given the kind's size K: K where absent; ordinal: K - 1. */
  width?(size: number): number;
  parameters?(kind: TaskKind): Readonly<Record<string, ParameterSpec>>;
  parts?(g: Builder, call: LossCall<S>): LossParts;
  /** Where labels are chosen together: evaluation and prediction ask this on the host, in float64. */
  decode?(call: DecodeCall): Decoded;
  /** The same where a network stands for itself: in graphs that are written to files. */
  decoding?(g: Builder, call: DecodingCall): DecodedNodes;
  readonly example: string;
}

// ── Optimizers, schedules, clipping, averages ────────────────────────────────────────────────────────────────────────

/**
 * One parameter's update in operations, element by element on flat vectors of any length. The runtime applies it to a
 * segment at a time: parameters that share step count, rate and decay. A row of `wholeTensors` may also `sum` over the vector.
 */
export interface UpdateCall<S extends SettingRows> {
  readonly settings: SettingValues<S>;
  /** [n] */
  readonly parameter: Node;
  /** [n], already combined, clipped. */
  readonly gradient: Node;
  /** [n] each, by name; zeros at the first step. */
  readonly state: Readonly<Record<string, Node>>;
  /** Scalars of this step by name: those that `scalars` returned. */
  readonly scalars: Readonly<Record<string, Node>>;
}
export interface OptimizerRow<S extends SettingRows = SettingRows> extends RowBase<S> {
  readonly table: "optimizer";
  /** True where `update` sums over the tensor it is given (lamb): each parameter is a segment of its own then. */
  readonly wholeTensors?: boolean;
  /** Names of the vectors it keeps for each parameter. */
  state(settings: SettingValues<S>): readonly string[];
  /** What the host computes once a step and segment, in f64: `t` counts this segment's steps from 1, `rate` has schedule and factors in it, `decay` is false where weight decay does not apply. */
  scalars(
    settings: SettingValues<S>,
    step: { t: number; rate: number; decay: boolean },
  ): Readonly<Record<string, number>>;
  update?(g: Builder, call: UpdateCall<S>): { parameter: Node; state: Readonly<Record<string, Node>> };
}
export interface ScheduleRow<S extends SettingRows = SettingRows> extends RowBase<S> {
  readonly table: "schedule";
  /** The factor at step s = 0 … total - 1 of its phase; `epoch` counts from 0 within the phase; `plateau` is how often the watched value has stood still for the schedule's patience (`plateauDrops`). */
  factor?(settings: SettingValues<S>, at: { step: number; total: number; epoch: number; plateau: number }): number;
}
/** `clip`, `average`, `stop`, `tie`, `sampling`, `augment`, `tokenizer`: words with settings, whose meaning is in the step or the data. */
export interface PlainRow<S extends SettingRows = SettingRows> extends RowBase<S> {
  readonly table: "clip" | "average" | "stop" | "tie" | "sampling" | "augment" | "tokenizer";
}

/** What `train { penalty: … }` adds to the loss. */
export interface PenaltyRow extends RowBase {
  readonly table: "penalty";
  /** A scalar of one tensor of weights; the loss gets the sum over all of them, times `strength`. */
  norm(g: Builder, weights: Node): Node;
}

// ── Initial values ───────────────────────────────────────────────────────────────────────────────────────────────────

/** Random numbers by name; see `runtime/random`. */
export interface RandomStream {
  /** In [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** 0 … n - 1. */
  below(n: number): number;
}
export interface StartRow<S extends SettingRows = SettingRows> extends RowBase<S> {
  readonly table: "start";
  /** Values in row-major order. */
  fill?(
    settings: SettingValues<S>,
    spec: Pick<ParameterSpec, "shape" | "fanIn" | "fanOut">,
    random: RandomStream,
  ): Float32Array;
}

// ── Metrics ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A set's answers, present elements only where it says so. Everything in the target's own units. */
export interface MetricInput {
  readonly kind: TaskKind;
  /** Rows; each row has `elements` target elements (1, or tokens, pixels, outputs). */
  readonly rows: number;
  readonly elements: number;
  /** Last axis of the prediction for each element: classes, levels - 1; 1 for values and flags. */
  readonly width: number;
  /** [rows × elements × width]: logits; values in target units; log rates. */
  readonly prediction: Float64Array | Float32Array;
  /** [rows × elements]: label codes, 0/1, numbers. */
  readonly target: Float64Array | Float32Array;
  /** [rows × elements]: 1 present, 0 missing or padding. */
  readonly present: Uint8Array;
  /** [rows × elements]: labels that were chosen together (crf), in place of each one's largest logit. */
  readonly decoded?: Int32Array;
  /** Words of the labels, for span_f1 and confusion. */
  readonly labels?: readonly string[];
}
/** A number; null where it is undefined; a table for `confusion`. */
export type MetricValue = number | null | readonly (readonly number[])[];
export interface MetricRow<S extends SettingRows = SettingRows> extends RowBase<S> {
  readonly table: "metric";
  readonly kinds: readonly TaskWord[];
  fits?(kind: TaskKind): string | null;
  readonly better: "up" | "down" | null;
  /** True for metrics in the units of the target (mae): printed with the task's `unit`. */
  readonly inUnits: boolean;
  compute?(settings: SettingValues<S>, input: MetricInput): MetricValue;
}

// ── Balance ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A rule on losses, recorded into the step's graph; `losses`, `present` and results are [tasks] f32. */
export interface LossRuleCall<S extends SettingRows> {
  readonly settings: SettingValues<S>;
  readonly tasks: number;
  /** [tasks]: weight · loss, 0 where absent. */
  readonly losses: Node;
  /** [tasks]: 1 present, 0 absent. */
  readonly present: Node;
  /** State of the rule by name, [tasks] each. */
  readonly state: Readonly<Record<string, Node>>;
  /** Scalars or [tasks] vectors that `host` returned for this step. */
  readonly host: Readonly<Record<string, Node>>;
}
export interface LossRuleResult {
  /** [tasks]: the factor of each task's loss, in paper scale; 0 where absent. A constant for the gradient. */
  readonly weights: Node;
  /** Gradients of the rule's own trainable scalars, by state name, where `trainable` names them: the step updates them with the optimizer's own kind. */
  readonly gradients?: Readonly<Record<string, Node>>;
  readonly objective?: Node;
}
/** A task-gradient rule's input: everything in f64 on the host, live tasks only. */
export interface GradientRuleCall<S extends SettingRows> {
  readonly settings: SettingValues<S>;
  /** [live × live] row-major: G = J Jᵀ. */
  readonly gram: Float64Array;
  readonly live: number;
  readonly losses: Float64Array;
  /** Index of each live task among all tasks. */
  readonly tasks: readonly number[];
  readonly random: RandomStream;
  /** The rule's state as plain data, changed in place. */
  readonly state: Record<string, unknown>;
}
export interface BalanceRow<S extends SettingRows = SettingRows> extends RowBase<S> {
  readonly table: "balance";
  readonly family: "loss" | "gradient";
  readonly needs: "losses" | "norms" | "gram" | "rows" | "coordinates";
  /** True for rules that need losses above 0. */
  readonly positive: boolean;
  /** True where its gradients may be taken at the tensors where shared and own parts meet. */
  readonly onRepresentation?: boolean;
  /** Whether its direction stays the same whatever weights are written for the tasks; never where absent. */
  ignoresWeights?(settings: SettingValues<S>): boolean;
  /** The `scale` in force where none is written. */
  readonly scale: "sum" | "mean" | "paper";
  /** Cost in words: "1 backward", "T backwards". */
  readonly cost: string;
  /** Trainable scalars: [tasks] vectors by name with their start value. */
  trainable?(settings: SettingValues<S>): Readonly<Record<string, number>>;
  /** What the host feeds each step: [tasks] vectors by name. `epochMeans`: mean loss of each task, as this rule saw it, in each earlier epoch in which it was in force (null where the task was absent throughout). */
  host?(
    settings: SettingValues<S>,
    at: {
      tasks: number;
      present: readonly boolean[];
      epochMeans: readonly (readonly (number | null)[])[];
      random: RandomStream;
    },
  ): Readonly<Record<string, readonly number[]>>;
  lossRule?(g: Builder, call: LossRuleCall<S>): LossRuleResult;
  /** Weights of the live tasks, paper scale. */
  gradientRule?(call: GradientRuleCall<S>): Float64Array;
}

// ── Data, kinds ──────────────────────────────────────────────────────────────────────────────────────────────────────

export interface SourceRow<S extends SettingRows = SettingRows> extends RowBase<S> {
  readonly table: "source";
  /** Sources given as operands: join(a, b), beside(a, b). */
  readonly operands: { readonly min: number; readonly max: number };
  /** True where any further named setting is an array's name and its file (`idx(image: "…", label: "…")`). */
  readonly freeFiles?: boolean;
  readonly example: string;
}
/** Kinds of inputs and targets: `f32`, `category`, `class`. `arguments` are what may stand in its parentheses. */
export interface KindRow<S extends SettingRows = SettingRows> extends RowBase<S> {
  readonly table: "kind";
  readonly of: "input" | "task" | "block";
  /** Whether brackets may follow. */
  readonly axes: boolean;
  readonly losses?: readonly [string, ...string[]];
  readonly metrics?: readonly string[];
  readonly example: string;
}
/** Keys of a section: of `input`, `task`, `train`, `data`. */
export interface SectionRow<S extends SettingRows = SettingRows> {
  readonly section: "input" | "task" | "train" | "data";
  readonly doc: string;
  readonly keys: S;
}

export type { Word };
