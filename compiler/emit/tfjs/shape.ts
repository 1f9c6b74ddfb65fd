import { numberOf, numbersOf } from "../../graph/attributes.ts";
import { call, numbers, pairs, shape, tensors } from "./expression.ts";
import type { TfjsSpelling } from "./spelling.ts";

/** Operations that move elements and compute nothing. */
export const shapes = {
  reshape: ({ type }, [x]) => call("reshape", x, shape(type.shape)),
  transpose: ({ attributes }, [x]) => call("transpose", x, numbers(numbersOf(attributes, "permutation"))),
  broadcast: ({ type }, [x]) => call("broadcastTo", x, shape(type.shape)),
  concat: ({ attributes }, parts) => call("concat", tensors(...parts), numberOf(attributes, "axis")),
  slice: ({ attributes }, [x]) => {
    const [begin, size, strides] = ["begin", "size", "strides"].map((name) => numbersOf(attributes, name));
    if (strides.every((stride) => stride === 1)) return call("slice", x, numbers(begin), shape(size));
    const end = begin.map((first, axis) => first + size[axis]);
    return call("stridedSlice", x, numbers(begin), shape(end), numbers(strides));
  },
  pad: ({ attributes }, [x]) => {
    const value = numberOf(attributes, "value");
    const paddings = pairs(numbersOf(attributes, "before"), numbersOf(attributes, "after"));
    return call("pad", x, paddings, ...(value === 0 ? [] : [value]));
  },
  reverse: ({ attributes }, [x]) => call("reverse", x, numberOf(attributes, "axis")),
} satisfies Record<string, TfjsSpelling>;
