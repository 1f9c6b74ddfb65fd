import { afterAll, describe, expect, it } from "vitest";
import type { Builder } from "../../compiler/graph/builder.ts";
import { createBuilder } from "../../compiler/graph/create.ts";
import { gradients } from "../../compiler/graph/gradients.ts";
import type { Node, TensorType } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { onnxModel } from "../../compiler/emit/onnx/index.ts";
import { optimize } from "../../compiler/passes/index.ts";
import { openEngine } from "../../runtime/engines/index.ts";
import { floats, whole, type SampleInput } from "../compiler/operation-sample.ts";
import { runGraph } from "./run-graph.ts";

const engine = await openEngine({ threads: 1 });
afterAll(() => engine.close());

interface Case {
  readonly label: string;
  readonly inputs: Readonly<Record<string, SampleInput>>;
  readonly build: (g: Builder, inputs: Readonly<Record<string, Node>>) => Record<string, Node>;
  /** ONNX operations that must be there so many times. */
  readonly counts: Readonly<Record<string, number>>;
}

const dense = { x: floats([4, 3]), w: floats([3, 5], -1, 1, 1), b: floats([5], -1, 1, 2) };
const rows = { x: floats([2, 4, 3]), w: floats([3, 5], -1, 1, 1), b: floats([5], -1, 1, 2) };
const image = { x: floats([2, 4, 4, 3]), w: floats([3, 3, 3, 2], -1, 1, 1), b: floats([2], -1, 1, 2) };
const heads = { q: floats([2, 3, 4]), k: floats([2, 3, 4], -2, 2, 1), v: floats([2, 3, 4], -2, 2, 2) };
const same = { strides: [1, 1], dilations: [1, 1], padding: [1, 1, 1, 1], groups: 1 } as const;

