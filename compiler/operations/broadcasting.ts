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
export function elementwise(name: string, inputs: readonly Tensor[], f: (...values: number[]) => number): Tensor {
  const shape = broadcastShapes(
    name,
    inputs.map((input) => input.shape),
  );
  const places = inputs.map((input) => offsets(shape, broadcastStrides(input.shape, shape)));
  const values = new Float64Array(places[0].length);
  for (let i = 0; i < values.length; i++) values[i] = f(...inputs.map((input, k) => input.values[places[k][i]]));
  return { values, shape };
}
