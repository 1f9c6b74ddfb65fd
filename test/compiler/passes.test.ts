import { describe, expect, it } from "vitest";
import type { Builder } from "../../compiler/graph/builder.ts";
import { createBuilder } from "../../compiler/graph/create.ts";
import { gradients } from "../../compiler/graph/gradients.ts";
import { topologicalOrder, type Graph, type Node } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { operationRows } from "../../compiler/operations/index.ts";
import { onnxModel } from "../../compiler/emit/onnx/index.ts";
import { optimize } from "../../compiler/passes/index.ts";
import { layoutChannelsFirst } from "../../compiler/passes/layout/index.ts";
import { floats } from "./operation-sample.ts";
import { operationSamples } from "./operation-samples.ts";

const f32 = (...shape: number[]) => ({ element: "f32", shape }) as const;

function operations(graph: Graph): string[] {
  return topologicalOrder(graph.outputs.values()).map(({ operation }) => operation);
}

function optimized(build: (g: Builder) => Record<string, Node>): Graph {
  const g = createBuilder();
  return optimize(g.finish(build(g))).graph;
}

/** Nodes that compute, without inputs and constants. */
function computing(graph: Graph): string[] {
  return operations(graph).filter((operation) => operation !== "input" && operation !== "constant");
}

describe("optimize", () => {
  it("computes what depends on constants alone", () => {
    const graph = optimized((g) => ({
      y: g.mul(g.input("x", f32(2)), g.sqrt(g.add(g.constant([1, 2]), g.constant([8, 14])))),
    }));
    expect(computing(graph)).toEqual(["mul"]);
    expect(evaluate(graph, { x: [1, 1] }).y).toEqual(Float64Array.of(3, 4));
  });

  it("leaves large tensors to the run", () => {
    const graph = optimized((g) => ({ y: g.mul(g.input("x", f32(5000)), g.exp(g.cast(g.iota(5000), "f32"))) }));
    expect(computing(graph)).toContain("exp");
  });

  it("makes one node of equal ones, constants and attributes compared", () => {
    const graph = optimized((g) => {
      const x = g.input("x", f32(2, 3));
      const part = (k: number): Node => g.exp(g.add(x, g.constant(k)));
      const sums = [g.sum(part(1), [0]), g.sum(part(1), [0]), g.sum(part(2), [0]), g.sum(part(1), [0], true)];
      return Object.fromEntries(sums.map((node, k) => [`y${k}`, node]));
    });
    expect(computing(graph).sort()).toEqual(["add", "add", "exp", "exp", "sum", "sum", "sum"]);
    expect(graph.outputs.get("y0")).toBe(graph.outputs.get("y1"));
  });

  it("drops what no result needs, inputs too", () => {
    const graph = optimized((g) => {
      const x = g.input("x", f32(2));
      g.exp(g.input("unused", f32(2)));
      return { y: g.neg(x) };
    });
    expect(graph.inputs.map(({ name }) => name)).toEqual(["x"]);
    expect(operations(graph)).toEqual(["input", "neg"]);
  });

  it("takes out what changes nothing", () => {
    const graph = optimized((g) => {
      const x = g.input("x", f32(2, 3));
      const marked = g.scaleGradient(g.stopGradient(x), -1);
      const stretched = g.mul(g.fill(1, [2, 3]), g.neg(g.neg(marked)));
      return { y: g.add(g.reshape(g.reshape(stretched, [6]), [2, 3]), g.fill(0, [3])) };
    });
    expect(operations(graph)).toEqual(["input"]);
  });

  it("stretches by broadcasting, not by hand", () => {
    const graph = optimized((g) => {
      const x = g.input("x", f32(2, 3));
      const condition = g.input("c", { element: "bool", shape: [3] });
      const row = g.broadcast(g.input("row", f32(3)), [2, 3]);
      return { y: g.select(condition, row, x), z: g.select(condition, g.fill(2, [3]), g.fill(3, [3])) };
    });
    expect(computing(graph)).toEqual(["select", "select"]);
    expect(graph.outputs.get("z")?.type.shape).toEqual([3]);
  });

  it("lets a composite share its parts with its gradient", () => {
    const graph = optimized((g) => {
      const z = g.input("z", f32(4, 3));
      const loss = g.mean(g.softmaxCrossEntropy(z, g.input("y", { element: "i32", shape: [4] })));
      return { loss, dz: gradients(g, [{ node: loss, cotangent: null }], [z])[0]! };
    });
    expect(operations(graph).filter((operation) => operation === "logSoftmax")).toHaveLength(1);
    expect(operations(graph)).not.toContain("softmaxCrossEntropy");
  });

  it("keeps a composite whole where there is no gradient", () => {
    const graph = optimized((g) => {
      const [x, scale, offset] = [g.input("x", f32(4, 3)), g.input("s", f32(3)), g.input("o", f32(3))];
      return { y: g.gelu(g.layerNorm(x, scale, offset, 1e-5)) };
    });
    expect(computing(graph)).toEqual(["layerNorm", "gelu"]);
  });

  it("masks what comes back from pooling while it is small", () => {
    const pool = { window: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] } as const;
    const build = (g: Builder): Record<string, Node> => {
      const x = g.input("x", f32(1, 4, 4, 1));
      const y = g.maxPool2d(g.relu(x), pool);
      const weights = g.constant([1, 2, 3, 4], y.type);
      return { dx: gradients(g, [{ node: y, cotangent: weights }], [x])[0]! };
    };
    const graph = optimized(build);
    const products = topologicalOrder(graph.outputs.values()).filter(({ operation }) => operation === "mul");
    expect(products.map(({ type }) => type.shape)).toEqual([[1, 2, 2, 1]]);
    // Four windows: all below 0, equal maxima above 0, a maximum of 0, one maximum.
    const x = [-1, -2, 3, 3, -1, -3, 3, 2, 0, -1, 1, 2, -1, 0, 5, 4];
    expect([...evaluate(graph, { x }).dx]).toEqual([0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0]);
  });

  it("sums what comes back from pooling while it is small", () => {
    const pool = { window: [2, 2], strides: [1, 2], padding: [0, 0, 0, 0] } as const;
    const graph = optimized((g) => {
      const [x, dy] = [g.input("x", f32(1, 3, 2, 2)), g.input("dy", f32(1, 2, 1, 2))];
      const dx = g.maxPool2dGradient(x, dy, pool);
      return { all: g.sum(dx, [0, 1, 2]), rows: g.sum(dx, [1]) };
    });
    expect(computing(graph).sort()).toEqual(["maxPool2dGradient", "sum", "sum"]);
    const at = { x: [1, 5, 2, 6, 3, 7, 9, 0, 4, 1, 2, 3], dy: [1, 2, 3, 4] };
    expect([...evaluate(graph, at).all]).toEqual([4, 6]);
    const [all] = graph.outputs.get("all")!.inputs;
    expect(all.operation).toBe("input");
  });

  it("makes one product of narrow heads, of their kernels' gradients, and of what flows back", () => {
    const g = createBuilder();
    const x = g.input("x", f32(4, 3));
    const inner = g.input("inner", f32(3, 20));
    const hidden = g.tanh(g.matmul(x, inner));
    const parameters = [inner];
    const outputs: Record<string, Node> = {};
    const losses = [2, 1, 3].map((width, k) => {
      const kernel = g.input(`kernel${k}`, f32(20, width));
      const bias = g.input(`bias${k}`, f32(width));
      parameters.push(kernel, bias);
      const y = g.add(g.matmul(hidden, kernel), bias);
      outputs[`y${k}`] = y;
      return g.sum(g.mul(g.square(y), g.constant(k + 1)));
    });
    const loss = losses.reduce((a, b) => g.add(a, b));
    gradients(g, [{ node: loss, cotangent: null }], parameters).forEach((slope, k) => (outputs[`d${k}`] = slope!));
    const graph = g.finish(outputs);
    const found = optimize(graph).graph;
    const products = topologicalOrder(found.outputs.values()).filter(({ operation }) => operation === "matmul");
    // x · inner and its kernel's gradient; of the three heads one product each way.
    expect(products.map(({ type }) => type.shape)).toEqual([
      [4, 20],
      [4, 6],
      [6, 20],
      [4, 20],
      [3, 20],
    ]);
    const at = Object.fromEntries(
      graph.inputs.map(({ name, node }) => [name, floats(node.type.shape, -1, 1, name.length).values]),
    );
    const expected = evaluate(graph, at);
    const results = evaluate(found, at);
    for (const [name, values] of Object.entries(expected)) {
      values.forEach((value, i) => expect(results[name][i], `${name}[${i}]`).toBeCloseTo(value, 12));
    }
  });

  it("leaves products alone that others stand between", () => {
    const graph = optimized((g) => {
      const x = g.input("x", f32(4, 3));
      const [a, b] = [g.input("a", f32(3, 2)), g.input("b", f32(3, 20))];
      const [c, d] = [g.input("c", f32(3, 2)), g.input("d", f32(2, 3))];
      return { ab: g.matmul(g.matmul(x, a), d), b: g.matmul(x, b), c: g.matmul(g.tanh(x), c) };
    });
    expect(computing(graph).filter((operation) => operation === "matmul")).toHaveLength(4);
  });

  it("works inside the bodies of loops", () => {
    const graph = optimized((g) => {
      const xs = g.input("xs", f32(3, 2));
      const { outputs } = g.scan([], [xs], (_, [x]) => ({
        carries: [],
        outputs: [g.add(g.exp(x), g.mul(g.exp(g.neg(g.neg(x))), g.sqrt(g.constant(4))))],
      }));
      return { y: outputs[0] };
    });
    const loop = topologicalOrder(graph.outputs.values()).find(({ operation }) => operation === "scan");
    const body = loop?.attributes["body"];
    if (typeof body !== "object" || !("outputs" in body)) throw new Error("no body");
    expect(computing(body).sort()).toEqual(["add", "exp", "mul"]);
    expect(evaluate(graph, { xs: [0, 0, 0, 0, 0, 0] }).y).toEqual(new Float64Array(6).fill(3));
  });

  it.each(Object.keys(operationRows))("leaves the meaning of %s as it was", (name) => {
    const samples = Object.entries(operationSamples).find(([key]) => key === name)?.[1] ?? [];
    expect(samples.length).toBeGreaterThan(0);
    for (const sample of samples) {
      const g = createBuilder();
      const inputs = Object.fromEntries(
        Object.entries(sample.inputs).map(([key, { type }]) => [key, g.input(key, type)]),
      );
      const graph = g.finish({ y: sample.build(g, inputs) });
      const at = Object.fromEntries(Object.entries(sample.inputs).map(([key, { values }]) => [key, values]));
      const found = evaluate(optimize(graph).graph, at).y;
      evaluate(graph, at).y.forEach((value, i) => expect(found[i], `${sample.label} [${i}]`).toBeCloseTo(value, 12));
    }
  });
});