const cases: readonly Case[] = [
  {
    label: "product, bias and relu",
    inputs: dense,
    build: (g, { x, w, b }) => ({ y: g.relu(g.add(g.matmul(x, w), b)) }),
    counts: { FusedGemm: 1, Add: 0, Relu: 0, MatMul: 0 },
  },
  {
    label: "bias on the left",
    inputs: dense,
    build: (g, { x, w, b }) => ({ y: g.add(b, g.matmul(x, w)) }),
    counts: { Gemm: 1, Add: 0 },
  },
  {
    label: "rows of a batch",
    inputs: rows,
    build: (g, { x, w, b }) => ({ y: g.relu(g.add(g.matmul(x, w), b)) }),
    counts: { FusedGemm: 1, Add: 0, Relu: 0 },
  },
  {
    label: "a product that is a result too stays one",
    inputs: dense,
    build: (g, { x, w, b }) => {
      const product = g.matmul(x, w);
      return { product, y: g.add(product, b) };
    },
    counts: { MatMul: 1, Add: 1, Gemm: 0 },
  },
  {
    label: "a sum that others read keeps its relu apart",
    inputs: dense,
    build: (g, { x, w, b }) => {
      const sum = g.add(g.matmul(x, w), b);
      return { y: g.mul(g.relu(sum), g.exp(sum)) };
    },
    counts: { Gemm: 1, Relu: 1, FusedGemm: 0 },
  },
  {
    label: "a sum of two products",
    inputs: { ...dense, v: floats([3, 5], -1, 1, 3) },
    build: (g, { x, w, v }) => ({ y: g.add(g.matmul(x, w), g.matmul(g.exp(x), v)) }),
    counts: { MatMul: 1, Gemm: 1, Add: 0 },
  },
  {
    label: "rows of a batch, and what stood there before",
    inputs: { ...rows, before: floats([2, 4, 5], -1, 1, 3) },
    build: (g, { x, w, before }) => ({ y: g.add(before, g.matmul(x, w)) }),
    counts: { Gemm: 1, MatMul: 0, Add: 0 },
  },
  {
    label: "the gradient of a matrix with few columns",
    inputs: { x: floats([3, 32]), dy: floats([3, 2], -1, 1, 1) },
    build: (g, { x, dy }) => ({ dw: g.matmul(x, dy, { transposeA: true }) }),
    counts: { Gemm: 1, Transpose: 1 },
  },
  {
    label: "the gradient of a wide matrix",
    inputs: { x: floats([3, 16]), dy: floats([3, 32], -1, 1, 1) },
    build: (g, { x, dy }) => ({ dw: g.matmul(x, dy, { transposeA: true }) }),
    counts: { Transpose: 1, MatMul: 1, Gemm: 0 },
  },
  {
    label: "the gradients of two matrices that read the same",
    inputs: { x: floats([3, 16]), dy: floats([3, 20], -1, 1, 1), dz: floats([3, 20], -1, 1, 2) },
    build: (g, { x, dy, dz }) => ({
      dw: g.matmul(x, dy, { transposeA: true }),
      dv: g.mul(g.constant(0.5), g.matmul(x, dz, { transposeA: true })),
    }),
    counts: { Transpose: 1, MatMul: 1, Gemm: 1, Mul: 0 },
  },
  {
    label: "a factor that a product and a sum over rows read",
    inputs: { x: floats([4, 3]), w: floats([3, 2], -1, 1, 1) },
    build: (g, { x, w }) => {
      const half = g.mul(x, g.constant(0.5));
      return { y: g.matmul(half, w), sum: g.sum(half, [0]) };
    },
    counts: { Gemm: 1, MatMul: 1, Mul: 0 },
  },
  {
    label: "where relu lets something through",
    inputs: { x: floats([3, 4], -1, 1), dy: floats([3, 4], -1, 1, 1) },
    build: (g, { x, dy }) => ({ dx: g.mul(dy, g.cast(g.cast(g.relu(x), "bool"), "f32")) }),
    counts: { HardSigmoid: 1, Cast: 0 },
  },
  {
    label: "where something below 0 is not 0",
    inputs: { x: floats([3, 4], -1, 1) },
    build: (g, { x }) => ({ y: g.cast(g.cast(g.floor(x), "bool"), "f32") }),
    counts: { HardSigmoid: 0, Cast: 2 },
  },
  {
    label: "convolution, bias and relu",
    inputs: image,
    build: (g, { x, w, b }) => ({ y: g.relu(g.add(g.conv2d(x, w, same), b)) }),
    counts: { FusedConv: 1, Conv: 0, Add: 0, Relu: 0 },
  },
  {
    label: "scaled attention",
    inputs: heads,
    build: (g, { q, k, v }) => {
      const scores = g.mul(g.matmul(q, k, { transposeB: true }), g.constant(0.5));
      return { y: g.matmul(g.softmax(scores), v) };
    },
    counts: { FusedMatMul: 1, MatMul: 1, Mul: 0 },
  },
  {
    label: "a factor that two products read",
    inputs: heads,
    build: (g, { q, k, v }) => {
      const half = g.mul(g.constant(0.5), q);
      return { y: g.matmul(half, k, { transposeB: true }), z: g.matmul(half, v, { transposeA: true }) };
    },
    counts: { FusedMatMul: 2, Mul: 0 },
  },
  {
    label: "a factor that others read too",
    inputs: heads,
    build: (g, { q, k }) => {
      const half = g.mul(g.constant(0.5), q);
      return { y: g.matmul(half, k, { transposeB: true }), z: g.exp(half) };
    },
    counts: { FusedMatMul: 1, Mul: 1 },
  },
  {
    label: "the gradient of a kernel, three examples at a time",
    inputs: { x: floats([5, 64, 64, 8], -0.05, 0.05), dy: floats([5, 64, 64, 2], -0.05, 0.05, 1) },
    build: (g, { x, dy }) => ({ dw: g.conv2dKernelGradient(x, dy, [3, 3, 8, 2], same) }),
    counts: { FusedMatMul: 2, Concat: 2, Sum: 1 },
  },
  {
    label: "the gradient of a kernel, row by row",
    inputs: { x: floats([2, 9, 8, 16], -0.5, 0.5), dy: floats([2, 5, 5, 3], -0.5, 0.5, 1) },
    build: (g, { x, dy }) => ({
      dw: g.conv2dKernelGradient(x, dy, [3, 3, 16, 3], {
        strides: [2, 1],
        dilations: [1, 2],
        padding: [1, 1, 0, 1],
        groups: 1,
      }),
    }),
    counts: { FusedMatMul: 3, Concat: 2, Sum: 0 },
  },
  {
    label: "the gradient of a kernel, row by row and one example at a time",
    inputs: { x: floats([2, 64, 64, 16], -0.05, 0.05), dy: floats([2, 64, 64, 2], -0.05, 0.05, 1) },
    build: (g, { x, dy }) => ({ dw: g.conv2dKernelGradient(x, dy, [3, 3, 16, 2], same) }),
    counts: { FusedMatMul: 6, Sum: 1 },
  },
  {
    label: "the gradient of a large kernel",
    inputs: { x: floats([2, 9, 7, 2], -0.5, 0.5), dy: floats([2, 3, 2, 3], -0.5, 0.5, 1) },
    build: (g, { x, dy }) => ({
      dw: g.conv2dKernelGradient(x, dy, [5, 5, 2, 3], { ...same, strides: [3, 3], padding: [1, 1, 1, 0] }),
    }),
    counts: { FusedMatMul: 1 },
  },
  {
    label: "the gradient of a small kernel",
    inputs: { x: floats([2, 4, 4, 3], -0.5, 0.5), dy: floats([2, 4, 4, 3], -0.5, 0.5, 1) },
    build: (g, { x, dy }) => ({ dw: g.conv2dKernelGradient(x, dy, [3, 3, 3, 3], same) }),
    counts: { FusedMatMul: 1 },
  },
  {
    label: "a layer norm with its gradient",
    inputs: {
      x: floats([2, 3, 4]),
      s: floats([4], 0.5, 1, 1),
      o: floats([4], -1, 1, 2),
      dy: floats([2, 3, 4], -1, 1, 3),
    },
    build: (g, { x, s, o, dy }) => {
      const y = g.layerNorm(x, s, o, 1e-3);
      const [dx, ds] = gradients(g, [{ node: y, cotangent: dy }], [x, s]);
      return { y, dx: dx!, ds: ds! };
    },
    counts: { LayerNormalization: 1, ReduceMean: 0, Sqrt: 0, Reciprocal: 0 },
  },
  {
    label: "a layer norm whose offset comes later than its mean",
    inputs: { x: floats([3, 4]), s: floats([4], 0.5, 1, 1), dy: floats([3, 4], -1, 1, 3) },
    build: (g, { x, s, dy }) => {
      const y = g.layerNorm(x, s, g.sum(g.sub(x, g.mean(x, [-1], true)), [0]), 1e-3);
      return { y, dx: gradients(g, [{ node: y, cotangent: dy }], [x])[0]! };
    },
    counts: { LayerNormalization: 0 },
  },
  {
    label: "cross-entropy with its gradient",
    inputs: { z: floats([3, 4]), y: whole([3, 0, 1]) },
    build: (g, { z, y }) => {
      const loss = g.mean(g.softmaxCrossEntropy(z, y));
      return { loss, dz: gradients(g, [{ node: loss, cotangent: null }], [z])[0]! };
    },
    counts: { LogSoftmax: 1, ScatterElements: 1, Sub: 0 },
  },
];

