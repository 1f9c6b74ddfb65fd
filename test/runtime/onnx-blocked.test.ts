import * as runtime from "onnxruntime-node";
import { afterAll, describe, expect, it } from "vitest";
import type { Builder, Conv2dAttributes } from "../../compiler/graph/builder.ts";
import { createBuilder } from "../../compiler/graph/create.ts";
import { gradients } from "../../compiler/graph/gradients.ts";
import type { Graph, Node } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { onnxModel } from "../../compiler/emit/onnx/index.ts";
import { optimize } from "../../compiler/passes/index.ts";
import { blockSize } from "../../runtime/engines/blocks.ts";
import { createOnnxEngine } from "../../runtime/engines/onnx.ts";
import { floats, type SampleInput } from "../compiler/operation-sample.ts";
import { runGraph } from "./run-graph.ts";

/**
 * Convolutions in onnxruntime's own image layout against their definition, beside the plain ones. Where this processor has no
 * such layout both are the same, and the counts of nodes are still those of a block of 16.
 */
const block = await blockSize(runtime);
const engines = [await createOnnxEngine({ threads: 1 }), await createOnnxEngine({ threads: 1, block: 0 })];
afterAll(() => Promise.all(engines.map((engine) => engine.close())));

const same: Conv2dAttributes = { strides: [1, 1], dilations: [1, 1], padding: [1, 1, 1, 1], groups: 1 };

interface Case {
  readonly label: string;
  readonly inputs: Readonly<Record<string, SampleInput>>;
  readonly build: (g: Builder, inputs: Readonly<Record<string, Node>>) => Record<string, Node>;
  /** Nodes of the blocked layout. */
  readonly counts: Readonly<Record<string, number>>;
}

const image = floats([2, 6, 5, 16], -0.5, 0.5);
const kernel = floats([3, 3, 16, 32], -0.2, 0.2, 1);
const pool = { window: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] } as const;

/** Whole numbers from -1 to 1, so that sums of their products are often equal. */
function coarse(shape: readonly number[], seed: number): SampleInput {
  const { type, values } = floats(shape, -1.4, 1.4, seed);
  return { type, values: values.map(Math.round) };
}

const gradient = (shape: readonly number[]) => floats(shape, -0.5, 0.5, 2);

