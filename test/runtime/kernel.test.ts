import { describe, expect, it } from "vitest";
import { createBuilder } from "../../compiler/graph/create.ts";
import type { Builder } from "../../compiler/graph/builder.ts";
import { topologicalOrder, type Graph, type Node } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { lowerSquaredNorm, lowerUpdate } from "../../compiler/lower/update.ts";
import { rowOf } from "../../compiler/operations/index.ts";
import { optimizerRows } from "../../compiler/optimizers/index.ts";
import { VECTOR, type EngineBuffer } from "../../runtime/engines/engine.ts";
import { compileKernel } from "../../runtime/engines/kernel/index.ts";
import { ordinaryBuffer, ReservedMemory, viewOf } from "../../runtime/engines/memory.ts";

const vector = { element: "f32", shape: [VECTOR] } as const;
const scalar = { element: "f32", shape: [] } as const;

/** Numbers in (-1, 1) from a small generator of our own, so that a failure comes again. */
function generator(seed: number): () => number {
  let state = seed * 2654435761;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
}

/** The reference meaning, rounded to float32 after every operation, over vectors of length n. */
function rounded(graph: Graph, n: number, inputs: Readonly<Record<string, ArrayLike<number>>>) {
  const names = new Map(graph.inputs.map(({ name, node }) => [node, name]));
  const values = new Map<Node, Float64Array>();
  const stretched = (node: Node): readonly number[] => (node.type.shape.length === 0 ? [] : [n]);
  for (const node of topologicalOrder(graph.outputs.values())) {
    const found =
      node.operation === "input"
        ? Float64Array.from(inputs[names.get(node)!])
        : rowOf(node.operation).reference(
            node.inputs.map((input) => ({ values: values.get(input)!, shape: stretched(input) })),
            attributesAt(node, stretched(node)),
            evaluate,
          )[0].values;
    const { length } = found;
    const whole = stretched(node).length === 1 && length === 1 ? new Float64Array(n).fill(found[0]) : found;
    values.set(node, whole.map(Math.fround));
  }
  return new Map([...graph.outputs].map(([name, node]) => [name, values.get(node)!]));
}

/** Attributes that name a shape, for vectors of another length. */
function attributesAt(node: Node, shape: readonly number[]): Node["attributes"] {
  const { values } = node.attributes;
  if (values instanceof Float64Array) return { ...node.attributes, shape: [], values: values.slice(0, 1) };
  return node.attributes["shape"] === undefined ? node.attributes : { ...node.attributes, shape };
}

interface Bound {
  readonly inputs: Readonly<Record<string, EngineBuffer>>;
  readonly outputs: Readonly<Record<string, EngineBuffer>>;
  readonly run: () => void;
}

/** A kernel bound to buffers with these values; outputs named in `inPlace` lie on the input of that name. */
function bound(
  graph: Graph,
  n: number,
  values: Readonly<Record<string, ArrayLike<number>>>,
  inPlace: readonly string[] = [],
): Bound {
  const reserved = new ReservedMemory(1 << 20);
  const program = compileKernel(graph, reserved.memory);
  const bufferOf = (node: Node): EngineBuffer =>
    node.type.shape.length === 0 ? ordinaryBuffer(scalar) : reserved.buffer({ element: "f32", shape: [n] });
  const inputs = Object.fromEntries(
    graph.inputs.map(({ name, node }) => {
      const buffer = bufferOf(node);
      buffer.host.set(values[name]);
      return [name, buffer];
    }),
  );
  const outputs = Object.fromEntries(
    [...graph.outputs].map(([name, node]) => [name, inPlace.includes(name) ? inputs[name] : bufferOf(node)]),
  );
  return { inputs, outputs, run: program.bind(inputs, outputs) };
}

/** Which zero the larger of 0 and -0 is, the definition leaves open. */
const unsignedZero = (x: number): number => x + 0;

const lengths = [1, 2, 3, 4, 5, 7, 8, 64, 129];

function randomValues(graph: Graph, n: number, random: () => number): Record<string, Float32Array> {
  return Object.fromEntries(
    graph.inputs.map(({ name, node }) => [
      name,
      Float32Array.from({ length: node.type.shape.length === 0 ? 1 : n }, random),
    ]),
  );
}

