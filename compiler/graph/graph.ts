/**
 * The tensor graph: a whole computation in some fifty operations on tensors of known shape.
 *
 * Nodes are immutable and hold their inputs; a graph is what its outputs reach. Builders append nodes and check types; the
 * rows of `compiler/operations` say what each operation means. Shapes here include the batch axis and are all numbers.
 */

export type ElementType = "f32" | "i32" | "bool";

export interface TensorType {
  readonly element: ElementType;
  readonly shape: readonly number[];
}

/** An attribute is plain data; `graph` holds the body of a loop. */
export type Attribute = number | boolean | string | readonly number[] | Float64Array | Int32Array | Graph;

export interface Node {
  /** Rises in order of creation: inputs have smaller ids than their users. */
  readonly id: number;
  /** Name of the operation's row, or `input`. */
  readonly operation: string;
  readonly inputs: readonly Node[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly type: TensorType;
  /** Several results (`scan`): node k of them is `result` with attribute `index: k`. Type of the node itself is the first's. */
  readonly results?: readonly TensorType[];
  /** Which part of the model it belongs to: `trunk.conv2d_1`. For messages and profiles. */
  readonly origin?: string;
}

/** What a graph reads from outside, by name. Order has no meaning. */
export interface GraphInput {
  readonly name: string;
  readonly node: Node;
}

export interface Graph {
  readonly inputs: readonly GraphInput[];
  /** Results by name. */
  readonly outputs: ReadonlyMap<string, Node>;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Nodes that the given ones need, inputs before users. */
export function topologicalOrder(roots: Iterable<Node>): Node[] {
  const seen = new Set<Node>();
  const pending = [...roots];
  while (pending.length > 0) {
    const node = pending.pop()!;
    if (seen.has(node)) continue;
    seen.add(node);
    pending.push(...node.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}
