import { describe, expect, it } from "vitest";
import type { Builder } from "../../compiler/graph/builder.ts";
import { createBuilder } from "../../compiler/graph/create.ts";
import { gradients, reaches } from "../../compiler/graph/gradients.ts";
import { topologicalOrder, type Node, type TensorType } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";

const vector = (n: number): TensorType => ({ element: "f32", shape: [n] });

/** Gradient of the sum of `make(x)` at `at`, or null. */
function slope(at: readonly number[], make: (g: Builder, x: Node) => Node): number[] | null {
  const g = createBuilder();
  const x = g.input("x", vector(at.length));
  const [dx] = gradients(g, [{ node: make(g, x), cotangent: null }], [x]);
  return dx === null ? null : [...evaluate(g.finish({ dx }), { x: at }).dx];
}

describe("what the vocabulary promises at kinks and ties", () => {
  it("abs and relu have slope 0 at 0", () => {
    expect(slope([-1, 0, 1], (g, x) => g.abs(x))).toEqual([-1, 0, 1]);
    expect(slope([-1, 0, 1], (g, x) => g.relu(x))?.map(Math.abs)).toEqual([0, 0, 1]);
  });
  it("maximum and minimum give a tie to their first operand", () => {
    expect(slope([2], (g, x) => g.maximum(x, g.constant(2)))).toEqual([1]);
    expect(slope([2], (g, x) => g.maximum(g.constant(2), x))).toEqual([0]);
    expect(slope([2], (g, x) => g.minimum(x, g.constant(2)))).toEqual([1]);
    expect(slope([2], (g, x) => g.minimum(g.constant(2), x))).toEqual([0]);
  });
  it("max and min give a tie to the first element", () => {
    expect(slope([3, 7, 7], (g, x) => g.max(x))).toEqual([0, 1, 0]);
    expect(slope([3, 3, 7], (g, x) => g.min(x))).toEqual([1, 0, 0]);
  });
  it("pow is finite at 0", () => {
    expect(slope([0], (g, x) => g.pow(x, g.constant(2)))).toEqual([0]);
    expect(slope([0], (g, x) => g.pow(x, g.constant(1)))).toEqual([1]);
    expect(slope([0], (g, x) => g.pow(x, g.constant(0)))).toEqual([0]);
    expect(slope([2], (g, x) => g.pow(g.constant(0), x))).toEqual([0]);
  });
});

describe("what passes", () => {
  it("stopGradient lets nothing through, scaleGradient a multiple", () => {
    expect(slope([2], (g, x) => g.stopGradient(x))).toBeNull();
    expect(slope([2], (g, x) => g.mul(x, g.stopGradient(x)))).toEqual([2]);
    expect(slope([2], (g, x) => g.square(g.scaleGradient(x, -3)))).toEqual([-12]);
  });
  it("integers, conditions and steps let nothing through", () => {
    expect(slope([2], (g, x) => g.floor(x))).toBeNull();
    expect(slope([2], (g, x) => g.cast(g.cast(x, "i32"), "f32"))).toBeNull();
    expect(slope([2], (g, x) => g.select(g.greater(x, g.constant(1)), g.constant(1), g.constant(0)))).toBeNull();
    expect(slope([2], (g) => g.constant(1))).toBeNull();
  });
  it("reaches says the same without making anything", () => {
    const g = createBuilder();
    const [a, b, c] = ["a", "b", "c"].map((name) => g.input(name, vector(2)));
    const y = g.add(g.mul(a, g.stopGradient(b)), g.cast(g.greater(c, a), "f32"));
    expect(reaches(y, [a, b, c, y])).toEqual([true, false, false, true]);
  });
});