const cases: readonly Case[] = [
  {
    label: "same padding, bias and relu",
    inputs: { x: image, w: kernel, b: floats([32], -0.5, 0.5, 3) },
    build: (g, { x, w, b }) => ({ y: g.relu(g.add(g.conv2d(x, w, same), b)) }),
    counts: { ReorderInput: 1, Conv: 1, ReorderOutput: 1 },
  },
  {
    label: "strides, dilations and padding that differ from side to side",
    inputs: { x: floats([2, 9, 8, 16], -0.5, 0.5), w: kernel },
    build: (g, { x, w }) => ({
      y: g.conv2d(x, w, { strides: [2, 1], dilations: [2, 1], padding: [0, 2, 1, 0], groups: 1 }),
    }),
    counts: { Conv: 1 },
  },
  {
    label: "a gradient of the input",
    inputs: { dy: gradient([2, 6, 5, 32]), w: kernel },
    build: (g, { dy, w }) => ({ dx: g.conv2dInputGradient(dy, w, [2, 6, 5, 16], same) }),
    counts: { ReorderInput: 1, Conv: 1, ReorderOutput: 1 },
  },
  {
    label: "a gradient of the input under a kernel that is not square",
    inputs: { dy: gradient([1, 5, 7, 32]), w: floats([2, 4, 16, 32], -0.2, 0.2, 1) },
    build: (g, { dy, w }) => ({
      dx: g.conv2dInputGradient(dy, w, [1, 5, 7, 16], { ...same, padding: [0, 1, 1, 2] }),
    }),
    counts: { Conv: 1 },
  },
  {
    label: "a gradient of the input under strides is left to the plain form",
    inputs: { dy: gradient([2, 3, 3, 32]), w: kernel },
    build: (g, { dy, w }) => ({ dx: g.conv2dInputGradient(dy, w, [2, 6, 5, 16], { ...same, strides: [2, 2] }) }),
    counts: { Conv: 0 },
  },
  {
    label: "two in a row stay in blocks between them",
    inputs: { x: image, w: kernel, v: floats([3, 3, 32, 16], -0.2, 0.2, 4) },
    build: (g, { x, w, v }) => ({ y: g.conv2d(g.relu(g.conv2d(x, w, same)), v, same) }),
    counts: { ReorderInput: 1, Conv: 2, ReorderOutput: 1 },
  },
  {
    label: "two in a row, the first one read by others too",
    inputs: { x: image, w: kernel, v: floats([3, 3, 32, 16], -0.2, 0.2, 4) },
    build: (g, { x, w, v }) => {
      const first = g.relu(g.conv2d(x, w, same));
      return { y: g.conv2d(first, v, same), sum: g.sum(first, [1, 2]) };
    },
    counts: { ReorderInput: 1, Conv: 2, ReorderOutput: 2 },
  },
  {
    label: "pooling after a convolution and all gradients, where many elements are equal",
    inputs: { x: coarse([2, 8, 4, 16], 0), w: coarse([1, 2, 16, 32], 1), dy: floats([2, 4, 2, 32], -1, 1, 2) },
    build: (g, { x, w, dy }) => {
      const y = g.maxPool2d(g.relu(g.conv2d(x, w, { ...same, padding: [0, 0, 0, 1] })), pool);
      const [dx, dw] = gradients(g, [{ node: y, cotangent: dy }], [x, w]);
      return { y, dx: dx!, dw: dw! };
    },
    counts: { MaxPool: 1, Conv: 2 },
  },
  {
    label: "the gradient of a kernel in parts, from a gradient in blocks",
    inputs: {
      x: floats([2, 64, 64, 16], -0.05, 0.05),
      w: floats([3, 3, 16, 16], -0.2, 0.2, 1),
      dy: floats([2, 32, 32, 16], -0.05, 0.05, 2),
    },
    build: (g, { x, w, dy }) => {
      const y = g.maxPool2d(g.conv2d(x, w, same), pool);
      return { dw: gradients(g, [{ node: y, cotangent: dy }], [w])[0]! };
    },
    counts: { Conv: 1, MaxPool: 1, ReorderOutput: 2 },
  },
  {
    label: "pooling that leaves a rest",
    inputs: { x: coarse([1, 5, 5, 16], 0), w: coarse([1, 2, 16, 16], 1), dy: floats([1, 2, 2, 16], -1, 1, 2) },
    build: (g, { x, w, dy }) => {
      const y = g.maxPool2d(g.conv2d(x, w, { ...same, padding: [0, 0, 0, 1] }), pool);
      const [dx, dw] = gradients(g, [{ node: y, cotangent: dy }], [x, w]);
      return { y, dx: dx!, dw: dw! };
    },
    counts: { MaxPool: 1 },
  },
  {
    label: "channels that make no whole block",
    inputs: { x: floats([2, 5, 5, 20], -0.5, 0.5), w: floats([3, 3, 20, 32], -0.2, 0.2, 1) },
    build: (g, { x, w }) => ({ y: g.conv2d(x, w, same) }),
    counts: { Conv: 0 },
  },
  {
    label: "groups",
    inputs: { x: floats([2, 5, 5, 32], -0.5, 0.5), w: floats([3, 3, 16, 32], -0.2, 0.2, 1) },
    build: (g, { x, w }) => ({ y: g.conv2d(x, w, { ...same, groups: 2 }) }),
    counts: { Conv: 0 },
  },
];

describe("convolutions in blocks of channels", () => {
  it("are known on this processor, or left alone", () => {
    expect([0, 4, 8, 16]).toContain(block);
  });

  it.each(cases)("$label", async ({ inputs, build, counts }) => {
    const g = createBuilder();
    const nodes = Object.fromEntries(Object.entries(inputs).map(([name, { type }]) => [name, g.input(name, type)]));
    const { graph } = optimize(g.finish(build(g, nodes)));
    const blocked = blockedOperations(graph, 16);
    const found = Object.keys(counts).map((name) => [name, blocked.filter((other) => other === name).length]);
    expect(Object.fromEntries(found)).toEqual(counts);
    expect(blockedOperations(graph, 0)).toEqual([]);

    const at = Object.fromEntries(Object.entries(inputs).map(([name, { values }]) => [name, values]));
    const expected = evaluate(graph, at);
    for (const engine of engines) {
      const results = await runGraph(engine, graph, at);
      for (const [name, values] of Object.entries(expected)) {
        values.forEach((value, i) => expect(results[name][i], `${name}[${i}]`).toBeCloseTo(value, 5));
      }
    }
  });
});

function blockedOperations(graph: Graph, size: number): string[] {
  const { nodes } = onnxModel(graph, { block: size }).model.graph;
  return nodes.filter(({ domain }) => domain === "com.microsoft.nchwc").map(({ operation }) => operation);
}
