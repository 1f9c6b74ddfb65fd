import { numberOf, numbersOf } from "../../graph/attributes.ts";
import { sameShape } from "../../graph/shape.ts";
import type { OnnxSpelling } from "./emission.ts";

/** An end before the first element, for slices that walk backwards. */
const BEFORE_FIRST = -(2 ** 31);

/** Operations that move elements and compute nothing. */
export const shapes = {
  reshape: (e, node, [x]) => e.reshape(x, node.type.shape),
  transpose: (e, node, [x]) => e.transpose(x, numbersOf(node.attributes, "permutation")),
  broadcast: (e, node, [x]) =>
    sameShape(node.inputs[0].type.shape, node.type.shape) ? x : e.op("Expand", [x, e.ints(node.type.shape)]),
  concat: (e, node, parts) =>
    parts.length === 1 ? parts[0] : e.op("Concat", parts, { axis: numberOf(node.attributes, "axis") }),
  slice: (e, node, [x]) => {
    const begin = numbersOf(node.attributes, "begin");
    const size = numbersOf(node.attributes, "size");
    const strides =
      node.attributes["strides"] === undefined ? size.map(() => 1) : numbersOf(node.attributes, "strides");
    const { shape } = node.inputs[0].type;
    const axes = shape
      .map((_, axis) => axis)
      .filter((axis) => begin[axis] !== 0 || size[axis] !== shape[axis] || strides[axis] !== 1);
    if (axes.length === 0) return x;
    const along = (values: (axis: number) => number) => e.ints(axes.map(values));
    return e.op("Slice", [
      x,
      along((axis) => begin[axis]),
      along((axis) => begin[axis] + size[axis]),
      along((axis) => axis),
      along((axis) => strides[axis]),
    ]);
  },
  pad: (e, node, [x]) => {
    const before = numbersOf(node.attributes, "before");
    const after = numbersOf(node.attributes, "after");
    const value = numberOf(node.attributes, "value");
    const fill = e.filled(value, { element: node.type.element, shape: [] });
    return e.op("Pad", [x, e.ints([...before, ...after]), fill], { mode: "constant" });
  },
  reverse: (e, node, [x]) => {
    const axis = e.ints([numberOf(node.attributes, "axis")]);
    return e.op("Slice", [x, e.ints([-1]), e.ints([BEFORE_FIRST]), axis, e.ints([-1])]);
  },
} satisfies Record<string, OnnxSpelling>;
