import { flagOf, numberOf, numbersOf, type Attributes } from "../graph/attributes.ts";
import type { Builder } from "../graph/builder.ts";
import { elementCount, type Node } from "../graph/graph.ts";
import { offsets, rowMajorStrides } from "../graph/shape.ts";
import { restoreAxes } from "./broadcasting.ts";
import { expect, expectElement, operation, type OperationRow, type Tensor } from "./operation.ts";

/** Reductions over `axes` (counted from the front, rising); `keep` leaves axes of size 1. */

type Spread = (g: Builder, node: Node, dy: Node, axes: readonly number[]) => Node;

function reduction(
  name: string,
  doc: string,
  start: number,
  step: (sum: number, value: number, count: number) => number,
  spread: Spread,
): OperationRow {
  return operation({
    name,
    doc,
    type: ([x], attributes) => {
      expectElement(name, x, ...(name === "mean" ? (["f32"] as const) : (["f32", "i32"] as const)));
      return { element: x.element, shape: reducedShape(x.shape, attributes) };
    },
    gradient: (g, node, dy) => [spread(g, node, dy, numbersOf(node.attributes, "axes"))],
    reference: ([x], attributes) => {
      const axes = numbersOf(attributes, "axes");
      const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      const values = new Float64Array(elementCount(kept)).fill(start);
      const strides = rowMajorStrides(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
      const places = offsets(x.shape, strides);
      const count = elementCount(axes.map((axis) => x.shape[axis]));
      places.forEach((place, i) => (values[place] = step(values[place], x.values[i], count)));
      return { values, shape: reducedShape(x.shape, attributes) };
    },
  });
}

function reducedShape(shape: readonly number[], attributes: Attributes): number[] {
  const axes = numbersOf(attributes, "axes");
  const keep = flagOf(attributes, "keep");
  return shape.flatMap((size, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [size]));
}

/** dy to every element that was reduced. */
function toAll(g: Builder, node: Node, dy: Node, axes: readonly number[]): Node {
  const { shape } = node.inputs[0].type;
  return g.broadcast(restoreAxes(g, dy, shape, axes), shape);
}

/** dy to the first largest element: the reduced axes become one, last, where `place` puts it. */
function toFirst(g: Builder, scores: Node, dy: Node, axes: readonly number[]): Node {
  const { shape } = scores.type;
  const others = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const permutation = [...others, ...axes];
  const rows = others.map((axis) => shape[axis]);
  const count = elementCount(axes.map((axis) => shape[axis]));
  const best = g.argmax(g.reshape(g.transpose(scores, permutation), [...rows, count]), -1);
  const placed = g.place(g.reshape(dy, rows), best, count);
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  return g.transpose(
    g.reshape(
      placed,
      permutation.map((axis) => shape[axis]),
    ),
    inverse,
  );
}

export const sum = reduction("sum", "Sum over `axes`.", 0, (total, value) => total + value, toAll);
export const mean = reduction(
  "mean",
  "Mean over `axes`.",
  0,
  (total, value, count) => total + value / count,
  (g, node, dy, axes) => {
    const count = elementCount(axes.map((axis) => node.inputs[0].type.shape[axis]));
    return toAll(g, node, g.mul(dy, g.constant(1 / count)), axes);
  },
);
export const max = reduction(
  "max",
  "Largest over `axes`; the gradient goes to the first of equals.",
  -Infinity,
  (best, value) => Math.max(best, value),
  (g, node, dy, axes) => toFirst(g, node.inputs[0], dy, axes),
);
export const min = reduction(
  "min",
  "Smallest over `axes`; the gradient goes to the first of equals.",
  Infinity,
  (best, value) => Math.min(best, value),
  (g, node, dy, axes) => toFirst(g, g.neg(node.inputs[0]), dy, axes),
);

export const argmax = operation({
  name: "argmax",
  doc: "Index of the first largest element along `axis`, as i32; the axis is dropped.",
  type: ([x], attributes) => {
    expectElement("argmax", x, "f32", "i32");
    const axis = numberOf(attributes, "axis");
    expect("argmax", x.shape[axis] > 0, () => "no element to choose from");
    return { element: "i32", shape: x.shape.filter((_, k) => k !== axis) };
  },
  gradient: null,
  reference: ([x], attributes) => firstLargest(x, numberOf(attributes, "axis")),
});

function firstLargest(x: Tensor, axis: number): Tensor {
  const strides = rowMajorStrides(x.shape);
  const shape = x.shape.filter((_, k) => k !== axis);
  const starts = offsets(
    shape,
    strides.filter((_, k) => k !== axis),
  );
  const values = Float64Array.from(starts, (start) => {
    let best = 0;
    for (let k = 1; k < x.shape[axis]; k++)
      if (x.values[start + k * strides[axis]] > x.values[start + best * strides[axis]]) best = k;
    return best;
  });
  return { values, shape };
}