/** Two blocks of convolution, batch norm, relu and pooling, a flattened dense layer, and all gradients. */
function convolutionStack(): Graph {
  const g = createBuilder();
  const parameters: Node[] = [];
  const parameter = (name: string, ...shape: number[]): Node => {
    const node = g.input(name, f32(...shape));
    parameters.push(node);
    return node;
  };
  const square = { strides: [1, 1], dilations: [1, 1], padding: [1, 1, 1, 1], groups: 1 } as const;
  const pool = { window: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] } as const;
  const block = (x: Node, k: number, width: number): Node => {
    const kernel = parameter(`kernel${k}`, 3, 3, x.type.shape[3], width);
    const y = g.add(g.conv2d(x, kernel, square), parameter(`bias${k}`, width));
    const centered = g.sub(y, g.mean(y, [0, 1, 2]));
    const deviation = g.sqrt(g.add(g.mean(g.square(centered), [0, 1, 2]), g.constant(1e-5)));
    const normal = g.add(
      g.mul(g.div(centered, deviation), parameter(`scale${k}`, width)),
      parameter(`offset${k}`, width),
    );
    return k % 2 === 0 ? g.maxPool2d(g.relu(normal), pool) : g.sumPool2d(g.relu(normal), pool);
  };
  const x = g.input("x", f32(4, 8, 8, 3));
  const image = block(block(x, 0, 5), 1, 6);
  const flat = g.reshape(image, [4, 24]);
  const logits = g.add(g.matmul(flat, parameter("dense", 24, 7)), parameter("shift", 7));
  const loss = g.mean(g.softmaxCrossEntropy(logits, g.input("y", { element: "i32", shape: [4] })));
  const slopes = gradients(g, [{ node: loss, cotangent: null }], parameters);
  return g.finish({ loss, ...Object.fromEntries(slopes.map((node, k) => [`d${k}`, node!])) });
}

