import { numberOf } from "../graph/attributes.ts";
import { elementCount } from "../graph/graph.ts";
import { sameShape, showShape } from "../graph/shape.ts";
import { expect, expectElement, operation, type Tensor } from "./operation.ts";

/** Rows and elements by index. Indices are i32 and in range. */

function index(name: string, indices: Tensor, i: number, below: number): number {
  const at = indices.values[i];
  expect(name, Number.isInteger(at) && at >= 0 && at < below, () => `index ${at} of ${below}`);
  return at;
}

export const gather = operation({
  name: "gather",
  doc: "`table[indices]` along axis 0: shape of indices + table.shape[1:].",
  type: ([table, indices]) => {
    expectElement("gather", indices, "i32");
    expect("gather", table.shape.length > 0, () => "a scalar has no rows");
    return { element: table.element, shape: [...indices.shape, ...table.shape.slice(1)] };
  },
  gradient: (g, node, dy) => {
    const [table, indices] = node.inputs;
    return [g.scatterAdd(indices, dy, table.type.shape[0]), null];
  },
  reference: ([table, indices]) => {
    const width = elementCount(table.shape.slice(1));
    const values = new Float64Array(indices.values.length * width);
    indices.values.forEach((_, i) => {
      const row = index("gather", indices, i, table.shape[0]);
      values.set(table.values.subarray(row * width, (row + 1) * width), i * width);
    });
    return { values, shape: [...indices.shape, ...table.shape.slice(1)] };
  },
});

export const scatterAdd = operation({
  name: "scatterAdd",
  doc: "Zeros of [`rows`, …] with `updates` added at `indices`: the transpose of gather.",
  type: ([indices, updates], attributes) => {
    expectElement("scatterAdd", indices, "i32");
    expectElement("scatterAdd", updates, "f32");
    const rank = indices.shape.length;
    expect(
      "scatterAdd",
      sameShape(updates.shape.slice(0, rank), indices.shape),
      () => `indices ${showShape(indices.shape)}, updates ${showShape(updates.shape)}`,
    );
    return { element: updates.element, shape: [numberOf(attributes, "rows"), ...updates.shape.slice(rank)] };
  },
  gradient: (g, node, dy) => [null, g.gather(dy, node.inputs[0])],
  reference: ([indices, updates], attributes) => {
    const rows = numberOf(attributes, "rows");
    const rest = updates.shape.slice(indices.shape.length);
    const width = elementCount(rest);
    const values = new Float64Array(rows * width);
    indices.values.forEach((_, i) => {
      const row = index("scatterAdd", indices, i, rows);
      for (let k = 0; k < width; k++) values[row * width + k] += updates.values[i * width + k];
    });
    return { values, shape: [rows, ...rest] };
  },
});

export const pick = operation({
  name: "pick",
  doc: "One element of the last axis for each index: x [..., n], indices [...] gives [...].",
  type: ([x, indices]) => {
    expectElement("pick", indices, "i32");
    expect(
      "pick",
      x.shape.length > 0 && sameShape(x.shape.slice(0, -1), indices.shape),
      () => `x ${showShape(x.shape)}, indices ${showShape(indices.shape)}`,
    );
    return { element: x.element, shape: indices.shape };
  },
  gradient: (g, node, dy) => {
    const [x, indices] = node.inputs;
    return [g.place(dy, indices, x.type.shape[x.type.shape.length - 1]), null];
  },
  reference: ([x, indices]) => {
    const n = x.shape[x.shape.length - 1];
    return {
      values: indices.values.map((_, i) => x.values[i * n + index("pick", indices, i, n)]),
      shape: indices.shape,
    };
  },
});

export const place = operation({
  name: "place",
  doc: "Zeros of [..., `n`] with `values` [...] at `indices` [...]: the transpose of pick.",
  type: ([values, indices], attributes) => {
    expectElement("place", indices, "i32");
    expectElement("place", values, "f32");
    expect(
      "place",
      sameShape(values.shape, indices.shape),
      () => `values ${showShape(values.shape)}, indices ${showShape(indices.shape)}`,
    );
    return { element: values.element, shape: [...values.shape, numberOf(attributes, "n")] };
  },
  gradient: (g, node, dy) => [g.pick(dy, node.inputs[1]), null],
  reference: ([source, indices], attributes) => {
    const n = numberOf(attributes, "n");
    const values = new Float64Array(source.values.length * n);
    source.values.forEach((value, i) => (values[i * n + index("place", indices, i, n)] = value));
    return { values, shape: [...source.shape, n] };
  },
});
