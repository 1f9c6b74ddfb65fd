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
  const real = axes.filter((axis) => shape[axis] !== 1);
  if (real.length === 0) return sameShape(shape, node.type.shape) ? x : e.reshape(x, node.type.shape);
  if (node.type.element !== "f32") return reduce(e, "ReduceSum", node, x);

  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const leading = leadingSpan(shape, axes);
  const rows = elementCount(shape.slice(0, leading));
  const columns = elementCount(shape.slice(leading));
  if (rows > 1 && columns > 1 && real.every((axis) => axis < leading)) {
    return e.reshape(rowsSummed(e, x, rows, columns, factor), node.type.shape);
  }
  if (leading > 0 && leading < shape.length && !isTrailing(shape, axes)) {
    // Leading and trailing axes (the bias of a convolution): the inner ones first, then the rows.
    const inner = axes.filter((axis) => axis >= leading);
    const partial = e.op("ReduceSum", [x, e.ints(inner)], { keepdims: 1 });
    return e.reshape(rowsSummed(e, partial, rows, elementCount(kept.slice(leading)), factor), node.type.shape);
  }
  return reduce(e, factor === 1 ? "ReduceSum" : "ReduceMean", node, x);
}

/** [1, columns]: the sum over the rows of x, seen as [rows, columns], times `factor`. */
export function rowsSummed(e: Emission, x: Value, rows: number, columns: number, factor = 1): Value {
  const [weights] = e.once(`row of ${rows} times ${factor}`, () => [
    e.floats(new Float32Array(rows).fill(factor), [1, rows]),
  ]);
  return e.op("MatMul", [weights, e.reshape(x, [rows, columns])]);
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
