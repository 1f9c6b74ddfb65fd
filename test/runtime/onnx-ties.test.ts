import { afterAll, describe, expect, it } from "vitest";
import type { Builder, Pool2dAttributes } from "../../compiler/graph/builder.ts";
import { createBuilder } from "../../compiler/graph/create.ts";
import { gradients } from "../../compiler/graph/gradients.ts";
import { elementCount, type Node } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { optimize } from "../../compiler/passes/index.ts";
import { openEngine } from "../../runtime/engines/index.ts";
import { runGraph } from "./run-graph.ts";

const engine = await openEngine({ threads: 1 });
afterAll(() => engine.close());

/** Values of three kinds only, so that almost every window and row has equals among its largest. */
function coarse(shape: readonly number[]): Float64Array {
  return Float64Array.from({ length: elementCount(shape) }, (_, k) => [0, 1, 1, 0, -1, 1, -1][(k * 5 + (k >> 2)) % 7]);
}

const pool = (window: [number, number], strides = window): Pool2dAttributes => ({
  window,
  strides,
  padding: [0, 0, 0, 0],
});

const cases: readonly [string, readonly number[], (g: Builder, x: Node) => Node][] = [
  ["pooling of windows side by side", [2, 6, 4, 3], (g, x) => g.maxPool2d(x, pool([2, 2]))],
  ["pooling that leaves a rest", [1, 7, 8, 2], (g, x) => g.maxPool2d(x, pool([3, 3]))],
  ["pooling of overlapping windows", [1, 7, 7, 2], (g, x) => g.maxPool2d(x, pool([3, 3], [2, 2]))],
  ["the largest over two axes", [3, 4, 5], (g, x) => g.max(x, [0, 2])],
  ["the smallest of rows", [4, 6], (g, x) => g.min(x, [1])],
  ["the larger of two", [4, 6], (g, x) => g.maximum(x, g.reverse(x, 0))],
  ["the smaller of two", [4, 6], (g, x) => g.minimum(x, g.reverse(x, 1))],
  ["relu at 0", [4, 6], (g, x) => g.relu(x)],
  ["absolute value at 0", [4, 6], (g, x) => g.abs(x)],
];

describe("where several elements are the largest, the gradient goes where the definition says", () => {
  it.each(cases)("%s", async (_label, shape, build) => {
    const g = createBuilder();
    const x = g.input("x", { element: "f32", shape });
    const y = build(g, x);
    const weights = Float64Array.from({ length: elementCount(y.type.shape) }, (_, k) => k + 1);
    const [dx] = gradients(g, [{ node: y, cotangent: g.constant(weights, y.type) }], [x]);
    const graph = g.finish({ y, dx: dx! });
    const at = { x: coarse(shape) };
    const expected = evaluate(graph, at);
    const found = await runGraph(engine, optimize(graph).graph, at);
    expect(found).toEqual({ y: Array.from(expected.y), dx: Array.from(expected.dx) });
  });
});
