import type { Builder } from "../../compiler/graph/builder.ts";
import type { ElementType, Node } from "../../compiler/graph/graph.ts";
import type { OperationName } from "../../compiler/operations/index.ts";
import { flags, floats, sample, whole, type OperationSample, type Samples } from "./operation-sample.ts";
import { imageSamples } from "./operation-samples-images.ts";
import { scanSamples } from "./operation-samples-scan.ts";

/** Small graphs around every operation, away from kinks and ties: for gradients and for engines. */

type UnaryName = { [K in OperationName]: Builder[K] extends (x: Node) => Node ? K : never }[OperationName];

function unary(name: UnaryName, ...ranges: readonly (readonly [number, number])[]): Samples {
  const [first, ...others] = ranges.length > 0 ? ranges : [[-2, 2] as const];
  const one = (low: number, high: number): OperationSample =>
    sample(`${low} to ${high}`, { x: floats([3, 4], low, high) }, (g, { x }) => g[name](x));
  return [one(...first), ...others.map((range) => one(...range))];
}

type BinaryName = "add" | "sub" | "mul" | "div" | "maximum" | "minimum" | "greater" | "greaterEqual" | "equal" | "pow";

function binary(name: BinaryName, low = -2, high = 2): Samples {
  const shapes: readonly (readonly [string, readonly number[], readonly number[]])[] = [
    ["the same shape", [2, 3], [2, 3]],
    ["rows", [4, 2, 3], [3]],
    ["columns", [2, 1], [4, 2, 3]],
    ["both stretch", [4, 1, 3], [2, 1]],
    ["a scalar", [], [2, 3]],
  ];
  const [first, ...others] = shapes.map(([label, a, b]) =>
    sample(label, { a: floats(a, low, high, 1), b: floats(b, low, high, 2) }, (g, inputs) =>
      g[name](inputs.a, inputs.b),
    ),
  );
  return [first, ...others];
}

function logic(name: "and" | "or"): Samples {
  return [sample("rows", { a: flags([0, 0, 1, 1, 0, 1], [3, 2]), b: flags([0, 1]) }, (g, { a, b }) => g[name](a, b))];
}

function reduction(name: "sum" | "mean" | "max" | "min"): Samples {
  const x = floats([2, 3, 4]);
  return [
    sample("all", { x }, (g, { x }) => g[name](x)),
    sample("the last axis", { x }, (g, { x }) => g[name](x, [-1])),
    sample("the first axis, kept", { x }, (g, { x }) => g[name](x, [0], true)),
    sample("two axes", { x }, (g, { x }) => g[name](x, [2, 0])),
    sample("the middle axis", { x }, (g, { x }) => g[name](x, [1])),
  ];
}

function lastAxis(name: "softmax" | "logSoftmax" | "logSumExp"): Samples {
  return [
    sample("rows", { x: floats([3, 4]) }, (g, { x }) => g[name](x)),
    sample("a vector", { x: floats([5]) }, (g, { x }) => g[name](x)),
    sample("rank 3", { x: floats([2, 2, 3]) }, (g, { x }) => g[name](x)),
    sample("far from 0", { x: floats([2, 3], 790, 800) }, (g, { x }) => g[name](x)),
  ];
}

function product(a: readonly number[], b: readonly number[], transposeA = false, transposeB = false): OperationSample {
  const label = `[${a.join(", ")}]${transposeA ? "ᵀ" : ""} x [${b.join(", ")}]${transposeB ? "ᵀ" : ""}`;
  return sample(label, { a: floats(a, -2, 2, 1), b: floats(b, -2, 2, 2) }, (g, inputs) =>
    g.matmul(inputs.a, inputs.b, { transposeA, transposeB }),
  );
}

function casts(from: Exclude<ElementType, "f32">, values: readonly number[]): OperationSample[] {
  const x = from === "i32" ? whole(values) : flags(values);
  return (["f32", "i32", "bool"] as const)
    .filter((element) => element !== from)
    .map((element) => sample(`${from} to ${element}`, { x }, (g, { x }) => g.cast(x, element)));
}

