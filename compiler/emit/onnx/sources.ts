import { numberOf, valuesOf } from "../../graph/attributes.ts";
import type { ElementType } from "../../graph/graph.ts";
import type { OnnxSpelling } from "./emission.ts";

/** Values known when the graph is written. */
export const sources = {
  constant: (e, node) =>
    e.constant(node.type.element, node.type.shape, typedArray(node.type.element, valuesOf(node.attributes, "values"))),
  fill: (e, node) => e.filled(numberOf(node.attributes, "value"), node.type),
  iota: (e, node) =>
    e.constant(
      "i32",
      node.type.shape,
      Int32Array.from({ length: node.type.shape[0] }, (_, k) => k),
    ),
} satisfies Record<string, OnnxSpelling>;

function typedArray(element: ElementType, values: Float64Array) {
  switch (element) {
    case "f32":
      return Float32Array.from(values);
    case "i32":
      return Int32Array.from(values);
    case "bool":
      return Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));
    default:
      throw new Error(`no array for ${element satisfies never}`);
  }
}
