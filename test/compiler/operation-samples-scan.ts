import type { Builder } from "../../compiler/graph/builder.ts";
import { elementCount, type Node } from "../../compiler/graph/graph.ts";
import { floats, sample, whole, type Samples } from "./operation-sample.ts";

/** Several results as one vector. */
function joined(g: Builder, nodes: readonly Node[]): Node {
  return g.concat(
    nodes.map((node) => g.reshape(node, [elementCount(node.type.shape)])),
    0,
  );
}

const recurrent = {
  sequence: floats([3, 2, 2], -1, 1, 1),
  start: floats([2, 2], -1, 1, 2),
  kernel: floats([2, 2], -1, 1, 3),
  bias: floats([2], -1, 1, 4),
};

function recurrence(reverse: boolean) {
  return (g: Builder, { sequence, start, kernel, bias }: Readonly<Record<string, Node>>): Node => {
    const { carries, outputs } = g.scan(
      [start],
      [sequence],
      ([state], [element]) => {
        const next = g.tanh(g.add(g.add(g.matmul(state, kernel), element), bias));
        return { carries: [next], outputs: [g.square(next)] };
      },
      { reverse },
    );
    return joined(g, [...carries, ...outputs]);
  };
}

export const scanSamples: Samples = [
  sample("a recurrent net", recurrent, recurrence(false)),
  sample("a recurrent net, from the end", recurrent, recurrence(true)),
  sample("no carry", { sequence: floats([3, 2]), factor: floats([2], -1, 1, 1) }, (g, { sequence, factor }) => {
    const { outputs } = g.scan([], [sequence], (_, [element]) => ({
      carries: [],
      outputs: [g.mul(g.exp(element), factor)],
    }));
    return joined(g, outputs);
  }),
  sample(
    "two carries, one an integer, one that passes unchanged through half of the body",
    { a: floats([2], -1, 1, 1), b: floats([2], -1, 1, 2), xs: floats([4, 2], -1, 1, 3), codes: whole([1, 0, 1, 1]) },
    (g, { a, b, xs, codes }) => {
      const count = g.constant(0, { element: "i32", shape: [] });
      const { carries } = g.scan([a, b, count], [xs, codes], ([first, second, seen], [x, code]) => ({
        carries: [second, g.add(g.mul(first, x), g.cast(code, "f32")), g.add(seen, code)],
        outputs: [],
      }));
      return joined(g, [carries[0], carries[1], g.cast(carries[2], "f32")]);
    },
  ),
  sample(
    "a loop in a loop that reads from outside of both",
    { start: floats([2], -1, 1, 1), rows: floats([3, 2, 2], -1, 1, 2), outer: floats([2], -1, 1, 3) },
    (g, { start, rows, outer }) => {
      const shared = g.exp(outer);
      const { carries, outputs } = g.scan([start], [rows], ([state], [row]) => {
        const inner = g.scan([state], [row], ([deep], [x]) => ({
          carries: [g.tanh(g.mul(g.add(deep, x), shared))],
          outputs: [g.mul(deep, state)],
        }));
        return { carries: [g.mul(inner.carries[0], outer)], outputs: [g.sum(inner.outputs[0])] };
      });
      return joined(g, [...carries, ...outputs]);
    },
  ),
];
