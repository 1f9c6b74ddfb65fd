import type { Node } from "../graph/graph.ts";
import type { Type } from "../ir/model.ts";
import { layer, ShapeProblem, type ConcreteType, type LayerContext } from "../registry/layer.ts";
import { either, int, nameOf } from "../registry/settings.ts";
import { positionMask } from "./padding.ts";
import { axisName, needNumbers, resultType, showType } from "./types.ts";

/** What takes axes away: means, sums and maxima, in which padding has no part. */

const axisSetting = (what: string) =>
  either(nameOf("axis"), int())
    .optional()
    .describe(
      `The one axis to ${what}: a token axis by its name, or a number (0 is the first after the batch, -1 the last).`,
    );

/** The indices of the axes that go: the one that is named, or all of `among`. */
function chosenAxes(
  layerName: string,
  type: Pick<Type, "shape" | "axes" | "batch">,
  axis: string | number | null,
  among: readonly number[],
): readonly number[] {
  if (axis === null) return among;
  const rank = type.shape.length;
  const index =
    typeof axis === "string"
      ? type.shape.findIndex((_, candidate) => axisName(type, candidate) === axis)
      : axis < 0
        ? axis + rank
        : axis;
  if (among.includes(index)) return [index];
  const choices = among.map((candidate) => axisName(type, candidate) ?? candidate);
  throw new ShapeProblem(`${showType(type)} has no axis ${axis} that ${layerName} could take away`, {
    help: choices.length > 0 ? `it could be ${choices.join(" or ")}` : undefined,
  });
}

function without(type: Type, gone: readonly number[]): Type {
  const keep = type.shape.map((_, index) => index).filter((index) => !gone.includes(index));
  return resultType(
    [type],
    keep.map((index) => type.shape[index]),
    keep.map((index) => axisName(type, index)),
  );
}

/** Axes of the tensor, batch axis in front, for axes of the type. */
function tensorAxes(type: ConcreteType, axes: readonly number[]): number[] {
  return axes.map((axis) => (type.batch === false ? axis : axis + 1));
}

/** x where positions are real, `otherwise` at padding of the axes that go. */
function realOr(g: LayerContext, x: Node, mask: Node | null, otherwise: number): Node {
  return mask ? g.select(g.greater(mask, g.constant(0)), x, g.constant(otherwise)) : x;
}

function maskedSum(g: LayerContext, x: Node, type: ConcreteType, axes: readonly number[]): Node {
  if (axes.length === 0) return x;
  return g.sum(realOr(g, x, positionMask(g, type, axes), 0), tensorAxes(type, axes));
}

/** Mean over real positions; 0 where there are none. */
function maskedMean(g: LayerContext, x: Node, type: ConcreteType, axes: readonly number[]): Node {
  if (axes.length === 0) return x;
  const mask = positionMask(g, type, axes);
  if (!mask) return g.mean(x, tensorAxes(type, axes));
  const unnamed = axes.filter((axis) => axisName(type, axis) === null);
  const others = unnamed.reduce((count, axis) => count * type.shape[axis], 1);
  const positions = g.maximum(g.sum(mask, tensorAxes(type, axes)), g.constant(1));
  const sum = g.sum(realOr(g, x, mask, 0), tensorAxes(type, axes));
  return g.div(sum, g.mul(positions, g.constant(others)));
}

/** Far below any value, and finite: -∞ would make NaN of gradients. */
const lowest = -1e30;

/** Maximum over real positions; 0 where there are none. */
function maskedMax(g: LayerContext, x: Node, type: ConcreteType, axes: readonly number[]): Node {
  if (axes.length === 0) return x;
  const mask = positionMask(g, type, axes);
  const largest = g.max(realOr(g, x, mask, lowest), tensorAxes(type, axes));
  if (!mask) return largest;
  const some = g.greater(g.max(mask, tensorAxes(type, axes)), g.constant(0));
  return g.select(some, largest, g.constant(0));
}

/** The axes between batch and channels. */
function positionAxes(type: { readonly shape: readonly unknown[] }): readonly number[] {
  return type.shape.map((_, index) => index).slice(0, -1);
}

