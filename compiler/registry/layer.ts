import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import type { Type, Word } from "../ir/model.ts";
import type { Size } from "../ir/size.ts";
import type { RowBase, SettingRows, SettingValues } from "./settings.ts";

/** A parameter: its shape (channels last), how it starts, and how it is treated in training. */
export interface ParameterSpec {
  readonly shape: readonly number[];
  /** A row of the start table with its settings: `{ word: "glorot_uniform", settings: {} }`. */
  readonly start: Word;
  readonly fanIn: number;
  readonly fanOut: number;
  /** Weight decay and norm penalties apply to kernels and embeddings only. */
  readonly decay: boolean;
  /** The last axis is made of this many blocks, each started by itself (the gates of a recurrence); 1 where absent. */
  readonly blocks?: number;
  /** Start values that are no draw, row-major, in place of `start`: the diagonal of a stitch matrix, a forget gate's bias. */
  readonly values?: () => Float32Array;
  /** Rows of axis 0 that are 0 and stay 0 (the padding row of an embedding). */
  readonly zeroRows?: readonly number[];
  /** Multiplies the optimizer's rate; 1 where absent. */
  readonly rateFactor?: number;
  /** False: never trained by this layer's own wish. */
  readonly trainable?: boolean;
  /** The task whose own it is, for parameters that exist once for every task (`income.gate.kernel`). */
  readonly task?: string;
}

/** Running state that is no parameter (the statistics of a norm): set by the forward pass in training. */
export interface StateSpec {
  readonly shape: readonly number[];
  readonly start: number;
}

/** A broken shape rule, in words for the user; the checker puts it at its place. */
export class ShapeProblem extends Error {
  /** Which operand is at fault, from 0; the layer's name otherwise. */
  readonly operand?: number;
  readonly help?: string;
  /** Name of a row of the diagnostics catalogue (`shapes-do-not-meet` where absent). */
  readonly diagnostic?: string;
  constructor(message: string, place: { operand?: number; help?: string; diagnostic?: string } = {}) {
    super(message);
    this.name = "ShapeProblem";
    this.operand = place.operand;
    this.help = place.help;
    this.diagnostic = place.diagnostic;
  }
}

/** A chain given to a layer, as its shape rule sees it: from the type of its argument to the type of its result. */
export type ChainType = (argument: Type) => Type;

export interface ShapeCall<S extends SettingRows> {
  readonly settings: SettingValues<S>;
  /** Types of the operands, then of the tensors that settings of kind `name` of `tensor` point to. Batch axis implied. */
  readonly inputs: readonly Type[];
  /** Types of the chains: apply to know the result. Present for rows with `chains`. Throws ShapeProblem of the inner layer. */
  readonly chains: readonly ChainType[];
  /** Lengths of the file's token axes by name, for `broadcast(words)`. */
  readonly axes?: Readonly<Record<string, Size>>;
}

/** Types with numbers only, as parameters need them. */
export interface ConcreteType {
  readonly element: "f32" | "i32";
  /** Without the batch axis. */
  readonly shape: readonly number[];
  readonly axes?: readonly (string | null)[];
  /** As in `Type`: false where no batch axis belongs to it. */
  readonly batch?: boolean;
  /** As in `Type`: how many codes an i32 may take. */
  readonly codes?: number;
}
export interface ParameterCall<S extends SettingRows> {
  readonly settings: SettingValues<S>;
  readonly inputs: readonly ConcreteType[];
  readonly output: ConcreteType;
  /** Names of the tasks that read the result, in the order of declaration: for parameters that exist once for every task. */
  readonly tasks?: readonly string[];
  /** Argument and result of each chain, in the order of `Instruction.regions`. */
  readonly chains?: readonly { readonly argument: ConcreteType; readonly result: ConcreteType }[];
}

/**
 * What a forward pass may use beside the operations: nothing reaches around it. Tensors here have the batch axis in front.
 */
