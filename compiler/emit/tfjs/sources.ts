import { elementOf, numberOf, numbersOf, valuesOf } from "../../graph/attributes.ts";
import { call, number, shape, text } from "./expression.ts";
import type { TfjsSpelling } from "./spelling.ts";

/** Tensors that are read from nothing. */
export const sources = {
  constant: ({ attributes }) => {
    const values = valuesOf(attributes, "values");
    return {
      kind: "constant",
      element: elementOf(attributes, "element"),
      shape: numbersOf(attributes, "shape"),
      values: values.length > 0 && values.every((value) => Object.is(value, values[0])) ? values[0] : values,
    };
  },
  fill: ({ attributes }) => call("fill", shape(numbersOf(attributes, "shape")), number(numberOf(attributes, "value"))),
  iota: ({ attributes }) => call("range", 0, numberOf(attributes, "n"), 1, text("int32")),
} satisfies Record<string, TfjsSpelling>;