describe("layout", () => {
  const graph = optimize(convolutionStack()).graph;
  const laid = layoutChannelsFirst(graph);
  const transposed = topologicalOrder(laid.outputs.values()).filter(({ operation }) => operation === "transpose");

  it("moves images only where they enter and where they are flattened, once on the way back", () => {
    const images = transposed.filter(({ inputs: [from] }) => from.type.shape[0] === 4);
    expect(images.map(({ inputs: [from] }) => [from.operation, ...from.type.shape])).toEqual([
      ["input", 4, 8, 8, 3],
      ["sumPool2d", 4, 6, 2, 2],
      ["reshape", 4, 2, 2, 6],
    ]);
  });

  it("turns each kernel once, and nothing else", () => {
    const kernels = transposed.filter(({ inputs: [from] }) => from.type.shape[0] !== 4);
    expect(kernels.map(({ inputs: [from] }) => [from.operation, ...from.type.shape])).toEqual([
      ["input", 3, 3, 3, 5],
      ["input", 3, 3, 5, 6],
    ]);
  });

  it("writes no more transpositions than that as ONNX", () => {
    const { nodes } = onnxModel(graph).model.graph;
    expect(nodes.filter(({ operation }) => operation === "Transpose")).toHaveLength(5);
    expect(nodes.filter(({ operation }) => operation === "Conv")).toHaveLength(2);
    expect(nodes.filter(({ operation }) => operation === "Gemm").length).toBeGreaterThanOrEqual(3);
  });

  it("drops transpositions that undo each other", () => {
    const g = createBuilder();
    const x = g.input("x", f32(2, 3, 4));
    const there = g.transpose(x, [2, 0, 1]);
    const back = g.transpose(g.relu(g.add(there, g.constant(1))), [1, 2, 0]);
    expect(operations(layoutChannelsFirst(g.finish({ y: back })))).not.toContain("transpose");
  });

  it("tells apart two transpositions of one tensor", () => {
    const g = createBuilder();
    const x = g.input("x", f32(2, 3, 4));
    const turned = (permutation: number[]): Node => g.softmax(g.transpose(x, permutation));
    const graph = g.finish({ y: turned([1, 0, 2]), z: turned([2, 1, 0]) });
    const at = { x: Float64Array.from({ length: 24 }, (_, k) => (k * 7) % 5) };
    expect(evaluate(layoutChannelsFirst(graph), at)).toEqual(evaluate(graph, at));
  });

  it("lets a product read its operand turned", () => {
    const g = createBuilder();
    const [a, b] = [g.input("a", f32(3, 2)), g.input("b", f32(2, 4, 3))];
    const graph = layoutChannelsFirst(
      g.finish({ y: g.matmul(g.transpose(g.exp(a), [1, 0]), g.transpose(b, [0, 2, 1]), { transposeA: false }) }),
    );
    expect(operations(graph)).not.toContain("transpose");
    expect(graph.outputs.get("y")?.attributes).toMatchObject({ transposeA: true, transposeB: true });
  });
});