describe("fused ONNX operations", () => {
  it.each(cases)("$label", async ({ inputs, build, counts }) => {
    const g = createBuilder();
    const nodes = Object.fromEntries(Object.entries(inputs).map(([name, { type }]) => [name, g.input(name, type)]));
    const { graph } = optimize(g.finish(build(g, nodes)));
    const written = onnxModel(graph).model.graph.nodes.map(({ operation }) => operation);
    const found = Object.keys(counts).map((name) => [name, written.filter((operation) => operation === name).length]);
    expect(Object.fromEntries(found)).toEqual(counts);

    const at = Object.fromEntries(Object.entries(inputs).map(([name, { values }]) => [name, values]));
    const results = await runGraph(engine, graph, at);
    for (const [name, values] of Object.entries(evaluate(graph, at))) {
      values.forEach((value, i) => expect(results[name][i], `${name}[${i}]`).toBeCloseTo(value, 4));
    }
  });
});

/** A scalar computed in float32 from a long sum keeps four digits. */
describe("a whole network", () => {
  it("has on onnxruntime the loss and gradients of the reference", async () => {
    const g = createBuilder();
    const parameters: Node[] = [];
    const values: Record<string, Float64Array> = {};
    const input = (name: string, sample: SampleInput): Node => {
      values[name] = sample.values;
      const type: TensorType = sample.type;
      return g.input(name, type);
    };
    const parameter = (name: string, ...shape: number[]): Node => {
      const node = input(name, floats(shape, -0.6, 0.6, parameters.length));
      parameters.push(node);
      return node;
    };
    const pool = { window: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] } as const;
    const block = (x: Node, k: number, width: number): Node => {
      const y = g.add(
        g.conv2d(x, parameter(`kernel${k}`, 3, 3, x.type.shape[3], width), same),
        parameter(`b${k}`, width),
      );
      const centered = g.sub(y, g.mean(y, [0, 1, 2]));
      const deviation = g.sqrt(g.add(g.mean(g.square(centered), [0, 1, 2]), g.constant(1e-3)));
      return g.maxPool2d(g.relu(g.mul(g.div(centered, deviation), parameter(`s${k}`, width))), pool);
    };
    const embedded = g.gather(parameter("table", 5, 4), input("codes", whole([3, 1, 3])));
    const images = block(block(input("x", floats([3, 8, 8, 2])), 0, 3), 1, 4);
    const joined = g.concat([g.reshape(images, [3, 16]), embedded], -1);
    const hidden = g.gelu(
      g.layerNorm(g.matmul(joined, parameter("w", 20, 6)), parameter("n", 6), parameter("o", 6), 1e-5),
    );
    const logits = g.add(g.matmul(hidden, parameter("c", 6, 4)), parameter("cb", 4));
    const loss = g.mean(g.softmaxCrossEntropy(logits, input("labels", whole([2, 0, 3]))));
    const slopes = gradients(g, [{ node: loss, cotangent: null }], parameters);
    const graph = g.finish({ loss, ...Object.fromEntries(slopes.map((node, k) => [`d${k}`, node!])) });
    const expected = evaluate(graph, values);
    for (const candidate of [graph, optimize(graph).graph]) {
      const found = await runGraph(engine, candidate, values);
      for (const [name, list] of Object.entries(expected)) {
        const largest = list.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        list.forEach((value, i) => {
          expect(Math.abs(found[name][i] - value), `${name}[${i}]`).toBeLessThan(1e-4 * (largest + 1e-2));
        });
      }
    }
  });
});
