import type { Attribute, ElementType, Graph, Node, TensorType } from "./graph.ts";

/** A padding, window or stride of two spatial axes: [height, width]. */
export type Pair = readonly [number, number];
/** [top, bottom, left, right] */
export type Padding2d = readonly [number, number, number, number];

export interface Conv2dAttributes {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: Padding2d;
  /** Input channels are split into this many groups. */
  readonly groups: number;
}
export interface Pool2dAttributes {
  readonly window: Pair;
  readonly strides: Pair;
  readonly padding: Padding2d;
}

export interface ScanStep {
  readonly carries: readonly Node[];
  readonly outputs: readonly Node[];
}

/**
 * Every operation as a method: this is the one vocabulary that layers, losses, optimizers, balance rules and gradients are
 * written in. Each checks the types of what it is given and throws a `TypeProblem` on a broken promise. Binary operations broadcast as
 * numpy does (aligned from the right). Axes may be negative. Reductions drop their axes unless `keep` is true.
 */
export interface Builder {
  /** A tensor from outside. The same name twice is an error. */
  input(name: string, type: TensorType): Node;
  /** A tensor of known values in row-major order, or one number as a scalar. */
  constant(values: number | readonly number[] | Float64Array, type?: TensorType): Node;
  /** `value` in every element. */
  fill(value: number, shape: readonly number[]): Node;
  /** 0, 1 … n - 1 as i32. */
  iota(n: number): Node;

  // Element by element, one operand.
  neg(x: Node): Node;
  exp(x: Node): Node;
  expm1(x: Node): Node;
  log(x: Node): Node;
  log1p(x: Node): Node;
  sqrt(x: Node): Node;
  reciprocal(x: Node): Node;
  square(x: Node): Node;
  /** Slope 0 at 0. */
  abs(x: Node): Node;
  /** -1, 0, 1; no gradient. */
  sign(x: Node): Node;
  floor(x: Node): Node;
  tanh(x: Node): Node;
  sigmoid(x: Node): Node;
  /** log(1 + e^x), overflow-free. */
  softplus(x: Node): Node;
  erf(x: Node): Node;
  /** Slope 0 at 0. */
  relu(x: Node): Node;
  not(x: Node): Node;
  /** bool to f32 gives 0 and 1; f32 to i32 cuts off; f32 to bool is x != 0. */
  cast(x: Node, element: ElementType): Node;

  // Two operands, broadcasting.
  add(a: Node, b: Node): Node;
  sub(a: Node, b: Node): Node;
  mul(a: Node, b: Node): Node;
  div(a: Node, b: Node): Node;
  pow(a: Node, b: Node): Node;
  /** At a tie the gradient goes to `a`. */
  maximum(a: Node, b: Node): Node;
  minimum(a: Node, b: Node): Node;
  greater(a: Node, b: Node): Node;
  greaterEqual(a: Node, b: Node): Node;
  equal(a: Node, b: Node): Node;
  and(a: Node, b: Node): Node;
  or(a: Node, b: Node): Node;
  /** `condition ? a : b`, all three broadcast. */
  select(condition: Node, a: Node, b: Node): Node;

  // Reductions. `axes` absent: all.
  sum(x: Node, axes?: readonly number[], keep?: boolean): Node;
  mean(x: Node, axes?: readonly number[], keep?: boolean): Node;
  /** The gradient goes to the first maximum. */
  max(x: Node, axes?: readonly number[], keep?: boolean): Node;
  min(x: Node, axes?: readonly number[], keep?: boolean): Node;
  /** Index of the first largest element along an axis, as i32. */
  argmax(x: Node, axis: number): Node;

  // Shape.
  reshape(x: Node, shape: readonly number[]): Node;
  transpose(x: Node, permutation: readonly number[]): Node;
  /** numpy's broadcast_to. */
  broadcast(x: Node, shape: readonly number[]): Node;
  concat(parts: readonly Node[], axis: number): Node;
  /** `x[begin : begin + size : stride]` on every axis; strides 1 where absent. */
  slice(x: Node, begin: readonly number[], size: readonly number[], strides?: readonly number[]): Node;
  /** `before` and `after` elements of `value` on every axis. */
  pad(x: Node, before: readonly number[], after: readonly number[], value?: number): Node;
  reverse(x: Node, axis: number): Node;