/** Some thirty operations on vectors, scalars and conditions, chosen at random. */
function randomGraph(random: () => number): Graph {
  const g = createBuilder();
  const numbers: Node[] = [
    g.input("a", vector),
    g.input("b", vector),
    g.input("s", scalar),
    g.constant(0.25),
    g.fill(-2, [VECTOR]),
  ];
  const conditions: Node[] = [g.greater(numbers[0], numbers[2])];
  const one = (list: readonly Node[]): Node => list[Math.floor(Math.abs(random()) * list.length) % list.length];
  const number = (): Node => one(numbers);
  const condition = (): Node => one(conditions);
  // Neither infinite nor undefined: there the two differ in which of them wins.
  const tame = (x: Node): Node => g.minimum(g.maximum(x, g.constant(-8)), g.constant(8));
  const makers: readonly (() => Node)[] = [
    () => g.add(number(), number()),
    () => g.sub(number(), number()),
    () => tame(g.mul(number(), number())),
    () => tame(g.div(number(), g.add(g.abs(number()), g.constant(0.1)))),
    () => g.sqrt(g.abs(number())),
    () => g.maximum(number(), number()),
    () => g.minimum(number(), number()),
    () => g.abs(number()),
    () => g.neg(number()),
    () => tame(g.square(number())),
    () => tame(g.reciprocal(g.sub(g.constant(-0.1), g.abs(number())))),
    () => g.sign(number()),
    () => g.relu(number()),
    () => g.select(condition(), number(), number()),
    () => g.cast(condition(), "f32"),
    () => g.greater(number(), number()),
    () => g.greaterEqual(number(), number()),
    () => g.equal(number(), number()),
    () => g.cast(number(), "bool"),
    () => g.and(condition(), condition()),
    () => g.or(condition(), condition()),
    () => g.not(condition()),
  ];
  for (let k = 0; k < 40; k++) {
    const made = makers[Math.floor(Math.abs(random()) * makers.length) % makers.length]();
    (made.type.element === "bool" ? conditions : numbers).push(made);
  }
  const toVector = (x: Node): Node => (x.type.shape.length === 0 ? g.broadcast(x, [VECTOR]) : x);
  const outputs = Object.fromEntries(numbers.slice(-4).map((node, k) => [`y${k}`, toVector(node)]));
  return g.finish({ ...outputs, conditions: toVector(g.cast(condition(), "f32")) });
}

