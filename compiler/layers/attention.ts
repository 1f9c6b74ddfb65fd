import type { Type } from "../ir/model.ts";
import { isKnown, showSize } from "../ir/size.ts";
import { layer, ShapeProblem, type ConcreteType, type ParameterSpec } from "../registry/layer.ts";
import { bool, choice, int, number } from "../registry/settings.ts";
import { axisName, axisNames, needSequence, resultType, showType } from "./types.ts";
import { denseParameters, startWord, under, vector } from "./weights.ts";

/** Attention within a sequence and to another one. */

export const headsSetting = int({ min: 1 }).describe("How many heads; they share the width of the tensor.");
export const attentionDropout = number({ min: 0, below: 1 })
  .default(0)
  .describe("Chance that an attention weight is left out in training.");

/** The width must split into heads. */
export function needHeads(name: string, x: Type, heads: number): void {
  const width = x.shape[x.shape.length - 1];
  if (isKnown(width) && width % heads === 0) return;
  throw new ShapeProblem(`this is ${showType(x)}: the ${heads} heads of ${name} do not divide ${showSize(width)}`, {
    operand: 0,
    help: isKnown(width) ? `bring it to a multiple first: \`dense(${Math.ceil(width / heads) * heads})\`` : undefined,
  });
}

/** The four dense layers of attention: `query.kernel`, `query.bias`, `key.kernel` … */
export function attentionParameters(width: number, context: number = width): Readonly<Record<string, ParameterSpec>> {
  return {
    ...under("query", denseParameters(width, width)),
    ...under("key", denseParameters(context, width)),
    ...under("value", denseParameters(context, width)),
    ...under("out", denseParameters(width, width)),
  };
}

/** Multiply-adds of attention from n positions to m. */
export function attentionWork(n: number, m: number, width: number, context: number = width): number {
  return 2 * n * width * width + 2 * m * context * width + 2 * n * m * width;
}

const positional = { heads: headsSetting.positional() };

export const attention = layer({
  name: "attention",
  doc:
    "Self-attention with several heads: softmax(Q Kᵀ / √(width / heads)) V, then a dense layer, with Q, K and V dense layers of the sequence. " +
    "Padding is never looked at.",
  group: "sequences",
  aliases: ["MultiHeadAttention", "MultiheadAttention", "self_attention", "SelfAttention"],
  source: "1706.03762",
  operands: { min: 1, max: 1 },
  settings: {
    ...positional,
    dropout: attentionDropout,
    causal: bool(false).describe("Each position looks at itself and earlier ones only."),
  },
  shape({ settings: { heads }, inputs: [x] }) {
    needSequence("attention", x);
    needHeads("attention", x, heads);
    return resultType([x], x.shape, axisNames(x));
  },
  parameters: ({ inputs: [x] }) => attentionParameters(x.shape[1]),
  work: ({ inputs: [x] }) => attentionWork(x.shape[0], x.shape[0], x.shape[1]),
  example: "shared sentence = words -> embed(16) -> attention(heads: 4) -> mean_pool",
});

function transformerLayer(width: number, hidden: number): Readonly<Record<string, ParameterSpec>> {
  const norm = { scale: vector(width, 1), offset: vector(width, 0) };
  return {
    ...under("attention", attentionParameters(width)),
    ...under("norm_1", norm),
    ...under("norm_2", norm),
    ...under("dense_1", denseParameters(width, hidden)),
    ...under("dense_2", denseParameters(hidden, width)),
  };
}

export const transformer = layer({
  name: "transformer",
  doc: "Layers of x + attention(norm(x)), then x + dense(activation(dense(norm(x)))), with one norm at the end. It knows no order: `add_positions` tells it.",
  group: "sequences",
  aliases: ["TransformerEncoder", "TransformerEncoderLayer", "TransformerBlock", "encoder"],
  source: "2002.04745",
  operands: { min: 1, max: 1 },
  settings: {
    layers: int({ min: 1 }).positional().describe("How many layers."),
    heads: headsSetting,
    hidden: int({ min: 1 }).describe("Width of the dense layer inside."),
    dropout: attentionDropout.describe(
      "Chance of being left out in training, of attention weights and of what each half adds.",
    ),
    activation: choice("gelu", "relu", "silu").default("gelu").describe("Activation of the dense layer inside."),
  },
  shape({ settings: { heads }, inputs: [x] }) {
    needSequence("transformer", x);
    needHeads("transformer", x, heads);
    return resultType([x], x.shape, axisNames(x));
  },
  parameters({ settings: { layers, hidden }, inputs: [x] }) {
    const width = x.shape[1];
    const stack = Array.from({ length: layers }, (_, index) =>
      under(String(index + 1), transformerLayer(width, hidden)),
    );
    return Object.assign({}, ...stack, under("norm", { scale: vector(width, 1), offset: vector(width, 0) }));
  },
  work({ settings: { layers, hidden }, inputs: [x] }) {
    const [length, width] = x.shape;
    return layers * (attentionWork(length, length, width) + 2 * length * width * hidden);
  },
  example:
    "shared sentence = words -> embed(16) -> add_positions -> transformer(layers: 2, heads: 4, hidden: 32) -> mean_pool",
});

