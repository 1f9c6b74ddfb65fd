import type { Node } from "../graph/graph.ts";
import { layer, type ConcreteType, type LayerContext } from "../registry/layer.ts";
import { number } from "../registry/settings.ts";
import { needChannels } from "./norms.ts";
import { positionMask } from "./padding.ts";
import { axisName, axisNames, resultType } from "./types.ts";
import { vector } from "./weights.ts";

const channels = (type: ConcreteType): number => type.shape[type.shape.length - 1];

/** 1 for what counts, broadcastable to x, and how many positions do: rows added to fill the batch and padding do not. */
function realElements(g: LayerContext, type: ConcreteType): { readonly weight: Node; readonly count: Node } {
  const rows = g.reshape(g.rows(), [g.batch, ...type.shape.map(() => 1)]);
  const mask = positionMask(g, type);
  const weight = mask ? g.mul(rows, mask) : rows;
  const unnamed = type.shape.slice(0, -1).filter((_, index) => axisName(type, index) === null);
  const perWeight = unnamed.reduce((product, size) => product * size, 1);
  return { weight, count: g.mul(g.sum(weight), g.constant(perWeight)) };
}

/** Batch normalisation, with running statistics for evaluation. */
export const batchNorm = layer({
  name: "batch_norm",
  doc:
    "(x - mean) / √(variance + epsilon) · scale + offset for each channel. Training takes mean and variance of the batch (variance / n) and keeps " +
    "running = momentum · running + (1 - momentum) · batch (there variance / (n - 1)); evaluation uses the running ones. " +
    "A batch with a single value of each channel leaves them as they are. " +
    "Padding and rows that only fill a batch do not count. scale starts at 1, offset at 0, running mean at 0, running variance at 1.",
  group: "norms",
  aliases: ["BatchNormalization", "BatchNorm2d", "BatchNorm1d", "batchnorm", "bn"],
  source: "1502.03167",
  operands: { min: 1, max: 1 },
  settings: {
    momentum: number({ min: 0, below: 1 }).default(0.9).describe("Share of the running statistics that a step keeps."),
    epsilon: number({ above: 0 }).default(1e-5).describe("Added to the variance inside the root."),
  },
  shape({ inputs: [x] }) {
    needChannels("batch_norm", x);
    return resultType([x], x.shape, axisNames(x));
  },
  parameters: ({ inputs: [x] }) => ({ scale: vector(channels(x), 1), offset: vector(channels(x), 0) }),
  states: ({ inputs: [x] }) => ({
    mean: { shape: [channels(x)], start: 0 },
    variance: { shape: [channels(x)], start: 1 },
  }),
  forward(g, { settings, inputs: [x], inputTypes: [type], parameters: { scale, offset } }) {
    const normal = (centered: Node, variance: Node): Node =>
      g.add(g.mul(centered, g.div(scale, g.sqrt(g.add(variance, g.constant(settings.epsilon))))), offset);
    if (!g.training) return normal(g.sub(x, g.state("mean")), g.state("variance"));

    const { weight, count } = realElements(g, type);
    const axes = type.shape.map((_, index) => index);
    const average = (values: Node): Node => g.div(g.sum(g.mul(values, weight), axes), g.maximum(count, g.constant(1)));
    const mean = average(x);
    const centered = g.sub(x, mean);
    const variance = average(g.square(centered));

    const unbiased = g.mul(variance, g.div(count, g.maximum(g.sub(count, g.constant(1)), g.constant(1))));
    // A single value, such as the last row of an epoch, has no variance to learn from.
    const several = g.greater(count, g.constant(1));
    const next = (name: string, batch: Node): void => {
      const kept = g.mul(g.state(name), g.constant(settings.momentum));
      const moved = g.add(kept, g.mul(batch, g.constant(1 - settings.momentum)));
      g.setState(name, g.select(several, moved, g.state(name)));
    };
    next("mean", mean);
    next("variance", unbiased);
    return normal(centered, variance);
  },
  example: "shared trunk = image -> conv2d(8, kernel: 3) -> batch_norm -> relu",
});
