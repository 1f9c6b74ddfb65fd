import util from "node:util";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { Builder } from "../../compiler/graph/builder.ts";
import { createBuilder } from "../../compiler/graph/create.ts";
import { gradients } from "../../compiler/graph/gradients.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import type { Node } from "../../compiler/graph/graph.ts";
import { openEngine } from "../../runtime/engines/index.ts";
import { loadTfjs } from "../../runtime/engines/tfjs/loading.ts";
import { floats } from "../compiler/operation-sample.ts";
import { runGraph } from "./run-graph.ts";

/**
 * What TensorFlow.js 4.22 computes wrongly or not at all in plain JavaScript. Each is shown twice: as the library does it by
 * itself (a test that fails once the library is mended, and the way round can go), and as the engine does it.
 */
const engine = await openEngine({ engine: "tfjs" });
const { tf } = await loadTfjs({ engine: "tfjs", device: "cpu", threads: undefined });
afterAll(() => engine.close());

const close = (found: ArrayLike<number>, expected: ArrayLike<number>): boolean =>
  found.length === expected.length &&
  Array.from(expected).every((value, k) => Math.abs(found[k] - value) <= 1e-5 * (1 + Math.abs(value)));

async function onBoth(
  shapes: Readonly<Record<string, readonly number[]>>,
  build: (g: Builder, inputs: Readonly<Record<string, Node>>) => Node,
): Promise<{ found: number[]; expected: Float64Array; values: Record<string, Float64Array> }> {
  const g = createBuilder();
  const given = Object.fromEntries(Object.entries(shapes).map(([name, shape], k) => [name, floats(shape, -2, 2, k)]));
  const inputs = Object.fromEntries(Object.entries(given).map(([name, { type }]) => [name, g.input(name, type)]));
  const graph = g.finish({ y: build(g, inputs) });
  const values = Object.fromEntries(Object.entries(given).map(([name, input]) => [name, input.values]));
  return { found: (await runGraph(engine, graph, values)).y, expected: evaluate(graph, values).y, values };
}

/** The gradient of Σ y · weights for one input. */
function gradientOf(g: Builder, y: Node, wrt: Node): Node {
  const weights = g.constant(floats(y.type.shape, 0.2, 1.8, 5).values, y.type);
  const [dx] = gradients(g, [{ node: g.sum(g.mul(y, weights)), cotangent: null }], [wrt]);
  if (dx === null) throw new Error("nothing reaches it");
  return dx;
}

function tensor(values: ArrayLike<number>, shape: readonly number[]) {
  return tf.tensor(Float32Array.from(values), [...shape]);
}

describe("products of which both batches stretch", () => {
  const shapes = { a: [2, 1, 3, 4], b: [1, 3, 4, 2] };
  it("take the wrong matrices in the library", async () => {
    const { expected, values } = await onBoth(shapes, (g, { a, b }) => g.matmul(a, b));
    let found: ArrayLike<number> | string;
    try {
      found = tf.matMul(tensor(values.a, shapes.a), tensor(values.b, shapes.b)).dataSync();
    } catch (problem) {
      found = String(problem);
    }
    expect(typeof found !== "string" && close(found, expected)).toBe(false);
  });
  it("are right on the engine", async () => {
    const { found, expected } = await onBoth(shapes, (g, { a, b }) => g.matmul(a, b));
    expect(close(found, expected)).toBe(true);
  });
});

describe("the gradient of a dilated convolution", () => {
  const shapes = { x: [1, 7, 7, 1], kernel: [3, 3, 1, 2] };
  const attributes = { strides: [1, 1], dilations: [2, 2], padding: [0, 0, 0, 0], groups: 1 } as const;
  it("is refused by the library", () => {
    const kernel = tensor(floats(shapes.kernel).values, shapes.kernel).as4D(3, 3, 1, 2);
    const gradient = tf.grad((x) => tf.sum(tf.conv2d(x.as4D(1, 7, 7, 1), kernel, 1, "valid", "NHWC", 2)));
    expect(() => gradient(tensor(floats(shapes.x).values, shapes.x))).toThrow(/dilation/);
  });
  it.each(["x", "kernel"])("is right on the engine for %s", async (name) => {
    const { found, expected } = await onBoth(shapes, (g, inputs) =>
      gradientOf(g, g.conv2d(inputs.x, inputs.kernel, attributes), inputs[name]),
    );
    expect(close(found, expected)).toBe(true);
  });
});

