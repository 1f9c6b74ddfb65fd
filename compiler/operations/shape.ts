import { numberOf, numbersOf } from "../graph/attributes.ts";
import type { Builder } from "../graph/builder.ts";
import { elementCount, type Node } from "../graph/graph.ts";
import { broadcastStrides, broadcastShapes, offsets, rowMajorStrides, sameShape, showShape } from "../graph/shape.ts";
import { sumTo, valuesAt } from "./broadcasting.ts";
import { expect, expectSameElement, operation, type Tensor } from "./operation.ts";

/** The same elements in other places. */

function read(x: Tensor, shape: readonly number[], strides: readonly number[], start = 0): Tensor {
  return { values: valuesAt(x.values, offsets(shape, strides, start)), shape };
}

export const reshape = operation({
  name: "reshape",
  doc: "The same elements in row-major order under another `shape`.",
  type: ([x], attributes) => {
    const shape = numbersOf(attributes, "shape");
    expect(
      "reshape",
      elementCount(shape) === elementCount(x.shape),
      () => `${showShape(x.shape)} to ${showShape(shape)}`,
    );
    return { element: x.element, shape };
  },
  gradient: (g, node, dy) => [g.reshape(dy, node.inputs[0].type.shape)],
  reference: ([x], attributes) => ({ values: x.values, shape: numbersOf(attributes, "shape") }),
});

