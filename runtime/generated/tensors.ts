import type * as tensorflow from "@tensorflow/tfjs";

/**
 * TensorFlow.js as a generated module hands it over. The module chooses the package and its backend; nothing here imports
 * more of it than types.
 */
export type TensorFlow = Pick<
  typeof tensorflow,
  | "addN"
  | "clone"
  | "dispose"
  | "keep"
  | "matMul"
  | "maximum"
  | "mean"
  | "minimum"
  | "mul"
  | "scalar"
  | "sign"
  | "square"
  | "stack"
  | "sum"
  | "tensor"
  | "tidy"
  | "variable"
  | "where"
  | "zerosLike"
>;
/** A tensor of any rank, whose sizes are numbers. */
export type Tensor = tensorflow.Tensor & { readonly shape: readonly number[] };
export type Variable<R extends tensorflow.Rank = tensorflow.Rank> = tensorflow.Variable<R>;
/** The rank of a shape, for the types of TensorFlow.js. */
export type RankOf<Shape extends readonly number[]> = Shape["length"] extends 0
  ? tensorflow.Rank.R0
  : Shape["length"] extends 1
    ? tensorflow.Rank.R1
    : Shape["length"] extends 2
      ? tensorflow.Rank.R2
      : Shape["length"] extends 3
        ? tensorflow.Rank.R3
        : Shape["length"] extends 4
          ? tensorflow.Rank.R4
          : tensorflow.Rank;
/** Tensors by name. */
export type Tensors<Name extends string> = Readonly<Record<Name, Tensor>>;