export const operationSamples: Readonly<Record<OperationName, Samples>> = {
  constant: [
    sample("a scalar and a matrix", { x: floats([2, 3]) }, (g, { x }) =>
      g.add(g.mul(x, g.constant(3)), g.constant([1, 2, 3, 4, 5, 6], { element: "f32", shape: [2, 3] })),
    ),
  ],
  fill: [sample("a vector", { x: floats([2, 3]) }, (g, { x }) => g.mul(x, g.fill(2.5, [3])))],
  iota: [sample("as factors", { x: floats([2, 3]) }, (g, { x }) => g.mul(x, g.cast(g.iota(3), "f32")))],

  neg: unary("neg"),
  exp: unary("exp"),
  expm1: unary("expm1", [-2, 2], [-1e-3, 1e-3]),
  log: unary("log", [0.2, 3]),
  log1p: unary("log1p", [-0.8, 3]),
  sqrt: unary("sqrt", [0.2, 3]),
  reciprocal: unary("reciprocal", [0.5, 3], [-3, -0.5]),
  square: unary("square"),
  abs: unary("abs"),
  sign: unary("sign"),
  floor: unary("floor"),
  tanh: unary("tanh"),
  sigmoid: unary("sigmoid", [-4, 4]),
  softplus: unary("softplus", [-4, 4], [20, 60], [-60, -20]),
  erf: unary("erf", [-2, 2], [2, 4]),
  relu: unary("relu"),
  not: [sample("a vector", { x: flags([0, 1, 1]) }, (g, { x }) => g.not(x))],
  cast: [
    sample("f32 to i32", { x: floats([2, 3]) }, (g, { x }) => g.cast(x, "i32")),
    sample(
      "f32 to bool",
      { x: { type: { element: "f32", shape: [3] }, values: Float64Array.of(0, -0.5, 2) } },
      (g, { x }) => g.cast(x, "bool"),
    ),
    ...casts("i32", [-2, 0, 3]),
    ...casts("bool", [0, 1]),
  ],

  add: [
    ...binary("add"),
    sample("i32", { a: whole([1, -2]), b: whole([5, 7]) }, (g, { a, b }) => g.add(a, b)),
    sample("the same twice", { a: floats([3]) }, (g, { a }) => g.add(a, a)),
  ],
  sub: binary("sub"),
  mul: [...binary("mul"), sample("itself", { a: floats([3]) }, (g, { a }) => g.mul(a, a))],
  div: binary("div", 0.5, 3),
  pow: [
    ...binary("pow", 0.5, 2),
    sample("a constant exponent", { a: floats([4], 0.3, 2) }, (g, { a }) => g.pow(a, g.constant(2.5))),
    sample("a whole exponent of negative numbers", { a: floats([4]) }, (g, { a }) => g.pow(a, g.constant(3))),
  ],
  maximum: binary("maximum"),
  minimum: binary("minimum"),
  greater: binary("greater"),
  greaterEqual: [
    ...binary("greaterEqual"),
    sample("equals", { a: whole([1, 2, 3]), b: whole([2, 2, 2]) }, (g, { a, b }) => g.greaterEqual(a, b)),
  ],
  equal: [
    sample("i32", { a: whole([1, 2, 3]), b: whole([2]) }, (g, { a, b }) => g.equal(a, b)),
    sample("bool", { a: flags([0, 1]), b: flags([1, 1]) }, (g, { a, b }) => g.equal(a, b)),
    ...binary("equal"),
  ],
  and: logic("and"),
  or: logic("or"),
  select: [
    sample(
      "the same shape",
      { c: flags([1, 0, 1, 0], [2, 2]), a: floats([2, 2], -2, 2, 1), b: floats([2, 2], -2, 2, 2) },
      (g, { c, a, b }) => g.select(c, a, b),
    ),
    sample(
      "all stretch",
      { c: flags([1, 0], [2, 1]), a: floats([3], -2, 2, 1), b: floats([], -2, 2, 2) },
      (g, { c, a, b }) => g.select(c, a, b),
    ),
  ],

  sum: reduction("sum"),
  mean: reduction("mean"),
  max: reduction("max"),
  min: reduction("min"),
  argmax: [
    sample("the last axis", { x: floats([2, 5]) }, (g, { x }) => g.argmax(x, -1)),
    sample("the first axis", { x: floats([5, 2]) }, (g, { x }) => g.argmax(x, 0)),
  ],

  reshape: [sample("[2, 6] to [3, 4]", { x: floats([2, 6]) }, (g, { x }) => g.reshape(x, [3, 4]))],
  transpose: [
    sample("a matrix", { x: floats([2, 3]) }, (g, { x }) => g.transpose(x, [1, 0])),
    sample("three axes round", { x: floats([2, 3, 4]) }, (g, { x }) => g.transpose(x, [2, 0, 1])),
    sample("codes, in the order of a sequence's positions", { x: floats([9, 7, 5], -9, 9) }, (g, { x }) =>
      g.cast(g.transpose(g.cast(x, "i32"), [1, 0, 2]), "f32"),
    ),
  ],
  broadcast: [
    sample("a new axis and a stretched one", { x: floats([3, 1]) }, (g, { x }) => g.broadcast(x, [2, 3, 4])),
    sample("a scalar", { x: floats([]) }, (g, { x }) => g.broadcast(x, [2, 2])),
  ],
  concat: [
    sample("the last axis", { a: floats([2, 1], -2, 2, 1), b: floats([2, 3], -2, 2, 2) }, (g, { a, b }) =>
      g.concat([a, b], -1),
    ),
    sample("the first axis, one part twice", { a: floats([1, 2]), b: floats([2, 2], -2, 2, 2) }, (g, { a, b }) =>
      g.concat([a, b, a], 0),
    ),
  ],
  slice: [
    sample("a corner", { x: floats([4, 5]) }, (g, { x }) => g.slice(x, [1, 2], [2, 3])),
    sample("strides", { x: floats([4, 7]) }, (g, { x }) => g.slice(x, [0, 1], [4, 6], [3, 2])),
    sample("strides to the end", { x: floats([5]) }, (g, { x }) => g.slice(x, [0], [5], [2])),
    sample("parts that lie side by side", { x: floats([2, 6]) }, (g, { x }) =>
      g.add(g.slice(x, [0, 0], [2, 3]), g.square(g.slice(x, [0, 3], [2, 3]))),
    ),
    sample("parts with a gap", { x: floats([7, 2]) }, (g, { x }) =>
      g.add(g.exp(g.slice(x, [4, 0], [2, 2])), g.square(g.slice(x, [1, 0], [2, 2]))),
    ),
    sample("parts that overlap", { x: floats([5]) }, (g, { x }) => g.mul(g.slice(x, [0], [3]), g.slice(x, [2], [3]))),
  ],
  pad: [
    sample("zeros", { x: floats([2, 3]) }, (g, { x }) => g.pad(x, [1, 0], [0, 2])),
    sample("a value", { x: floats([3]) }, (g, { x }) => g.pad(x, [2], [1], -1.5)),
  ],
  reverse: [sample("the first axis", { x: floats([3, 2]) }, (g, { x }) => g.reverse(x, 0))],

  gather: [
    sample("rows, one twice", { table: floats([4, 3]), rows: whole([2, 0, 2]) }, (g, { table, rows }) =>
      g.gather(table, rows),
    ),
    sample("a matrix of rows", { table: floats([4, 2]), rows: whole([3, 1, 0, 3], [2, 2]) }, (g, { table, rows }) =>
      g.gather(table, rows),
    ),
    sample("elements of a vector", { table: floats([4]), rows: whole([3, 1]) }, (g, { table, rows }) =>
      g.gather(table, rows),
    ),
  ],
  scatterAdd: [
    sample("rows, one twice", { rows: whole([2, 0, 2]), updates: floats([3, 2]) }, (g, { rows, updates }) =>
      g.scatterAdd(rows, updates, 4),
    ),
    sample(
      "a matrix of rows",
      { rows: whole([2, 0, 2, 1], [2, 2]), updates: floats([2, 2, 3]) },
      (g, { rows, updates }) => g.scatterAdd(rows, updates, 3),
    ),
    sample("numbers", { rows: whole([1, 1]), updates: floats([2]) }, (g, { rows, updates }) =>
      g.scatterAdd(rows, updates, 3),
    ),
  ],
  pick: [
    sample("one of each row", { x: floats([3, 4]), at: whole([3, 0, 1]) }, (g, { x, at }) => g.pick(x, at)),
    sample("rank 3", { x: floats([2, 2, 3]), at: whole([2, 0, 1, 1], [2, 2]) }, (g, { x, at }) => g.pick(x, at)),
  ],
  place: [
    sample("one of each row", { x: floats([3]), at: whole([3, 0, 1]) }, (g, { x, at }) => g.place(x, at, 4)),
    sample("rank 2", { x: floats([2, 2]), at: whole([2, 0, 1, 1], [2, 2]) }, (g, { x, at }) => g.place(x, at, 3)),
    sample("a single place", { x: floats([3]), at: whole([0, 0, 0]) }, (g, { x, at }) => g.place(x, at, 1)),
  ],

  matmul: [
    product([2, 3], [3, 4]),
    product([3, 2], [3, 4], true),
    product([2, 3], [4, 3], false, true),
    product([3, 2], [4, 3], true, true),
    product([2, 2, 3], [3, 4]),
    product([2, 2, 3], [4, 3], false, true),
    product([2, 3, 2], [3, 4], true),
    product([2, 3, 2], [4, 3], true, true),
    product([2, 3], [2, 3, 4]),
    product([2, 1, 2, 3], [2, 3, 2]),
    product([2, 1, 3, 2], [2, 2, 3], true, true),
  ],

  ...imageSamples,

  softmax: lastAxis("softmax"),
  logSoftmax: lastAxis("logSoftmax"),
  logSumExp: lastAxis("logSumExp"),
  softmaxCrossEntropy: [
    sample("rows", { z: floats([3, 4]), y: whole([3, 0, 1]) }, (g, { z, y }) => g.softmaxCrossEntropy(z, y)),
    sample("rank 3", { z: floats([2, 2, 3]), y: whole([2, 0, 1, 1], [2, 2]) }, (g, { z, y }) =>
      g.softmaxCrossEntropy(z, y),
    ),
    sample("far apart", { z: floats([2, 3], -60, 60), y: whole([2, 0]) }, (g, { z, y }) => g.softmaxCrossEntropy(z, y)),
  ],
  sigmoidCrossEntropy: [
    sample("targets between 0 and 1", { z: floats([2, 3]), y: floats([2, 3], 0, 1, 1) }, (g, { z, y }) =>
      g.sigmoidCrossEntropy(z, y),
    ),
    sample("far from 0", { z: floats([2, 3], -60, 60), y: floats([2, 3], 0, 1, 1) }, (g, { z, y }) =>
      g.sigmoidCrossEntropy(z, y),
    ),
  ],
  layerNorm: [
    sample(
      "rows",
      { x: floats([3, 5]), scale: floats([5], 0.5, 2, 1), offset: floats([5], -1, 1, 2) },
      (g, { x, scale, offset }) => g.layerNorm(x, scale, offset, 1e-5),
    ),
    sample(
      "rank 3, a large epsilon",
      { x: floats([2, 2, 3]), scale: floats([3], 0.5, 2, 1), offset: floats([3], -1, 1, 2) },
      (g, { x, scale, offset }) => g.layerNorm(x, scale, offset, 0.1),
    ),
  ],
  gelu: [
    sample("exact", { x: floats([3, 4], -3, 3) }, (g, { x }) => g.gelu(x)),
    sample("by tanh", { x: floats([3, 4], -3, 3) }, (g, { x }) => g.gelu(x, true)),
  ],
  stopGradient: [sample("times itself", { x: floats([3]) }, (g, { x }) => g.mul(g.stopGradient(x), g.constant(2)))],
  scaleGradient: [sample("reversed", { x: floats([3]) }, (g, { x }) => g.square(g.scaleGradient(x, -0.5)))],

  scan: scanSamples,
};