  // Rows by index. Indices are i32 and in range.
  /** `table[indices]` along axis 0: shape of indices + table.shape[1:]. */
  gather(table: Node, indices: Node): Node;
  /** Zeros of [rows, …] with `updates` added at `indices`: the transpose of `gather`. */
  scatterAdd(indices: Node, updates: Node, rows: number): Node;
  /** One element of the last axis for each index: x [..., n], indices [...] gives [...]. */
  pick(x: Node, indices: Node): Node;
  /** The transpose of `pick`: zeros of [..., n] with `values` at `indices`. */
  place(values: Node, indices: Node, n: number): Node;

  // Products.
  /** [..., m, k] x [..., k, n]; leading axes broadcast; `transposeA`, `transposeB` swap the last two axes of an operand first. */
  matmul(a: Node, b: Node, options?: { transposeA?: boolean; transposeB?: boolean }): Node;

  // Images: x [batch, height, width, channels], kernel [height, width, in / groups, out].
  conv2d(x: Node, kernel: Node, attributes: Conv2dAttributes): Node;
  /** Gradient of conv2d for its input: the transposed convolution. */
  conv2dInputGradient(dy: Node, kernel: Node, inputShape: readonly number[], attributes: Conv2dAttributes): Node;
  conv2dKernelGradient(x: Node, dy: Node, kernelShape: readonly number[], attributes: Conv2dAttributes): Node;
  /** Padding never wins. */
  maxPool2d(x: Node, attributes: Pool2dAttributes): Node;
  /** Each window's `dy` at its first maximum of x. */
  maxPool2dGradient(x: Node, dy: Node, attributes: Pool2dAttributes): Node;
  /** The element of `values` (shape of x) at each window's first maximum of x: the transpose of `maxPool2dGradient`. */
  maxPool2dPick(x: Node, values: Node, attributes: Pool2dAttributes): Node;
  /** Sum over each window, padding counts as 0. */
  sumPool2d(x: Node, attributes: Pool2dAttributes): Node;
  sumPool2dGradient(dy: Node, inputShape: readonly number[], attributes: Pool2dAttributes): Node;

  // Composites: one node with a decomposition, until a target says that it has no spelling for them. Last axis.
  softmax(x: Node): Node;
  logSoftmax(x: Node): Node;
  logSumExp(x: Node): Node;
  /** -log softmax(logits)[label]: logits [..., n], labels i32 [...] gives [...]. */
  softmaxCrossEntropy(logits: Node, labels: Node): Node;
  /** max(z, 0) - z y + log(1 + e^-|z|), element by element; y f32 of the same shape. */
  sigmoidCrossEntropy(logits: Node, targets: Node): Node;
  /** (x - mean) / sqrt(variance + epsilon) · scale + offset over the last axis. */
  layerNorm(x: Node, scale: Node, offset: Node, epsilon: number): Node;
  /** Exact, by erf; `approximate` by tanh. */
  gelu(x: Node, approximate?: boolean): Node;

  // Gradients.
  stopGradient(x: Node): Node;
  /** Identity; the gradient is multiplied by `factor`. */
  scaleGradient(x: Node, factor: number): Node;

  /**
   * A loop over axis 0 of `sequences` (all of equal length T): `body` sees the carries and one element of each sequence,
   * and returns the next carries and what to stack. Gives the last carries and the outputs stacked on axis 0.
   * The body may use nodes from outside; they become loop-invariant inputs. `reverse` walks from the last element to the
   * first; stacked outputs lie where their elements lie.
   */
  scan(
    initial: readonly Node[],
    sequences: readonly Node[],
    body: (carries: readonly Node[], elements: readonly Node[]) => ScanStep,
    options?: { reverse?: boolean },
  ): { readonly carries: readonly Node[]; readonly outputs: readonly Node[] };

  /**
   * A node by the name of its row: what passes and gradients rebuild graphs with. `result` with attribute `index` is one of
   * the results of its input.
   */
  apply(operation: string, inputs: readonly Node[], attributes: Readonly<Record<string, Attribute>>): Node;
  /** Nodes made inside belong to this part of the model. */
  within<T>(origin: string, make: () => T): T;
  /** The graph with these results. */
  finish(outputs: ReadonlyMap<string, Node> | Record<string, Node>): Graph;
}

/** A promise of the vocabulary broken by its caller: our fault, never a user's. */
export class TypeProblem extends Error {
  constructor(operation: string, message: string) {
    super(`${operation}: ${message}`);
    this.name = "TypeProblem";
  }
}
