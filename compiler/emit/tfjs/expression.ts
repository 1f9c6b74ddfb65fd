import type { ElementType } from "../../graph/graph.ts";

/**
 * TensorFlow.js as data. An expression is a tree of calls; the live engine evaluates it, and a printer writes it as source:
 * `call("matMul", a, b, flag(true))` is `tf.matMul(a, b, true)`. Where the same object stands in two places, it is one
 * value: computed once, a `const` in source.
 */
export type Expression = Operand | Constant | Call | KernelCall;

/** One of the tensors that an operation is given. `shape` is the type's. */
export interface Operand {
  readonly kind: "operand";
  readonly index: number;
  readonly element: ElementType;
  readonly shape: readonly number[];
}

/** A tensor of known values, row-major: one number where all elements are equal. */
export interface Constant {
  readonly kind: "constant";
  readonly element: ElementType;
  readonly shape: readonly number[];
  readonly values: number | Float64Array;
}

/** `tf.NAME(…)`. */
export interface Call {
  readonly kind: "call";
  readonly name: FunctionName;
  readonly arguments: readonly Argument[];
}

/**
 * `tf.engine().runKernel(tf.NAME, inputs, attributes)`: what TensorFlow.js computes for its own gradients and exports as no
 * function.
 */
export interface KernelCall {
  readonly kind: "kernel";
  readonly name: KernelName;
  readonly inputs: Readonly<Record<string, Expression>>;
  readonly attributes: Readonly<Record<string, Literal>>;
}

export type Argument = Expression | Literal | Tensors;

/** Several tensors as one argument: `[a, b]`. */
export interface Tensors {
  readonly kind: "tensors";
  readonly items: readonly Expression[];
}

export type Literal =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "flag"; readonly value: boolean }
  | { readonly kind: "text"; readonly value: string }
  /** A member of an enumeration: `tf.Reduction.NONE`. */
  | { readonly kind: "member"; readonly of: "Reduction"; readonly name: "NONE" }
  /** Sizes of axes: what depends on the widths of a layer and the size of a batch. */
  | { readonly kind: "shape"; readonly sizes: readonly number[] }
  /** Axes, strides, a permutation. */
  | { readonly kind: "numbers"; readonly values: readonly number[] }
  /** Paddings: `[[before, after], …]`. */
  | { readonly kind: "pairs"; readonly values: readonly (readonly [number, number])[] }
  /** `undefined`: an optional argument that is left out before one that is not. */
  | { readonly kind: "absent" };

/** Functions of TensorFlow.js that the column uses, as members of `tf`. */
export type FunctionName =
  | "abs"
  | "add"
  | "argMax"
  | "avgPool"
  | "broadcastTo"
  | "cast"
  | "concat"
  | "conv2d"
  | "conv2dTranspose"
  | "depthwiseConv2d"
  | "div"
  | "equal"
  | "erf"
  | "exp"
  | "expandDims"
  | "expm1"
  | "fill"
  | "floor"
  | "gather"
  | "greater"
  | "greaterEqual"
  | "log"
  | "log1p"
  | "logicalAnd"
  | "logicalNot"
  | "logicalOr"
  | "logSoftmax"
  | "logSumExp"
  | "losses.sigmoidCrossEntropy"
  | "matMul"
  | "max"
  | "maximum"
  | "maxPool"
  | "mean"
  | "min"
  | "minimum"
  | "mul"
  | "neg"
  | "oneHot"
  | "pad"
  | "pow"
  | "range"
  | "reciprocal"
  | "relu"
  | "reshape"
  | "reverse"
  | "scatterND"
  | "sigmoid"
  | "sign"
  | "slice"
  | "softmax"
  | "softplus"
  | "sqrt"
  | "square"
  | "stack"
  | "stridedSlice"
  | "sub"
  | "sum"
  | "tanh"
  | "transpose"
  | "where";

/** Kernels that the column runs by name. */
export type KernelName =
  "Conv2DBackpropFilter" | "DepthwiseConv2dNativeBackpropFilter" | "DepthwiseConv2dNativeBackpropInput";

export function call(name: FunctionName, ...list: readonly (Argument | number)[]): Call {
  return {
    kind: "call",
    name,
    arguments: list.map((argument) => (typeof argument === "number" ? number(argument) : argument)),
  };
}

export function kernel(
  name: KernelName,
  inputs: Readonly<Record<string, Expression>>,
  attributes: Readonly<Record<string, Literal>>,
): KernelCall {
  return { kind: "kernel", name, inputs, attributes };
}

/** A scalar of f32. */
export function scalar(value: number): Constant {
  return { kind: "constant", element: "f32", shape: [], values: value };
}

export function number(value: number): Literal {
  return { kind: "number", value };
}

export function flag(value: boolean): Literal {
  return { kind: "flag", value };
}

export function text(value: string): Literal {
  return { kind: "text", value };
}

export function shape(sizes: readonly number[]): Literal {
  return { kind: "shape", sizes };
}

export function numbers(values: readonly number[]): Literal {
  return { kind: "numbers", values };
}

export function pairs(before: readonly number[], after: readonly number[]): Literal {
  return { kind: "pairs", values: before.map((first, axis) => [first, after[axis]]) };
}

export function tensors(...items: readonly Expression[]): Tensors {
  return { kind: "tensors", items };
}

export const absent: Literal = { kind: "absent" };

/** Names of TensorFlow.js for element types. */
export const DTYPES = { f32: "float32", i32: "int32", bool: "bool" } as const satisfies Record<ElementType, string>;

export function dtype(element: ElementType): Literal {
  return text(DTYPES[element]);
}
