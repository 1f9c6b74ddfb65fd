import type { Node } from "../graph/graph.ts";
import { layer, type ConcreteType, type LayerContext, type ParameterSpec } from "../registry/layer.ts";
import { choice } from "../registry/settings.ts";
import { axisName, needSequence, resultType } from "./types.ts";
import { waves } from "./waves.ts";
import { startWord } from "./weights.ts";

function learnedPositions({ shape: [length, width] }: ConcreteType): ParameterSpec {
  return {
    shape: [length, width],
    start: startWord("normal", { sd: 0.02 }),
    fanIn: length,
    fanOut: width,
    decay: true,
  };
}

function wavesOf(g: LayerContext, { shape: [length, width] }: ConcreteType): Node {
  return g.constant(waves(length, width), { element: "f32", shape: [length, width] });
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
  forward: (g, { inputs: [x], inputTypes: [type], parameters: { positions } }) =>
    g.add(x, positions ?? wavesOf(g, type)),
  example: "shared sentence = words -> embed(16) -> add_positions -> mean_pool",
});