describe("sums and seeds", () => {
  it("adds what several outputs and several uses send back", () => {
    const g = createBuilder();
    const x = g.input("x", vector(2));
    const seeds = [
      { node: g.square(x), cotangent: g.constant([1, 10]) },
      { node: g.add(x, x), cotangent: null },
    ];
    const [dx] = gradients(g, seeds, [x]);
    expect([...evaluate(g.finish({ dx: dx! }), { x: [3, 4] }).dx]).toEqual([8, 82]);
  });
  it("gives an inner node and what lies below it their whole derivatives", () => {
    const g = createBuilder();
    const x = g.input("x", vector(1));
    const inner = g.square(x);
    const [dInner, dx] = gradients(g, [{ node: g.mul(inner, x), cotangent: null }], [inner, x]);
    const found = evaluate(g.finish({ dInner: dInner!, dx: dx! }), { x: [3] });
    expect([found.dInner[0], found.dx[0]]).toEqual([3, 27]);
  });
  it("refuses a cotangent of another shape", () => {
    const g = createBuilder();
    const x = g.input("x", vector(2));
    expect(() => gradients(g, [{ node: x, cotangent: g.constant(1) }], [x])).toThrow("cotangent [] of a result [2]");
  });
  it("puts slices that lie side by side together again without padding", () => {
    const g = createBuilder();
    const x = g.input("x", vector(6));
    const parts = [0, 2, 4].map((begin) => g.slice(x, [begin], [2]));
    const [dx] = gradients(
      g,
      parts.map((node, k) => ({ node, cotangent: g.constant([k, k + 0.5]) })),
      [x],
    );
    const used = topologicalOrder([dx!]).map(({ operation }) => operation);
    expect(used).not.toContain("pad");
    expect(used).not.toContain("add");
    expect([...evaluate(g.finish({ dx: dx! }), {}).dx]).toEqual([0, 0.5, 1, 1.5, 2, 2.5]);
  });
});

describe("cost", () => {
  it("makes nothing that nobody asked for", () => {
    const g = createBuilder();
    const x = g.input("x", { element: "f32", shape: [2, 3] });
    const kernel = g.input("kernel", { element: "f32", shape: [3, 4] });
    const y = g.matmul(x, kernel);
    const before = g.constant(0).id;
    gradients(g, [{ node: y, cotangent: null }], [kernel]);
    // A seed and one product.
    expect(g.constant(0).id - before).toBe(3);
  });
  it("makes as many nodes for each layer of a deep model as for those of a flat one", () => {
    const made = (layers: number): number => {
      const g = createBuilder();
      const parameters: Node[] = [];
      let y = g.input("x", { element: "f32", shape: [32, 64] });
      for (let layer = 0; layer < layers; layer++) {
        const kernel = g.input(`kernel${layer}`, { element: "f32", shape: [64, 64] });
        const bias = g.input(`bias${layer}`, { element: "f32", shape: [64] });
        parameters.push(kernel, bias);
        y = g.relu(g.add(g.matmul(y, kernel), bias));
      }
      const total = g.sum(y);
      const before = g.constant(0).id;
      gradients(g, [{ node: total, cotangent: null }], parameters);
      return g.constant(0).id - before;
    };
    // The first layer passes nothing on to its input.
    expect(made(500) - made(499)).toBe(made(2) - made(1));
    expect(made(500) - made(1)).toBe(499 * (made(2) - made(1)));
  });
});

describe("builder", () => {
  it("keeps where nodes belong, in the gradient too", () => {
    const g = createBuilder();
    const x = g.input("x", vector(2));
    const y = g.within("trunk.dense_1", () => g.square(x));
    const [dx] = gradients(g, [{ node: g.sum(y), cotangent: null }], [x]);
    expect(y.origin).toBe("trunk.dense_1");
    expect(dx!.origin).toBe("trunk.dense_1");
    expect(g.neg(x).origin).toBeUndefined();
  });
  it("leaves out inputs that nothing reads and refuses a name twice", () => {
    const g = createBuilder();
    const a = g.input("a", vector(2));
    g.input("b", vector(2));
    expect(g.finish({ y: g.neg(a) }).inputs.map(({ name }) => name)).toEqual(["a"]);
    expect(() => g.input("a", vector(2))).toThrow("a is there already");
  });
  it("does not make a node for nothing", () => {
    const g = createBuilder();
    const x = g.input("x", { element: "f32", shape: [2, 3] });
    expect(g.reshape(g.reshape(x, [6]), [2, 3])).toBe(x);
    expect(g.cast(x, "f32")).toBe(x);
    expect(g.mul(x, g.fill(1, [3]))).toBe(x);
    expect(g.transpose(x, [0, 1])).toBe(x);
    expect(g.broadcast(g.reshape(g.fill(2, [3]), [1, 3]), [2, 3]).operation).toBe("fill");
    expect(() => g.reshape(g.fill(2, [3]), [2])).toThrow("reshape: [3] to [2]");
    // Ones that stretch the other operand are not for nothing.
    expect(g.mul(g.fill(1, [4, 2, 3]), x).type.shape).toEqual([4, 2, 3]);
  });
});

