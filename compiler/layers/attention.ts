import type { Type } from "../ir/model.ts";
import { isKnown, showSize } from "../ir/size.ts";
import { layer, ShapeProblem, type ConcreteType, type LayerContext, type ParameterSpec } from "../registry/layer.ts";
import { bool, int, number } from "../registry/settings.ts";
import type { Node } from "../graph/graph.ts";
import { attend } from "./attend.ts";
import { axisName, axisNames, needSequence, resultType, showType } from "./types.ts";
import { denseParameters, under, vector } from "./weights.ts";

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

/** [batch, length]: 1 at the real positions of a sequence, or null where all are. */
export function sequenceMask(g: LayerContext, type: ConcreteType): Node | null {
  const axis = axisName(type, 0);
  return axis === null ? null : g.mask(axis);
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
  forward: (g, { settings, inputs: [x], inputTypes: [type], parameters }) =>
    attend(g, x, x, parameters, { ...settings, mask: sequenceMask(g, type), name: "dropout" }),
  work: ({ inputs: [x] }) => attentionWork(x.shape[0], x.shape[0], x.shape[1]),
  example: "shared sentence = words -> embed(16) -> attention(heads: 4) -> mean_pool",
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
  forward(g, { settings, inputs: [query, context], inputTypes: [, type], parameters }) {
    const { heads, dropout, residual, gate } = settings;
    const mask = sequenceMask(g, type);
    let looked = attend(g, query, context, parameters, { heads, dropout, causal: false, mask, name: "dropout" });
    if (mask) looked = g.mul(looked, g.reshape(g.max(mask, [1]), [g.batch, 1, 1]));
    if (gate) looked = g.mul(looked, g.tanh(parameters.gate));
    return residual ? g.add(query, looked) : looked;
  },
  work: ({ inputs: [query, context] }) =>
    attentionWork(query.shape[0], context.shape[0], query.shape[1], context.shape[1]),
  example:
    "shared places = image -> conv2d(16, kernel: 3, stride: 3) -> reshape([16, 16])\nshared looked = cross_attention(words -> embed(16), places, heads: 4) -> mean_pool",
});