describe("vector programs", () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))(
    "are float32 arithmetic to the bit: random graph %i",
    (seed) => {
      const random = generator(seed + 1);
      const graph = randomGraph(random);
      const n = lengths[seed % lengths.length];
      const values = randomValues(graph, n, random);
      const { outputs, run } = bound(graph, n, values);
      run();
      for (const [name, expected] of rounded(graph, n, values)) {
        expect(Array.from(outputs[name].host, unsignedZero), name).toEqual(Array.from(expected, unsignedZero));
      }
    },
  );

  const built = optimizerRows.filter((row) => row.built);
  it.each(built)("$name takes ten steps in place like its definition in float32", (row) => {
    const defaults = Object.entries(row.settings).map(([name, { fallback }]) => [name, fallback ?? null] as const);
    const settings = { ...Object.fromEntries(defaults), ...(row.name === "sgd" && { rate: 0.1, momentum: 0.9 }) };
    const { graph, sums, state, scalars } = lowerUpdate(row, settings, null);
    expect(sums !== null).toBe(row.wholeTensors === true);
    const n = 13;
    const random = generator(5);
    const values = randomValues(graph, n, random);
    for (const name of state) values[`state/${name}`].fill(0);
    const inPlace = ["parameter", ...state.map((name) => `state/${name}`)];
    const { inputs, run } = bound(graph, n, values, inPlace);
    const expected = Object.fromEntries(Object.entries(values).map(([name, list]) => [name, Float32Array.from(list)]));
    for (let t = 1; t <= 10; t++) {
      const numbers = row.scalars(settings, { t, rate: 0.01, decay: true });
      for (const name of scalars) {
        if (inputs[`scalar/${name}`] === undefined) continue;
        inputs[`scalar/${name}`].host.set([numbers[name]]);
        expected[`scalar/${name}`] = Float32Array.of(numbers[name]);
      }
      const gradient = Float32Array.from({ length: n }, random);
      inputs.gradient.host.set(gradient);
      expected.gradient = gradient;
      for (const [name, sum] of sums === null ? [] : rounded(sums, n, expected)) {
        const kernel = bound(sums!, n, expected);
        kernel.run();
        expect(kernel.outputs[name].host[0]).toBeCloseTo(sum[0], 5);
        inputs[name].host.set(kernel.outputs[name].host);
        expected[name] = Float32Array.of(Number(kernel.outputs[name].host[0]));
      }
      run();
      for (const [name, list] of rounded(graph, n, expected)) expected[name] = Float32Array.from(list);
    }
    for (const name of inPlace) expect(Array.from(inputs[name].host), name).toEqual(Array.from(expected[name]));
    expect(Array.from(inputs.parameter.host)).not.toEqual(Array.from(values.parameter));
  });

  it("touch nothing beyond their length", () => {
    const g = createBuilder();
    const graph = g.finish({ y: g.mul(g.input("x", vector), g.constant(2)) });
    for (const n of lengths) {
      const reserved = new ReservedMemory(1 << 16);
      const whole = reserved.buffer({ element: "f32", shape: [n + 16] });
      whole.host.fill(3);
      const window = viewOf(whole, 5, { element: "f32", shape: [n] });
      compileKernel(graph, reserved.memory).bind({ x: window }, { y: window })();
      const expected = Array.from({ length: n + 16 }, (_, k) => (k >= 5 && k < 5 + n ? 6 : 3));
      expect(Array.from(whole.host)).toEqual(expected);
    }
  });

  it("sum in more than float32", () => {
    const n = 1_000_003;
    const reserved = new ReservedMemory(4 * n);
    const x = reserved.buffer({ element: "f32", shape: [n] });
    x.host.fill(0.1);
    const sum = ordinaryBuffer({ element: "f32", shape: [1] });
    compileKernel(lowerSquaredNorm(), reserved.memory).bind({ x }, { sum })();
    const square = Math.fround(Math.fround(0.1) ** 2);
    expect(sum.host[0]).toBe(Math.fround(square * n));
  });

  it("give several sums at once", () => {
    const g = createBuilder();
    const [a, b] = [g.input("a", vector), g.input("b", vector)];
    const graph = g.finish({ a: g.sum(a), ab: g.sum(g.mul(a, b)), y: g.add(a, b) });
    const values = { a: [1, 2, 3, 4, 5], b: [1, 0, 1, 0, 1] };
    const { outputs, run } = bound(graph, 5, values);
    run();
    expect([outputs.a.host[0], outputs.ab.host[0], Array.from(outputs.y.host)]).toEqual([15, 9, [2, 2, 4, 4, 6]]);
  });

  it("read scalars anew at every call", () => {
    const g = createBuilder();
    const graph = g.finish({ y: g.mul(g.input("x", vector), g.sub(g.constant(1), g.input("s", scalar))) });
    const { inputs, outputs, run } = bound(graph, 2, { x: [1, 2], s: [0.5] });
    run();
    expect(Array.from(outputs.y.host)).toEqual([0.5, 1]);
    inputs.s.host[0] = 3;
    run();
    expect(Array.from(outputs.y.host)).toEqual([-2, -4]);
  });

  it.each<[string, (g: Builder) => Node, RegExp]>([
    ["what needs more than arithmetic", (g) => g.exp(g.input("x", vector)), /exp/],
    ["a sum that is read", (g) => g.mul(g.input("x", vector), g.sum(g.input("z", vector))), /sum/],
    ["another length", (g) => g.neg(g.input("x", { element: "f32", shape: [3] })), /\[3\]/],
    ["integers", (g) => g.neg(g.input("x", { element: "i32", shape: [VECTOR] })), /i32/],
  ])("refuse %s", (_what, build, message) => {
    const g = createBuilder();
    const graph = g.finish({ y: build(g) });
    expect(() => compileKernel(graph, new ReservedMemory(64).memory)).toThrow(message);
  });

  it("refuse buffers that do not fit", () => {
    const g = createBuilder();
    const graph = g.finish({ y: g.neg(g.input("x", vector)) });
    const reserved = new ReservedMemory(1 << 10);
    const program = compileKernel(graph, reserved.memory);
    const flat = reserved.buffer({ element: "f32", shape: [8] });
    const at = (offset: number) => viewOf(flat, offset, { element: "f32", shape: [4] });
    expect(() => program.bind({ x: at(0) }, { y: at(1) })).toThrow(/overlap/);
    expect(() => program.bind({ x: flat }, { y: at(0) })).toThrow(/elements/);
    expect(() => program.bind({ x: ordinaryBuffer(vector) }, { y: flat })).toThrow(/outside/);
    expect(() => program.bind({}, { y: flat })).toThrow(/x is not bound/);
    expect(() => program.bind({ x: flat, z: flat }, { y: flat })).toThrow(/no input z/);
  });
});
