import { numberOf, numbersOf, elementOf, valuesOf } from "../graph/attributes.ts";
import { elementCount } from "../graph/graph.ts";
import { expect, operation } from "./operation.ts";

/** Tensors of known values. */

export const constant = operation({
  name: "constant",
  doc: "`values` (row-major) as a tensor of `element` and `shape`.",
  type: (_inputs, attributes) => {
    const shape = numbersOf(attributes, "shape");
    const { length } = valuesOf(attributes, "values");
    expect("constant", length === elementCount(shape), () => `${length} values for shape [${shape.join(", ")}]`);
    return { element: elementOf(attributes, "element"), shape };
  },
  gradient: null,
  reference: (_inputs, attributes) => ({
    values: valuesOf(attributes, "values"),
    shape: numbersOf(attributes, "shape"),
  }),
});

export const fill = operation({
  name: "fill",
  doc: "`value` in every element of an f32 tensor of `shape`.",
  type: (_inputs, attributes) => ({ element: "f32", shape: numbersOf(attributes, "shape") }),
  gradient: null,
  reference: (_inputs, attributes) => {
    const shape = numbersOf(attributes, "shape");
    return { values: new Float64Array(elementCount(shape)).fill(numberOf(attributes, "value")), shape };
  },
});

export const iota = operation({
  name: "iota",
  doc: "0, 1 … n - 1 as i32.",
  type: (_inputs, attributes) => ({ element: "i32", shape: [numberOf(attributes, "n")] }),
  gradient: null,
  reference: (_inputs, attributes) => {
    const n = numberOf(attributes, "n");
    return { values: Float64Array.from({ length: n }, (_, i) => i), shape: [n] };
  },
});