describe("the mean over windows with `same` padding", () => {
  const shape = [1, 4, 4, 1];
  const attributes = { window: [3, 3], strides: [1, 1], padding: [1, 1, 1, 1] } as const;
  it("has a wrong gradient in the library: it divides by whole windows at the border", () => {
    const [given, weights] = [floats(shape), floats(shape, 0.2, 1.8, 5)];
    const loss = (x: ArrayLike<number>): number =>
      tf
        .sum(tf.mul(tf.avgPool(tensor(x, shape).as4D(1, 4, 4, 1), 3, 1, "same"), tensor(weights.values, shape)))
        .dataSync()[0];
    const gradient = tf
      .grad((x) => tf.sum(tf.mul(tf.avgPool(x.as4D(1, 4, 4, 1), 3, 1, "same"), tensor(weights.values, shape))))(
        tensor(given.values, shape),
      )
      .dataSync();
    const differences = given.values.map((value, k) => {
      const moved = (by: number): number => loss(given.values.with(k, value + by));
      return (moved(0.25) - moved(-0.25)) / 0.5;
    });
    expect(Array.from(gradient).every((value, k) => Math.abs(value - differences[k]) < 1e-3)).toBe(false);
  });
  it("is right on the engine, where padding is counted by ones beside the sum", async () => {
    const { found, expected } = await onBoth({ x: shape }, (g, { x }) => {
      const count = g.sumPool2d(g.fill(1, shape), attributes);
      return gradientOf(g, g.div(g.sumPool2d(x, attributes), count), x);
    });
    expect(close(found, expected)).toBe(true);
  });
});

describe("the gradient of the largest in a window", () => {
  it("goes to the first of equals, whatever the backend does", async () => {
    const g = createBuilder();
    const x = g.input("x", { element: "f32", shape: [1, 4, 4, 1] });
    const attributes = { window: [3, 3], strides: [1, 1], padding: [0, 0, 0, 0] } as const;
    const graph = g.finish({ dx: gradientOf(g, g.maxPool2d(x, attributes), x) });
    const values = { x: new Float64Array(16).fill(1) };
    expect(close((await runGraph(engine, graph, values)).dx, evaluate(graph, values).dx)).toBe(true);
  });
});

describe("where an element is placed", () => {
  it("its neighbours are 0 even if it is infinite", async () => {
    const g = createBuilder();
    const at = g.input("at", { element: "i32", shape: [2] });
    const graph = g.finish({ y: g.place(g.input("x", { element: "f32", shape: [2] }), at, 3) });
    expect((await runGraph(engine, graph, { x: [Infinity, 2], at: [1, 2] })).y).toEqual([0, Infinity, 0, 0, 0, 2]);
  });
});

describe("reads", () => {
  it("never wait for the device", async () => {
    const waiting = vi.spyOn(tf.Tensor.prototype, "dataSync");
    const arrays = vi.spyOn(tf.Tensor.prototype, "arraySync");
    try {
      await onBoth({ a: [2, 2], b: [2, 2] }, (g, { a, b }) => g.softmax(g.matmul(a, b)));
      expect(waiting).not.toHaveBeenCalled();
      expect(arrays).not.toHaveBeenCalled();
    } finally {
      waiting.mockRestore();
      arrays.mockRestore();
    }
  });
});

describe("Node 23 and later", () => {
  it("get the function that the package still calls", async () => {
    const before = Object.getOwnPropertyDescriptor(util, "isNullOrUndefined");
    expect(Reflect.deleteProperty(util, "isNullOrUndefined") || before === undefined).toBe(true);
    try {
      await loadTfjs({ engine: "tfjs", device: "cpu", threads: undefined });
      const made: unknown = Reflect.get(util, "isNullOrUndefined");
      if (typeof made !== "function") throw new Error("nothing was made");
      expect([null, undefined, 0, ""].map((value) => Boolean(made(value)))).toEqual([true, true, false, false]);
    } finally {
      if (before) Object.defineProperty(util, "isNullOrUndefined", before);
      else Reflect.deleteProperty(util, "isNullOrUndefined");
    }
  });
});
