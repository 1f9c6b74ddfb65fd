import type { Node } from "../graph/graph.ts";
import { isKnown } from "../ir/size.ts";
import { layer, ShapeProblem, type ConcreteType, type LayerContext } from "../registry/layer.ts";
import { int, number } from "../registry/settings.ts";
import { positionMask } from "./padding.ts";
import { axisNames, needNumbers, resultType, showType } from "./types.ts";
import type { Type } from "../ir/model.ts";
import { vector } from "./weights.ts";

/** Norms within an example: layer, rms, group. Across examples: `batch-norm.ts`. */

const epsilon = number({ above: 0 }).default(1e-5).describe("Added to the variance inside the root.");

export function needChannels(name: string, x: Type): void {
  needNumbers(name, x);
  const last = x.shape.length - 1;
  if (last >= 0 && axisNames(x)[last] === null) return;
  throw new ShapeProblem(`this is ${showType(x)}: ${name} needs an axis of channels`, {
    operand: 0,
    help: "`dense(16)` makes one",
  });
}

const channels = (type: ConcreteType): number => type.shape[type.shape.length - 1];

export const layerNorm = layer({
  name: "layer_norm",
  doc: "(x - mean) / √(variance + epsilon) · scale + offset over the last axis, at every position by itself. scale starts at 1, offset at 0.",
  group: "norms",
  aliases: ["LayerNormalization", "LayerNorm", "layernorm", "ln"],
  source: "1607.06450",
  operands: { min: 1, max: 1 },
  settings: { epsilon },
  shape({ inputs: [x] }) {
    needChannels("layer_norm", x);
    return resultType([x], x.shape, axisNames(x));
  },
  parameters: ({ inputs: [x] }) => ({ scale: vector(channels(x), 1), offset: vector(channels(x), 0) }),
  forward: (g, { settings, inputs: [x], parameters: { scale, offset } }) =>
    g.layerNorm(x, scale, offset, settings.epsilon),
  example: "shared trunk = x -> dense(16) -> layer_norm -> relu",
});

export const rmsNorm = layer({
  name: "rms_norm",
  doc: "x / √(mean(x²) + epsilon) · scale over the last axis, at every position by itself. scale starts at 1.",
  group: "norms",
  aliases: ["RMSNorm", "RMSNormalization"],
  source: "1910.07467",
  operands: { min: 1, max: 1 },
  settings: { epsilon },
  shape({ inputs: [x] }) {
    needChannels("rms_norm", x);
    return resultType([x], x.shape, axisNames(x));
  },
  parameters: ({ inputs: [x] }) => ({ scale: vector(channels(x), 1) }),
  forward(g, { settings, inputs: [x], parameters: { scale } }) {
    const power = g.mean(g.square(x), [-1], true);
    return g.mul(g.div(x, g.sqrt(g.add(power, g.constant(settings.epsilon)))), scale);
  },
  example: "shared trunk = x -> dense(16) -> rms_norm -> relu",
});

/** x as [batch, positions, groups, channels of a group]. */
function grouped(g: LayerContext, x: Node, type: ConcreteType, groups: number): Node {
  const positions = type.shape.slice(0, -1).reduce((product, size) => product * size, 1);
  return g.reshape(x, [g.batch, positions, groups, channels(type) / groups]);
}

export const groupNorm = layer({
  name: "group_norm",
  doc:
    "(x - mean) / √(variance + epsilon) · scale + offset, mean and variance over the positions and the channels of one group. " +
    "Padding of a token axis has no part in them. scale starts at 1, offset at 0.",
  group: "norms",
  aliases: ["GroupNormalization", "GroupNorm"],
  source: "1803.08494",
  operands: { min: 1, max: 1 },
  settings: { groups: int({ min: 1 }).positional().describe("How many groups the channels are split into."), epsilon },
  shape({ settings, inputs: [x] }) {
    needChannels("group_norm", x);
    const width = x.shape[x.shape.length - 1];
    if (!isKnown(width) || width % settings.groups !== 0)
      throw new ShapeProblem(`this is ${showType(x)}: ${settings.groups} groups do not divide its channels`, {
        operand: 0,
        help: "the number of channels must be a multiple of `groups`",
      });
    return resultType([x], x.shape, axisNames(x));
  },
  parameters: ({ inputs: [x] }) => ({ scale: vector(channels(x), 1), offset: vector(channels(x), 0) }),
  forward(g, { settings, inputs: [x], inputTypes: [type], parameters: { scale, offset } }) {
    const parts = grouped(g, x, type, settings.groups);
    const mask = positionMask(g, type);
    const weight = mask && grouped(g, g.broadcast(mask, x.type.shape), type, settings.groups);
    const count = weight && g.maximum(g.sum(weight, [1, 3], true), g.constant(1));
    const average = (values: Node): Node =>
      weight && count ? g.div(g.sum(g.mul(values, weight), [1, 3], true), count) : g.mean(values, [1, 3], true);
    const centered = g.sub(parts, average(parts));
    const variance = average(g.square(centered));
    const normal = g.div(centered, g.sqrt(g.add(variance, g.constant(settings.epsilon))));
    return g.add(g.mul(g.reshape(normal, x.type.shape), scale), offset);
  },
  example: "shared trunk = image -> conv2d(8, kernel: 3) -> group_norm(4) -> relu",
});
