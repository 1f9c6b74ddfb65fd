import type { Node } from "../graph/graph.ts";
import { layer, type LayerContext, type ParameterSpec } from "../registry/layer.ts";
import { choice, int } from "../registry/settings.ts";
import { attend, denseOf, dropped, within } from "./attend.ts";
import {
  attentionDropout,
  attentionParameters,
  attentionWork,
  headsSetting,
  needHeads,
  sequenceMask,
} from "./attention.ts";
import { axisNames, needSequence, resultType } from "./types.ts";
import { denseParameters, under, vector } from "./weights.ts";

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

const epsilon = 1e-5;

function normed(g: LayerContext, x: Node, weights: Readonly<Record<string, Node>>, name: string): Node {
  return g.layerNorm(x, weights[`${name}.scale`], weights[`${name}.offset`], epsilon);
}

function activate(g: LayerContext, x: Node, activation: "gelu" | "relu" | "silu"): Node {
  switch (activation) {
    case "gelu":
      return g.gelu(x);
    case "relu":
      return g.relu(x);
    case "silu":
      return g.mul(x, g.sigmoid(x));
    default: {
      const never: never = activation;
      throw new Error(`no activation ${String(never)}`);
    }
  }
}

export const transformer = layer({
  name: "transformer",
  doc: "Layers of x + attention(norm(x)), then x + dense(activation(dense(norm(x)))), with one norm at the end. It knows no order: `add_positions` tells it.",
  group: "sequences",
  aliases: ["TransformerEncoder", "TransformerEncoderLayer", "TransformerBlock", "encoder"],
  source: "2002.04745",
  operands: { min: 1, max: 1 },
  // Two norms, four `dense` of the attention with scores, softmax and sum, two `dense` with gelu, two sums.
  stack: { setting: "layers", each: 14 },
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
  forward(g, { settings, inputs: [x], inputTypes: [type], parameters }) {
    const { layers, heads, dropout, activation } = settings;
    const mask = sequenceMask(g, type);
    let state = x;
    for (let index = 1; index <= layers; index++) {
      const own = within(parameters, String(index));
      const from = normed(g, state, own, "norm_1");
      const looked = attend(g, from, from, within(own, "attention"), {
        heads,
        dropout,
        causal: false,
        mask,
        name: `${index}.attention.dropout`,
      });
      state = g.add(state, dropped(g, looked, dropout, `${index}.dropout_1`));
      const hidden = activate(g, denseOf(g, normed(g, state, own, "norm_2"), own, "dense_1"), activation);
      state = g.add(state, dropped(g, denseOf(g, hidden, own, "dense_2"), dropout, `${index}.dropout_2`));
    }
    return normed(g, state, parameters, "norm");
  },
  work({ settings: { layers, hidden }, inputs: [x] }) {
    const [length, width] = x.shape;
    return layers * (attentionWork(length, length, width) + 2 * length * width * hidden);
  },
  example:
    "shared sentence = words -> embed(16) -> add_positions -> transformer(layers: 2, heads: 4, hidden: 32) -> mean_pool",
});