function needPositions(name: string, type: Type): void {
  needNumbers(name, type);
  if (type.shape.length >= 2) return;
  throw new ShapeProblem(
    `this is ${showType(type)}: ${name} takes away the axes between batch and channels, and there are none`,
    {
      operand: 0,
      help: "a vector needs no pooling: leave it out",
    },
  );
}

export const meanPool = layer({
  name: "mean_pool",
  doc:
    "The mean over every axis between batch and channels, or over one: [_, 50, 64] becomes [_, 64]. " +
    "Padding of a token axis is skipped; where no position is left the result is 0.",
  group: "shape",
  aliases: [
    "GlobalAveragePooling2D",
    "GlobalAveragePooling1D",
    "AdaptiveAvgPool2d",
    "global_avg_pool",
    "average_pool",
    "avg_pool",
  ],
  operands: { min: 1, max: 1 },
  settings: { axis: axisSetting("average over") },
  shape({ settings, inputs: [x] }) {
    needPositions("mean_pool", x);
    return without(x, chosenAxes("mean_pool", x, settings.axis, positionAxes(x)));
  },
  forward: (g, { settings, inputs: [x], inputTypes: [type] }) =>
    maskedMean(g, x, type, chosenAxes("mean_pool", type, settings.axis, positionAxes(type))),
  example: "shared sentence = words -> embed(16) -> mean_pool",
});

export const maxPool = layer({
  name: "max_pool",
  doc:
    "The largest value over every axis between batch and channels, or over one: [_, 50, 64] becomes [_, 64]. " +
    "Padding of a token axis is skipped; where no position is left the result is 0.",
  group: "shape",
  aliases: ["GlobalMaxPooling2D", "GlobalMaxPooling1D", "AdaptiveMaxPool2d", "global_max_pool"],
  operands: { min: 1, max: 1 },
  settings: { axis: axisSetting("look along") },
  shape({ settings, inputs: [x] }) {
    needPositions("max_pool", x);
    return without(x, chosenAxes("max_pool", x, settings.axis, positionAxes(x)));
  },
  forward: (g, { settings, inputs: [x], inputTypes: [type] }) =>
    maskedMax(g, x, type, chosenAxes("max_pool", type, settings.axis, positionAxes(type))),
  example: "shared sentence = words -> embed(16) -> max_pool",
});

const allAxes = (type: { readonly shape: readonly unknown[] }): readonly number[] =>
  type.shape.map((_, index) => index);

export const mean = layer({
  name: "mean",
  doc: "The mean of all numbers of an example, or along one axis. Padding of a token axis does not count.",
  group: "arithmetic",
  aliases: ["reduce_mean", "average"],
  operands: { min: 1, max: 1 },
  settings: { axis: axisSetting("average over") },
  shape({ settings, inputs: [x] }) {
    needNumbers("mean", x);
    return without(x, chosenAxes("mean", x, settings.axis, allAxes(x)));
  },
  forward: (g, { settings, inputs: [x], inputTypes: [type] }) =>
    maskedMean(g, x, type, chosenAxes("mean", type, settings.axis, allAxes(type))),
  example: "shared trunk = x -> dense(16)\npenalty small = 0.01 * mean(square(trunk))",
});

export const sum = layer({
  name: "sum",
  doc: "The sum of all numbers of an example, or along one axis. Padding of a token axis counts as 0.",
  group: "arithmetic",
  aliases: ["reduce_sum"],
  operands: { min: 1, max: 1 },
  settings: { axis: axisSetting("add up") },
  shape({ settings, inputs: [x] }) {
    needNumbers("sum", x);
    return without(x, chosenAxes("sum", x, settings.axis, allAxes(x)));
  },
  forward: (g, { settings, inputs: [x], inputTypes: [type] }) =>
    maskedSum(g, x, type, chosenAxes("sum", type, settings.axis, allAxes(type))),
  example: "shared trunk = x -> dense(16)\npenalty small = 0.01 * sum(abs(trunk))",
});