export interface LayerContext extends Builder {
  /** Also false for a norm inside a part that `freeze` holds still: it uses and keeps its running statistics. */
  readonly training: boolean;
  /** Rows in the batch, padding rows included. */
  readonly batch: number;
  /** [batch] f32: 1 for a real row, 0 for one added to fill the batch. */
  rows(): Node;
  /** [batch, length] f32 of a token axis: 1 for a token, 0 for padding. */
  mask(axis: string): Node;
  /** Uniform numbers in [0, 1) of this shape, another draw at every step, made on the host by name. Only in training. */
  random(name: string, shape: readonly number[]): Node;
  /** Running state by name, and its next value (kept only if the layer takes part in the step). */
  state(name: string): Node;
  setState(name: string, next: Node): void;
  /** Adds a scalar to the loss, outside every balance. */
  penalize(value: Node): void;
  /** Makes a value visible to reports. */
  report(name: string, value: Node): void;
  /** Mean and standard deviation that scaled targets of a task were made with (1 and 0 where unscaled): for `.prediction`. */
  targetScale(task: string): { readonly shift: readonly number[]; readonly factor: readonly number[] };
  /** The kind of a task: for `.prediction`. */
  taskKind(task: string): string;
}

export interface ForwardCall<S extends SettingRows> {
  readonly settings: SettingValues<S>;
  readonly inputs: readonly Node[];
  /** Types as the IR knows them, without batch: named axes are here. */
  readonly inputTypes: readonly ConcreteType[];
  readonly outputType: ConcreteType;
  readonly parameters: Readonly<Record<string, Node>>;
  /** Chains as functions, with weights of their own. */
  readonly chains: readonly ((argument: Node) => Node)[];
}

/** A set of weights of a chain. */
export interface ChainWeights {
  /** What it stands under: in place of the name of the chain (`mixed.mmoe_1.expert.dense_1`), else behind that or the owner (`low.digit.dense_1`). */
  readonly name: string;
  /** The task whose own it is, or null for one that all share. */
  readonly task: string | null;
  /** How many copies stand on a leading axis of each tensor; null for tensors as they are. */
  readonly stacked: number | null;
}

export interface LayerRow<S extends SettingRows = SettingRows> extends RowBase<S> {
  readonly table: "layer";
  /** Which section of the manual: "dense and embedding", "images", "norms", "activations", "arithmetic", "shape", "sequences", "sharing", "gradients". */
  readonly group: string;
  /** How many tensors it takes. */
  readonly operands: { readonly min: number; readonly max: number };
  /**
   * How many chains it takes. `copies`: the setting that says how many copies of one there are (repeat, a level of ple); each is a
   * region of its own, applied to the result of the one before. `named`: they are given under this name, `expert: dense(16)`;
   * more than one as a list, `stages: [a, b]`.
   */
  readonly chains?: {
    readonly min: number;
    readonly max: number;
    readonly copies?: string;
    readonly named?: string;
  };
  /**
   * The setting that says how many layers one behind another it stands for, `transformer(layers: 6, …)`, and how many each of
   * them would be if it were written out.
   */
  readonly stack?: { readonly setting: string; readonly each: number };
  /**
   * The sets of weights that chain number `chain` has. Absent: one that all share. `mmoe(experts: 3)` gives one of three
   * experts, `per_task` one for each task.
   */
  chainWeights?(call: {
    readonly settings: SettingValues<S>;
    readonly tasks: readonly string[];
    readonly chain: number;
  }): readonly ChainWeights[];
  /** True where the result for one task is computed from the tensors or the own weights of all (`cross_stitch`, `ple`). */
  readonly mixesTasks?: boolean;
  /** The setting that it may leave to the task as the last layer of a head: the width that the kind needs. */
  readonly infers?: string;
  /** True where no gradient goes back through it. */
  readonly stopsGradient?: boolean;
  /** False where it must be applied by an operator or a member and has no name of its own in the language. */
  readonly callable: boolean;
  /** The type of its result. Throws ShapeProblem. */
  shape(call: ShapeCall<S>): Type;
  parameters?(call: ParameterCall<S>): Readonly<Record<string, ParameterSpec>>;
  states?(call: ParameterCall<S>): Readonly<Record<string, StateSpec>>;
  forward?(g: LayerContext, call: ForwardCall<S>): Node;
  /** Multiply-adds of one example, where it is more than none. */
  work?(call: ParameterCall<S>): number;
  /** Declarations that use it, in a file that the contract test completes with inputs x: f32[8], image: f32[12, 12, 3], words: tokens(10), a task and data. */
  readonly example: string;
}

/** The row of a layer; `built` follows from `forward`. */
export function layer<S extends SettingRows>(
  row: Omit<LayerRow<S>, "table" | "built" | "callable"> & { callable?: boolean },
): LayerRow<S> {
  return { callable: true, ...row, table: "layer", built: row.forward !== undefined };
}