describe("scan", () => {
  const shape = [4, 3];
  const body = (g: Builder, state: Node, element: Node, factor: Node): Node =>
    g.tanh(g.add(g.mul(state, factor), element));

  it.each([false, true])("is a loop, and so is its gradient (reverse: %s)", (reverse) => {
    const g = createBuilder();
    const xs = g.input("xs", { element: "f32", shape });
    const start = g.input("start", vector(3));
    const factor = g.input("factor", vector(3));
    const loop = g.scan(
      [start],
      [xs],
      ([state], [element]) => {
        const next = body(g, state, element, factor);
        return { carries: [next], outputs: [g.square(next)] };
      },
      { reverse },
    );

    let state = start;
    const rows = new Array<Node>(4);
    for (const t of reverse ? [3, 2, 1, 0] : [0, 1, 2, 3]) {
      state = body(g, state, g.reshape(g.slice(xs, [t, 0], [1, 3]), [3]), factor);
      rows[t] = g.reshape(g.square(state), [1, 3]);
    }
    const wrt = [start, xs, factor];
    const results = { state: loop.carries[0], rows: loop.outputs[0] };
    const unrolled = { state, rows: g.concat(rows, 0) };
    const of = (outputs: { state: Node; rows: Node }): (Node | null)[] =>
      gradients(
        g,
        [
          { node: outputs.state, cotangent: null },
          { node: outputs.rows, cotangent: null },
        ],
        wrt,
      );
    const outputs: Record<string, Node> = { "a.state": results.state, "a.rows": results.rows };
    outputs["b.state"] = unrolled.state;
    outputs["b.rows"] = unrolled.rows;
    of(results).forEach((node, k) => (outputs[`a.${k}`] = node!));
    of(unrolled).forEach((node, k) => (outputs[`b.${k}`] = node!));
    const values = evaluate(g.finish(outputs), {
      xs: Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      start: [0.1, -0.2, 0.3],
      factor: [0.5, -1, 2],
    });
    for (const name of ["state", "rows", "0", "1", "2"]) {
      expect(values[`a.${name}`].length).toBe(values[`b.${name}`].length);
      values[`a.${name}`].forEach((value, i) => expect(value).toBeCloseTo(values[`b.${name}`][i], 13));
    }
  });

  it("computes what does not change once, outside, and keeps constants inside", () => {
    const g = createBuilder();
    const xs = g.input("xs", { element: "f32", shape });
    const factor = g.input("factor", vector(3));
    const { outputs } = g.scan([], [xs], (_, [x]) => ({
      carries: [],
      outputs: [g.mul(g.mul(x, g.constant(2)), g.exp(factor))],
    }));
    const [loop] = outputs[0].inputs;
    expect(loop.inputs.map(({ operation }) => operation)).toEqual(["input", "exp"]);
  });

  it("sums an inner kernel's gradient in one product of all steps", () => {
    const g = createBuilder();
    const xs = g.input("xs", { element: "f32", shape: [5, 2, 3] });
    const kernel = g.input("kernel", { element: "f32", shape: [3, 3] });
    const { carries } = g.scan([g.fill(0, [2, 3])], [xs], ([state], [x]) => ({
      carries: [g.tanh(g.add(g.matmul(state, kernel), x))],
      outputs: [],
    }));
    const [dKernel] = gradients(g, [{ node: carries[0], cotangent: null }], [kernel]);
    expect(dKernel!.operation).toBe("matmul");
    expect(dKernel!.inputs.map(({ type }) => type.shape)).toEqual([
      [10, 3],
      [10, 3],
    ]);
  });

  it("refuses carries that change their type and nodes that leave the body", () => {
    const g = createBuilder();
    const xs = g.input("xs", { element: "f32", shape });
    const start = g.input("start", vector(3));
    expect(() => g.scan([start], [xs], ([state]) => ({ carries: [g.sum(state)], outputs: [] }))).toThrow("carry 0");
    let leaked: Node = start;
    g.scan([start], [xs], ([state], [x]) => {
      leaked = g.neg(x);
      return { carries: [state], outputs: [] };
    });
    expect(() => g.finish({ leaked })).toThrow("body of a loop");
  });
});
