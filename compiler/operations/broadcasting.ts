import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import { broadcastShapes, broadcastStrides, offsets, sameShape } from "../graph/shape.ts";
import type { Tensor } from "./operation.ts";

/** The transpose of broadcasting: sums `dy` over the axes that stretched `shape` to its shape. */
export function sumTo(g: Builder, dy: Node, shape: readonly number[]): Node {
  const { shape: stretched } = dy.type;
  if (sameShape(stretched, shape)) return dy;
  const leading = stretched.length - shape.length;
  const axes = stretched.flatMap((size, axis) =>
    axis < leading || (shape[axis - leading] === 1 && size !== 1) ? [axis] : [],
  );
  return g.reshape(g.sum(dy, axes), shape);
}

/** `x` with an axis of size 1 wherever `axes` of `shape` were dropped: what a reduction's result broadcasts back with. */
export function restoreAxes(g: Builder, x: Node, shape: readonly number[], axes: readonly number[]): Node {
  return g.reshape(
    x,
    shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  );
}

/** Reference meaning of an operation that works element by element on operands that broadcast. */
export function elementwise(
  name: string,
  inputs: readonly Tensor[],
  f: (a: number, b: number, c: number) => number,
): Tensor {
  const shape = broadcastShapes(
    name,
    inputs.map((input) => input.shape),
  );
  const [a, b, c = b] = inputs.map((input) => stretchedValues(input, shape));
  return { values: a.map((value, i) => f(value, b[i], c[i])), shape };
}

function stretchedValues({ values, shape }: Tensor, to: readonly number[]): Float64Array {
  if (sameShape(shape, to)) return values;
  return valuesAt(values, offsets(to, broadcastStrides(shape, to)));
}

export function valuesAt(values: Float64Array, places: Int32Array): Float64Array {
  const found = new Float64Array(places.length);
  for (let i = 0; i < found.length; i++) found[i] = values[places[i]];
  return found;
}
