import type { Builder } from "../../compiler/graph/builder.ts";
import { elementCount, type Node } from "../../compiler/graph/graph.ts";
import type { Value } from "../../compiler/ir/model.ts";
import { layerRows } from "../../compiler/layers/index.ts";
import type { ConcreteType } from "../../compiler/registry/layer.ts";
import type { LayerCase, LayerChain, LayerInput } from "./layer-harness.ts";
import { floats } from "./operation-sample.ts";

/** At least one case for every built layer: small inputs on which its shape rule and its gradients are tried. */

type Rest = Omit<LayerCase, "row" | "inputs" | "batch" | "settings">;

export const batch = 3;

export function numbersOf(shape: readonly number[], seed = 0, range: readonly [number, number] = [-2, 2]): LayerInput {
  const type: ConcreteType = { element: "f32", shape };
  return { type, values: floats([batch, ...shape], range[0], range[1], seed).values };
}
/** A tensor whose first axis is the token axis `words`. */
export function alongWords(shape: readonly number[], seed = 0): LayerInput {
  const { type, values } = numbersOf(shape, seed);
  return { type: { ...type, axes: shape.map((_, index) => (index === 0 ? "words" : null)) }, values };
}
function codesOf(shape: readonly number[], codes: number, token: boolean): LayerInput {
  const values = Float64Array.from({ length: batch * elementCount(shape) }, (_, at) => (at * 5 + 2) % codes);
  return { type: { element: "i32", shape, codes, ...(token && { axes: shape.map(() => "words") }) }, values };
}
/** Lengths 4, 2 and 0 of 4 words. */
export const masks = { words: [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0] };

const wave: LayerChain = {
  type: (argument) => argument,
  apply: (g: Builder, x: Node) => g.tanh(g.mul(x, g.constant(0.7))),
};

function layerCase(
  name: string,
  inputs: readonly LayerInput[],
  settings: Readonly<Record<string, Value>> = {},
  rest: Rest = {},
): LayerCase {
  const row = layerRows.find((candidate) => candidate.name === name);
  if (!row) throw new Error(`there is no layer ${name}`);
  return { row, inputs, settings, batch, ...rest };
}

const image = numbersOf([5, 4, 4]);
const sequence = alongWords([4, 3]);
const padded: Rest = { masks };
const fixedRandom: Rest = { training: true };
const shortBatch: Rest = { training: true, rows: [1, 1, 0] };
const scalar: LayerInput = { type: { element: "f32", shape: [], batch: false }, values: [0.75] };

const pointwise = layerRows
  .filter((row) => row.group === "activations")
  .map((row) => layerCase(row.name, [numbersOf([5])]));
const unary = ["negate", "square", "exp", "abs"].map((name) => layerCase(name, [numbersOf([2, 3])]));
const positive = ["sqrt", "log"].map((name) => layerCase(name, [numbersOf([2, 3], 0, [0.5, 3])]));
const binary = ["add", "sub", "mul", "div"].flatMap((name) => [
  layerCase(name, [numbersOf([2, 3]), numbersOf([3], 1, [0.5, 2])]),
  layerCase(name, [numbersOf([3]), numbersOf([2, 3], 1, [0.5, 2])]),
  layerCase(name, [numbersOf([3]), scalar]),
  layerCase(name, [scalar, numbersOf([3], 1, [0.5, 2])]),
  layerCase(name, [alongWords([4, 3]), { ...alongWords([4], 2), values: floats([batch, 4], 0.5, 2).values }]),
]);
const kinds = ["class", "flag", "flags", "count", "ordinal"].map((kind) =>
  layerCase("prediction", [numbersOf([4])], { task: "digit" }, { kind }),
);