export const crossAttention = layer({
  name: "cross_attention",
  doc:
    "Lets each position of the first tensor look at the positions of the second: softmax(Q Kᵀ / √(width / heads)) V, then a dense layer. " +
    "Padding of the second is never looked at; a row without any gives 0.",
  group: "sharing",
  aliases: ["CrossAttention", "co_attention"],
  source: "1706.03762",
  operands: { min: 2, max: 2 },
  settings: {
    heads: headsSetting,
    dropout: attentionDropout,
    residual: bool(false).describe("Adds the first tensor to the result."),
    gate: bool(false).describe(
      "With `residual`: multiplies what is added by tanh of a learned number that starts at 0.",
    ),
  },
  shape({ settings: { heads }, inputs: [query, context] }) {
    needSequence("cross_attention", query, 0);
    needSequence("cross_attention", context, 1);
    needHeads("cross_attention", query, heads);
    return resultType([query, context], query.shape, axisNames(query));
  },
  parameters: ({ settings: { gate }, inputs: [query, context] }) => ({
    ...attentionParameters(query.shape[1], context.shape[1]),
    ...(gate && { gate: { ...vector(1, 0), shape: [] } }),
  }),
  work: ({ inputs: [query, context] }) =>
    attentionWork(query.shape[0], context.shape[0], query.shape[1], context.shape[1]),
  example:
    "shared places = image -> conv2d(16, kernel: 3, stride: 3) -> reshape([16, 16])\nshared looked = cross_attention(words -> embed(16), places, heads: 4) -> mean_pool",
});

export const attentionPool = layer({
  name: "attention_pool",
  doc: "A weighted mean of the positions: softmax(x · kernel + bias) over the positions weighs them. Padding has no weight; without any position the result is 0.",
  group: "sequences",
  aliases: ["AttentionPooling", "attentive_pool"],
  operands: { min: 1, max: 1 },
  settings: {},
  shape({ inputs: [x] }) {
    needSequence("attention_pool", x);
    return resultType([x], [x.shape[1]]);
  },
  parameters: ({ inputs: [x] }) => denseParameters(x.shape[1], 1),
  work: ({ inputs: [x] }) => 2 * x.shape[0] * x.shape[1],
  example: "shared sentence = words -> embed(16) -> attention_pool",
});

function learnedPositions({ shape: [length, width] }: ConcreteType): ParameterSpec {
  return {
    shape: [length, width],
    start: startWord("normal", { sd: 0.02 }),
    fanIn: length,
    fanOut: width,
    decay: true,
  };
}

export const addPositions = layer({
  name: "add_positions",
  doc:
    "Adds to each position a vector that tells its place. `sinusoidal`: sin(p / 10000^(2k/width)) in channel 2k and cos of it in channel 2k + 1; " +
    "`learned`: a table [length, width].",
  group: "sequences",
  aliases: ["PositionalEncoding", "PositionEmbedding", "positional_encoding", "positions"],
  source: "1706.03762",
  operands: { min: 1, max: 1 },
  settings: {
    kind: choice("sinusoidal", "learned")
      .positional()
      .default("sinusoidal")
      .describe("Fixed waves, or learned vectors."),
  },
  shape({ inputs: [x] }) {
    needSequence("add_positions", x);
    return resultType([x], x.shape, [axisName(x, 0), null]);
  },
  parameters: ({ settings: { kind }, inputs: [x] }) => ({
    ...(kind === "learned" && { positions: learnedPositions(x) }),
  }),
  example: "shared sentence = words -> embed(16) -> add_positions -> mean_pool",
});
