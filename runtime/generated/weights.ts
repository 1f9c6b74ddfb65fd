import type { Value } from "../../compiler/ir/model.ts";
import type { RankOf, Variable } from "./tensors.ts";

/**
 * Weights as a generated module declares them: a tree by declaration, layer and name, whose leaves say shape and start. It
 * becomes a tree of variables with the same branches, and a weight's name is its way through the tree: the second dense layer
 * of `shared bird` holds `bird.dense_2.kernel`, as in `model.safetensors`.
 */

/** A weight before it is made. */
export class Weight<Shape extends readonly number[] = readonly number[]> {
  readonly shape: Shape;
  readonly options: WeightOptions;
  constructor(shape: Shape, options: WeightOptions) {
    this.shape = shape;
    this.options = options;
    if (!shape.every((size) => Number.isInteger(size) && size >= 0))
      throw new Error(`a weight has the shape [${shape.join(", ")}]`);
  }
}

/** A row of the table of starts, with its settings where it has any. */
export type StartWord = string | readonly [string, Readonly<Record<string, Value>>];

export interface WeightOptions {
  /** `zeros` where absent. */
  readonly start?: StartWord;
  /** Start values, row-major, in place of a draw. */
  readonly values?: readonly number[];
  /** Whether weight decay and norm penalties see it. */
  readonly decay?: boolean;
  /** The last axis is made of so many blocks, each started by itself; 1 where absent. */
  readonly blocks?: number;
  /** Numbers that meet in a unit, where the shape does not say: fan-in and fan-out. */
  readonly fans?: readonly [number, number];
  /** Rows that are 0 and stay 0. */
  readonly zeroRows?: readonly number[];
  /** Multiplies the learning rate; 1 where absent. */
  readonly rate?: number;
  /** True for what no gradient moves: the statistics of a norm. */
  readonly fixed?: boolean;
  /** Stands outside the norm that clipping looks at, and is not clipped: the scalars of a balance rule. */
  readonly outside?: boolean;
}

/** A kernel, [..., in, out]: glorot_uniform, with weight decay. */
export function kernel<const Shape extends readonly number[]>(
  shape: Shape,
  options: WeightOptions = {},
): Weight<Shape> {
  return new Weight(shape, { start: "glorot_uniform", decay: true, ...options });
}

/** A vector for each code, [codes, width]: normal numbers of variance 1 / width, with weight decay. */
export function table<const Shape extends readonly [number, number]>(
  shape: Shape,
  options: WeightOptions = {},
): Weight<Shape> {
  return new Weight(shape, { start: ["truncated", { sd: 1 / Math.sqrt(shape[1]) }], decay: true, ...options });
}

/** Zeros, without weight decay: biases, offsets. */
export function zeros<const Shape extends readonly number[]>(shape: Shape, options: WeightOptions = {}): Weight<Shape> {
  return new Weight(shape, options);
}

/** Ones, without weight decay: the scale of a norm. */
export function ones<const Shape extends readonly number[]>(shape: Shape, options: WeightOptions = {}): Weight<Shape> {
  return new Weight(shape, { start: "ones", ...options });
}

/** A running statistic, which no gradient moves. */
export function statistic<const Shape extends readonly number[]>(shape: Shape, value: number): Weight<Shape> {
  return new Weight(shape, { start: ["constant", { value }], fixed: true });
}

/** Any other weight; zeros and no weight decay where `options` do not say. */
export function weight<const Shape extends readonly number[]>(
  shape: Shape,
  options: WeightOptions = {},
): Weight<Shape> {
  return new Weight(shape, options);
}

/** Names that a branch's keys get: layers are numbered, the parts of a layer are not. */
type Naming = "layers" | "task" | "copies";
const namings = new WeakMap<object, Naming>();

function mark<T extends object>(tree: T, naming: Naming): T {
  namings.set(tree, naming);
  return tree;
}

/** A branch of layers below a declaration's own: a block, an expert. */
export function layers<const T extends object>(tree: T): T {
  return mark(tree, "layers");
}

/** The layers that a task has for itself within a shared declaration: its name stands without a number. */
export function ownLayers<const T extends object>(tree: T): T {
  return mark(tree, "task");
}

/** Copies of a chain one after another, named by their number alone. */
export function copies<const T extends readonly object[]>(...list: T): T {
  return mark(list, "copies");
}

/** The same tree with a variable for each weight. */
export type Variables<T> =
  T extends Weight<infer Shape>
    ? Variable<RankOf<Shape>>
    : T extends readonly unknown[]
      ? { readonly [K in keyof T]: Variables<T[K]> }
      : { readonly [K in keyof T]: Variables<T[K]> };

/** Makes a variable of every weight, each told its name. */
export function mapWeights<T extends object>(tree: T, make: (weight: Weight, name: string) => Variable): Variables<T>;
export function mapWeights(tree: object, make: (weight: Weight, name: string) => Variable): unknown {
  const visit = (branch: unknown, name: string, numbered: boolean): unknown => {
    if (branch instanceof Weight) return make(branch, name);
    if (typeof branch !== "object" || branch === null) throw new Error(`${name} is no weight`);
    const inside = numbered || namings.has(branch);
    if (Array.isArray(branch)) return branch.map((each, k) => visit(each, `${name}.${k + 1}`, inside));
    return Object.fromEntries(
      Object.entries(branch).map(([key, child]) => [key, childOf(child, name === "" ? key : `${name}.${key}`, inside)]),
    );
  };
  const childOf = (child: unknown, name: string, numbered: boolean): unknown => {
    const naming = typeof child === "object" && child !== null ? namings.get(child) : undefined;
    if (!numbered || naming === "task" || child instanceof Weight) return visit(child, name, naming !== undefined);
    if (Array.isArray(child) && naming === undefined)
      return child.map((each, k) => visit(each, `${name}_${k + 1}`, false));
    return visit(child, `${name}_1`, false);
  };
  // The first keys are declarations, and below each of them stand its layers.
  return Object.fromEntries(Object.entries(tree).map(([key, child]) => [key, visit(child, key, true)]));
}

/** Numbers in stretches: each with how often it stands there. */
export function stretches(...list: readonly (readonly [number, number])[]): readonly number[] {
  return list.flatMap(([value, count]) => new Array<number>(count).fill(value));
}