export const layerCases: readonly LayerCase[] = [
  layerCase("dense", [numbersOf([4])], { width: 3 }),
  layerCase("dense", [numbersOf([2, 4])], { width: 3, bias: false }),
  layerCase("dense", [numbersOf([])], { width: 3 }),
  layerCase("dense", [alongWords([4])], { width: 2 }),
  layerCase("embed", [codesOf([4], 6, true)], { width: 3 }),
  layerCase("embed", [codesOf([], 6, false)], { width: 2 }),
  layerCase("conv2d", [image], { filters: 3, kernel: [3, 2] }),
  layerCase("conv2d", [image], { filters: 4, kernel: [3, 3], stride: [2, 1], groups: 2, padding: "valid" }),
  layerCase("conv2d", [image], { filters: 2, kernel: [2, 2], dilation: [2, 1], bias: false }),
  layerCase("conv2d", [alongWords([4, 2, 3])], { filters: 2, kernel: [3, 1] }, padded),
  layerCase("conv2d_transpose", [image], { filters: 2, kernel: [3, 2], stride: [2, 3] }),
  layerCase("conv2d_transpose", [image], { filters: 2, kernel: [3, 3], stride: [2, 2], padding: "valid" }),
  layerCase("conv2d_transpose", [image], { filters: 2, kernel: [1, 2], stride: [2, 1], padding: "valid" }),
  layerCase("depthwise_conv2d", [image], { kernel: [3, 3], multiplier: 2, stride: [1, 2] }),
  layerCase("separable_conv2d", [image], { filters: 3, kernel: [2, 3], multiplier: 2, padding: "valid" }),
  layerCase("max_pool2d", [image], { size: [2, 2] }),
  layerCase("max_pool2d", [image], { size: [3, 3], stride: [1, 2], padding: "same" }),
  layerCase("avg_pool2d", [image], { size: [2, 2] }),
  layerCase("avg_pool2d", [image], { size: [3, 3], stride: [2, 2], padding: "same" }),
  ...["max_pool2d", "avg_pool2d"].map((name) =>
    layerCase(name, [alongWords([4, 2, 3])], { size: [3, 1], stride: [1, 1], padding: "same" }, padded),
  ),
  layerCase("conv2d_transpose", [alongWords([4, 2, 3])], { filters: 2, kernel: [3, 1] }, padded),
  layerCase("depthwise_conv2d", [alongWords([4, 2, 3])], { kernel: [3, 1] }, padded),
  layerCase("separable_conv2d", [alongWords([4, 2, 3])], { filters: 2, kernel: [3, 1] }, padded),
  layerCase("conv1d", [sequence], { filters: 2, kernel: 3 }, padded),
  layerCase("conv1d", [sequence], { filters: 2, kernel: 2, stride: 2, padding: "valid" }, padded),
  layerCase("conv1d", [sequence], { filters: 2, kernel: 2, dilation: 2, padding: "causal" }, padded),
  layerCase("first", [sequence], {}, padded),
  ...["lstm", "gru", "simple_rnn"].flatMap((name) => [
    layerCase(name, [sequence], { width: 2 }, padded),
    layerCase(name, [sequence], { width: 2, bidirectional: true }, padded),
    layerCase(name, [sequence], { width: 2, bidirectional: true, return: "last" }, padded),
    layerCase(name, [numbersOf([3, 2])], { width: 2, bidirectional: true, return: "last" }),
  ]),
  layerCase("lstm", [numbersOf([3, 2])], { width: 2 }),
  layerCase("lstm", [alongWords([1, 2])], { width: 2, return: "last" }, { masks: { words: [1, 0, 1] } }),
  layerCase("attention", [alongWords([4, 4])], { heads: 2 }, padded),
  layerCase("attention", [numbersOf([3, 4])], { heads: 2, causal: true, dropout: 0.3 }, fixedRandom),
  layerCase("transformer", [alongWords([4, 4])], { layers: 2, heads: 2, hidden: 3 }, padded),
  layerCase(
    "transformer",
    [alongWords([4, 4])],
    { layers: 1, heads: 1, hidden: 3, dropout: 0.3, activation: "silu" },
    {
      ...padded,
      ...fixedRandom,
    },
  ),
  layerCase("cross_attention", [alongWords([4, 4]), numbersOf([2, 3], 1)], { heads: 2 }, padded),
  layerCase(
    "cross_attention",
    [numbersOf([2, 4]), alongWords([4, 3], 1)],
    { heads: 2, residual: true, gate: true },
    padded,
  ),
  layerCase("add_positions", [sequence], {}, padded),
  layerCase("add_positions", [sequence], { kind: "learned" }, padded),
  layerCase("attention_pool", [sequence], {}, padded),
  layerCase("attention_pool", [numbersOf([3, 2])]),
  layerCase("batch_norm", [numbersOf([4])], {}, shortBatch),
  layerCase("batch_norm", [image], {}, shortBatch),
  layerCase("batch_norm", [sequence], {}, { ...shortBatch, ...padded }),
  layerCase("batch_norm", [numbersOf([4])]),
  layerCase("layer_norm", [sequence], {}, padded),
  layerCase("group_norm", [image], { groups: 2 }),
  layerCase("group_norm", [alongWords([4, 4])], { groups: 2 }, padded),
  layerCase("rms_norm", [sequence], {}, padded),
  layerCase("dropout", [numbersOf([6])], { p: 0.4 }, fixedRandom),
  layerCase("dropout", [numbersOf([6])], { p: 0.4 }),
  ...pointwise,
  layerCase("softmax", [alongWords([4])], {}, padded),
  layerCase("log_softmax", [alongWords([4])], {}, padded),
  layerCase("prelu", [sequence], {}, padded),
  layerCase("gelu", [numbersOf([5])], { approximate: true }),
  layerCase("flatten", [image]),
  layerCase("flatten", [sequence], {}, padded),
  layerCase("reshape", [numbersOf([6])], { sizes: [3, 2] }),
  layerCase("reshape", [sequence], { sizes: [12] }, padded),
  layerCase("concat", [numbersOf([2]), numbersOf([], 1), numbersOf([3], 2), scalar]),
  layerCase("concat", [numbersOf([2]), { type: { element: "f32", shape: [2], batch: false }, values: [5, 6] }]),
  layerCase("concat", [sequence, alongWords([4], 1), alongWords([4, 2], 2)], {}, padded),
  layerCase("slice", [numbersOf([2, 5])], { from: 1, to: 4 }),
  layerCase("slice", [numbersOf([5])], { from: 2 }),
  layerCase("broadcast", [numbersOf([2])], { along: "words" }, { axes: { words: 4 }, ...padded }),
  layerCase("broadcast", [numbersOf([])], { along: "words" }, { axes: { words: 4 }, ...padded }),
  layerCase("mean_pool", [image]),
  layerCase("mean_pool", [image], { axis: 1 }),
  layerCase("mean_pool", [alongWords([4, 2, 3])], {}, padded),
  layerCase("max_pool", [image]),
  layerCase("max_pool", [alongWords([4, 2, 3])], { axis: "words" }, padded),
  layerCase("residual", [sequence], {}, { ...padded, chains: [wave] }),
  layerCase("repeat", [numbersOf([4])], { times: 2 }, { chains: [wave, wave] }),
  layerCase("constant", [], { value: 2.5 }),
  layerCase("constant", [], { value: [1, 2, 3] }),
  ...unary,
  ...positive,
  ...binary,
  layerCase("mean", [sequence], {}, padded),
  layerCase("mean", [numbersOf([2, 3])], { axis: -1 }),
  layerCase("mean", [numbersOf([])]),
  layerCase("sum", [sequence], { axis: "words" }, padded),
  layerCase("sum", [numbersOf([2, 3])]),
  layerCase("gate", [numbersOf([3]), numbersOf([3], 1)]),
  layerCase("stop_gradient", [numbersOf([3])]),
  layerCase("reverse_gradient", [numbersOf([3])], { strength: 0.5 }),
  ...kinds,
  layerCase(
    "prediction",
    [numbersOf([2])],
    { task: "box" },
    { kind: "real", scale: { shift: [1, 2], factor: [3, 4] } },
  ),
];
