import { numberOf } from "../../graph/attributes.ts";
import { elementCount } from "../../graph/graph.ts";
import { call, number, scalar, shape, text } from "./expression.ts";
import type { TfjsSpelling } from "./spelling.ts";

/** Rows and elements by index. */
export const indexing = {
  gather: (_node, [table, indices]) => call("gather", table, indices),
  scatterAdd: ({ type }, [indices, updates]) =>
    call("scatterND", call("expandDims", indices, -1), updates, shape(type.shape)),
  /** Each row of the last axis is a batch of its own for `gather`. */
  pick: ({ type }, [x, indices]) => {
    if (x.shape.length === 1) return call("gather", x, indices);
    const rows = elementCount(indices.shape);
    const n = x.shape[x.shape.length - 1];
    const flat = indices.shape.length === 1;
    const picked = call(
      "gather",
      flat ? x : call("reshape", x, shape([rows, n])),
      flat ? indices : call("reshape", indices, shape([rows])),
      1,
      1,
    );
    return flat ? picked : call("reshape", picked, shape(type.shape));
  },
  /** Chosen and not multiplied, so that an infinite value leaves its neighbours 0. `oneHot` refuses a single place. */
  place: ({ attributes }, [values, indices]) => {
    const n = numberOf(attributes, "n");
    if (n === 1) return call("expandDims", values, -1);
    const here = call("oneHot", indices, number(n), 1, 0, text("bool"));
    return call("where", here, call("expandDims", values, -1), scalar(0));
  },
} satisfies Record<string, TfjsSpelling>;
