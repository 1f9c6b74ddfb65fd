import { flagOf, numberOf, numbersOf } from "../../graph/attributes.ts";
import { elementCount } from "../../graph/graph.ts";
import type { Node } from "../../graph/graph.ts";
import { sameShape } from "../../graph/shape.ts";
import type { Emission, OnnxSpelling, Value } from "./emission.ts";

/** Reductions. Sums over leading axes of f32 are products with a row of ones, which run several times faster. */
export const reductions = {
  sum: (e, node, [x]) => summed(e, node, x, 1),
  mean: (e, node, [x]) => summed(e, node, x, 1 / reducedCount(node)),
  max: (e, node, [x]) => reduce(e, "ReduceMax", node, x),
  min: (e, node, [x]) => reduce(e, "ReduceMin", node, x),
  argmax: (e, node, [x]) =>
    e.cast(e.op("ArgMax", [x], { axis: numberOf(node.attributes, "axis"), keepdims: 0, select_last_index: 0 }), "i32"),
} satisfies Record<string, OnnxSpelling>;

function reduce(e: Emission, operation: string, node: Node, x: Value): Value {
  const axes = numbersOf(node.attributes, "axes");
  if (axes.length === 0) return x;
  return e.op(operation, [x, e.ints(axes)], { keepdims: flagOf(node.attributes, "keep") ? 1 : 0 });
}

function reducedCount(node: Node): number {
  const { shape } = node.inputs[0].type;
  return numbersOf(node.attributes, "axes").reduce((count, axis) => count * shape[axis], 1);
}

/** The sum over the node's axes times `factor`. */
function summed(e: Emission, node: Node, x: Value, factor: number): Value {
  const axes = numbersOf(node.attributes, "axes");
  const { shape } = node.inputs[0].type;
  if (axes.every((axis) => shape[axis] === 1)) {
    return sameShape(shape, node.type.shape) ? x : e.reshape(x, node.type.shape);
  }
  if (node.type.element !== "f32") return reduce(e, "ReduceSum", node, x);
  if (sumsRows(node)) return rowSum(e, node, x, factor);

  const leading = leadingSpan(shape, axes);
  if (leading > 0 && leading < shape.length && !isTrailing(shape, axes)) {
    // Leading and trailing axes (the bias of a convolution): the inner ones first, then the rows.
    const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const inner = axes.filter((axis) => axis >= leading);
    const partial = e.op("ReduceSum", [x, e.ints(inner)], { keepdims: 1 });
    const matrix = [elementCount(shape.slice(0, leading)), elementCount(kept.slice(leading))] as const;
    return vectorAs(e, rowsSummed(e, e.reshape(partial, matrix), matrix, factor), matrix[1], node.type.shape);
  }
  return reduce(e, factor === 1 ? "ReduceSum" : "ReduceMean", node, x);
}

/** Whether a sum or mean is one over the rows of a matrix. */
export function sumsRows(node: Node): boolean {
  const axes = numbersOf(node.attributes, "axes");
  const { shape } = node.inputs[0].type;
  const [rows, columns] = matrixOf(node);
  const leading = leadingSpan(shape, axes);
  const only = axes.every((axis) => axis < leading || shape[axis] === 1);
  return node.type.element === "f32" && only && rows > 1 && columns > 1;
}

/** A sum over rows times `factor`. */
export function rowSum(e: Emission, node: Node, x: Value, factor: number): Value {
  const matrix = matrixOf(node);
  const flat = sameShape(node.inputs[0].type.shape, matrix) ? x : e.reshape(x, matrix);
  return vectorAs(e, rowsSummed(e, flat, matrix, factor), matrix[1], node.type.shape);
}

/** The operand as [rows, columns]: what is summed over from the front, and the rest. */
function matrixOf(node: Node): readonly [number, number] {
  const { shape } = node.inputs[0].type;
  const leading = leadingSpan(shape, numbersOf(node.attributes, "axes"));
  return [elementCount(shape.slice(0, leading)), elementCount(shape.slice(leading))];
}

function vectorAs(e: Emission, vector: Value, size: number, shape: readonly number[]): Value {
  return sameShape([size], shape) ? vector : e.reshape(vector, shape);
}

/** [columns]: the sum over the rows of a matrix times `factor`. */
export function rowsSummed(e: Emission, x: Value, [rows]: readonly [number, number], factor = 1): Value {
  const [weights] = e.once(`${rows} times ${factor}`, () => [e.floats(new Float32Array(rows).fill(factor), [rows])]);
  return e.op("MatMul", [weights, x]);
}

/** How many axes from the front are summed over (or have size 1). */
function leadingSpan(shape: readonly number[], axes: readonly number[]): number {
  let span = 0;
  while (span < shape.length && axes.includes(span)) span++;
  return span;
}

/** True where the summed axes are the last ones. */
function isTrailing(shape: readonly number[], axes: readonly number[]): boolean {
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis) && shape[axis] !== 1);
  const first = Math.min(...axes.filter((axis) => shape[axis] !== 1));
  return kept.every((axis) => axis < first);
}
