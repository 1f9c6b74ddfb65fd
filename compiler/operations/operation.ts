import type { Attributes } from "../graph/attributes.ts";
import { TypeProblem, type Builder } from "../graph/builder.ts";
import type { ElementType, Graph, Node, TensorType } from "../graph/graph.ts";

/** Values of the reference meaning: float64 in row-major order, bool as 0 and 1. */
export interface Tensor {
  readonly values: Float64Array;
  readonly shape: readonly number[];
}

/** Reverse mode as rows with a body need it: `wrt` are independent of each other, and null is a result that one does not reach. */
export type Differentiate = (
  g: Builder,
  outputs: readonly { readonly node: Node; readonly cotangent: Node | null }[],
  wrt: readonly Node[],
) => (Node | null)[];

export interface GradientCall {
  /** For each input, whether anybody asks for its cotangent: null may be returned for the others. */
  readonly needs: readonly boolean[];
  readonly differentiate: Differentiate;
}

/** Runs the body of a loop on reference values. */
export type EvaluateBody = (
  body: Graph,
  inputs: Readonly<Record<string, Float64Array>>,
) => Readonly<Record<string, Float64Array>>;

/** What an operation means, once for everybody. A target's spelling is a column of its own, beside its emitter. */
export interface OperationRow {
  readonly name: string;
  readonly doc: string;
  /** Types of the results. Throws `TypeProblem`. */
  types(inputs: readonly TensorType[], attributes: Attributes): readonly TensorType[];
  /**
   * Cotangents of the inputs from those of the results, written in operations that have gradients themselves.
   * Null: nothing flows (integers, conditions, steps).
   */
  readonly gradient:
    ((g: Builder, node: Node, dys: readonly (Node | null)[], call: GradientCall) => readonly (Node | null)[]) | null;
  /** Plain loops in float64. */
  reference(inputs: readonly Tensor[], attributes: Attributes, evaluate: EvaluateBody): readonly Tensor[];
  /** Composites in terms of other operations, for targets without a spelling of their own. */
  readonly decomposition: ((g: Builder, inputs: readonly Node[], attributes: Attributes) => Node) | null;
}

/** How a row of one result is written. */
interface OneResult {
  readonly name: string;
  readonly doc: string;
  readonly type: (inputs: readonly TensorType[], attributes: Attributes) => TensorType;
  readonly gradient: ((g: Builder, node: Node, dy: Node, needs: readonly boolean[]) => readonly (Node | null)[]) | null;
  readonly reference: (inputs: readonly Tensor[], attributes: Attributes) => Tensor;
  readonly decomposition?: (g: Builder, inputs: readonly Node[], attributes: Attributes) => Node;
}

export function operation(row: OneResult): OperationRow {
  const { gradient } = row;
  return {
    name: row.name,
    doc: row.doc,
    types: (inputs, attributes) => [row.type(inputs, attributes)],
    gradient:
      gradient && ((g, node, [dy], call) => (dy ? gradient(g, node, dy, call.needs) : node.inputs.map(() => null))),
    reference: (inputs, attributes) => [row.reference(inputs, attributes)],
    decomposition: row.decomposition ?? null,
  };
}

export function expectElement(name: string, type: TensorType, ...allowed: readonly ElementType[]): void {
  if (!allowed.includes(type.element))
    throw new TypeProblem(name, `elements are ${type.element}, expected ${allowed.join(" or ")}`);
}

export function expectSameElement(name: string, types: readonly TensorType[]): void {
  if (types.some((type) => type.element !== types[0].element))
    throw new TypeProblem(name, `elements differ: ${types.map((type) => type.element).join(", ")}`);
}

export function expect(name: string, holds: boolean, otherwise: () => string): void {
  if (!holds) throw new TypeProblem(name, otherwise());
}