export const transpose = operation({
  name: "transpose",
  doc: "Axis k of the result is axis `permutation[k]` of x.",
  type: ([x], attributes) => {
    const permutation = numbersOf(attributes, "permutation");
    const sorted = [...permutation].sort((a, b) => a - b);
    expect(
      "transpose",
      sorted.length === x.shape.length && sorted.every((axis, k) => axis === k),
      () => `${showShape(permutation)} is no permutation of ${x.shape.length} axes`,
    );
    return { element: x.element, shape: permutation.map((axis) => x.shape[axis]) };
  },
  gradient: (g, node, dy) => {
    const permutation = numbersOf(node.attributes, "permutation");
    return [
      g.transpose(
        dy,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
    ];
  },
  reference: ([x], attributes) => {
    const permutation = numbersOf(attributes, "permutation");
    const strides = rowMajorStrides(x.shape);
    return read(
      x,
      permutation.map((axis) => x.shape[axis]),
      permutation.map((axis) => strides[axis]),
    );
  },
});

export const broadcast = operation({
  name: "broadcast",
  doc: "x stretched to `shape` as operands of binary operations are.",
  type: ([x], attributes) => {
    const shape = numbersOf(attributes, "shape");
    expect(
      "broadcast",
      sameShape(broadcastShapes("broadcast", [x.shape, shape]), shape),
      () => `${showShape(x.shape)} does not stretch to ${showShape(shape)}`,
    );
    return { element: x.element, shape };
  },
  gradient: (g, node, dy) => [sumTo(g, dy, node.inputs[0].type.shape)],
  reference: ([x], attributes) => {
    const shape = numbersOf(attributes, "shape");
    return read(x, shape, broadcastStrides(x.shape, shape));
  },
});

export const concat = operation({
  name: "concat",
  doc: "Parts one after another along `axis`.",
  type: (inputs, attributes) => {
    const axis = numberOf(attributes, "axis");
    expect("concat", inputs.length > 0, () => "no parts");
    expectSameElement("concat", inputs);
    const total = inputs.reduce((sum, part) => sum + part.shape[axis], 0);
    const shape = inputs[0].shape.map((size, k) => (k === axis ? total : size));
    for (const part of inputs)
      expect(
        "concat",
        sameShape(
          part.shape.map((size, k) => (k === axis ? total : size)),
          shape,
        ),
        () => `${inputs.map((input) => showShape(input.shape)).join(", ")} along axis ${axis}`,
      );
    return { element: inputs[0].element, shape };
  },
  gradient: (g, node, dy, needs) => {
    const axis = numberOf(node.attributes, "axis");
    let start = 0;
    return node.inputs.map((part, k) => {
      const begin = start;
      start += part.type.shape[axis];
      if (!needs[k]) return null;
      return g.slice(
        dy,
        part.type.shape.map((_, at) => (at === axis ? begin : 0)),
        part.type.shape,
      );
    });
  },
  reference: (inputs, attributes) => {
    const axis = numberOf(attributes, "axis");
    const total = inputs.reduce((sum, part) => sum + part.shape[axis], 0);
    const shape = inputs[0].shape.map((size, k) => (k === axis ? total : size));
    const strides = rowMajorStrides(shape);
    const values = new Float64Array(elementCount(shape));
    let start = 0;
    for (const part of inputs) {
      offsets(part.shape, strides, start * strides[axis]).forEach((place, i) => (values[place] = part.values[i]));
      start += part.shape[axis];
    }
    return { values, shape };
  },
});

export const slice = operation({
  name: "slice",
  doc: "`x[begin : begin + size : strides]` on every axis; the result has ceil(size / stride) elements there.",
  type: ([x], attributes) => {
    const [begin, size, strides] = ["begin", "size", "strides"].map((name) => numbersOf(attributes, name));
    expect(
      "slice",
      [begin, size, strides].every((list) => list.length === x.shape.length) &&
        x.shape.every((n, k) => begin[k] >= 0 && size[k] >= 0 && strides[k] >= 1 && begin[k] + size[k] <= n),
      () =>
        `begin ${showShape(begin)}, size ${showShape(size)}, strides ${showShape(strides)} of ${showShape(x.shape)}`,
    );
    return { element: x.element, shape: size.map((n, k) => Math.ceil(n / strides[k])) };
  },
  gradient: (g, node, dy) => {
    const { shape } = node.inputs[0].type;
    const [begin, size, strides] = ["begin", "size", "strides"].map((name) => numbersOf(node.attributes, name));
    const spread = strides.every((stride) => stride === 1) ? dy : spreadOut(g, dy, size, strides);
    return [
      g.pad(
        spread,
        begin,
        shape.map((n, k) => n - begin[k] - size[k]),
      ),
    ];
  },
  reference: ([x], attributes) => {
    const [begin, size, strides] = ["begin", "size", "strides"].map((name) => numbersOf(attributes, name));
    const own = rowMajorStrides(x.shape);
    return read(
      x,
      size.map((n, k) => Math.ceil(n / strides[k])),
      own.map((stride, k) => stride * strides[k]),
      begin.reduce((sum, at, k) => sum + at * own[k], 0),
    );
  },
});

/** Zeros between the elements: each gets an axis of its own, is padded there to the stride, and what is too much is cut. */
function spreadOut(g: Builder, dy: Node, size: readonly number[], strides: readonly number[]): Node {
  const { shape } = dy.type;
  const padded = g.pad(
    g.reshape(
      dy,
      shape.flatMap((n) => [n, 1]),
    ),
    shape.flatMap(() => [0, 0]),
    strides.flatMap((stride) => [0, stride - 1]),
  );
  const joined = g.reshape(
    padded,
    shape.map((n, k) => n * strides[k]),
  );
  return g.slice(
    joined,
    size.map(() => 0),
    size,
  );
}

export const pad = operation({
  name: "pad",
  doc: "`before` and `after` elements of `value` on every axis.",
  type: ([x], attributes) => {
    const [before, after] = ["before", "after"].map((name) => numbersOf(attributes, name));
    expect(
      "pad",
      before.length === x.shape.length && after.length === x.shape.length && [...before, ...after].every((n) => n >= 0),
      () => `before ${showShape(before)}, after ${showShape(after)} of ${showShape(x.shape)}`,
    );
    return { element: x.element, shape: x.shape.map((n, k) => before[k] + n + after[k]) };
  },
  gradient: (g, node, dy) => [g.slice(dy, numbersOf(node.attributes, "before"), node.inputs[0].type.shape)],
  reference: ([x], attributes) => {
    const [before, after] = ["before", "after"].map((name) => numbersOf(attributes, name));
    const shape = x.shape.map((n, k) => before[k] + n + after[k]);
    const values = new Float64Array(elementCount(shape)).fill(numberOf(attributes, "value"));
    const strides = rowMajorStrides(shape);
    const start = before.reduce((sum, at, k) => sum + at * strides[k], 0);
    offsets(x.shape, strides, start).forEach((place, i) => (values[place] = x.values[i]));
    return { values, shape };
  },
});

export const reverse = operation({
  name: "reverse",
  doc: "The other way round along `axis`.",
  type: ([x], attributes) => {
    const axis = numberOf(attributes, "axis");
    expect("reverse", axis < x.shape.length, () => `axis ${axis} of ${showShape(x.shape)}`);
    return x;
  },
  gradient: (g, node, dy) => [g.reverse(dy, numberOf(node.attributes, "axis"))],
  reference: ([x], attributes) => {
    const axis = numberOf(attributes, "axis");
    const own = rowMajorStrides(x.shape);
    return read(
      x,
      x.shape,
      own.map((stride, k) => (k === axis ? -stride : stride)),
      (x.shape[axis] - 1) * own[axis],
    );
  },
});
