import type { Node } from "../graph/graph.ts";
import type { Type } from "../ir/model.ts";
import { addSizes, equalSizes, isKnown, multiplySizes, showSize } from "../ir/size.ts";
import { layer, ShapeProblem, type ConcreteType, type LayerContext } from "../registry/layer.ts";
import { axisName, axisNames, needNumbers, resultType, showType, withChannels } from "./types.ts";

/** Why the axes before the last of two tensors differ, and what to write. */
function clash(first: Type, other: Type, operand: number): ShapeProblem {
  const message = `this is ${showType(other)} beside ${showType(first)}: concat joins tensors that differ in the last axis only`;
  const longer = other.shape.length > first.shape.length ? other : first;
  const shorter = longer === other ? first : other;
  const axis = axisNames(longer).find((name) => name !== null && !axisNames(shorter).includes(name));
  if (longer.shape.length === shorter.shape.length) return new ShapeProblem(message, { operand });
  if (shorter.shape.length === 1) {
    const channels = longer.shape[longer.shape.length - 1];
    const pooled = `\`mean_pool\` of ${showType(longer)} gives [_, ${showSize(channels)}]`;
    const spread = axis ? `, or repeat the other along it: \`broadcast(${axis})\`` : "";
    const total = multiplySizes(...longer.shape);
    const flat = !axis && isKnown(total) ? `, \`flatten\` [_, ${total}]` : "";
    return new ShapeProblem(message, { operand, help: `bring both to one rank: ${pooled}${flat}${spread}` });
  }
  return new ShapeProblem(message, { operand });
}

function agree(a: Type, b: Type): boolean {
  const outer = a.shape.slice(0, -1);
  return (
    a.shape.length === b.shape.length &&
    outer.every((size, index) => equalSizes(size, b.shape[index]) && axisName(a, index) === axisName(b, index))
  );
}

/** The operand with its channel axis and, where it had none, the batch axis. */
function spread(g: LayerContext, x: Node, type: ConcreteType, rank: number): Node {
  const batched = type.batch === false ? g.broadcast(x, [g.batch, ...type.shape]) : x;
  return type.shape.length < rank ? g.reshape(batched, [...batched.type.shape, 1]) : batched;
}

/** Joins tensors along their last axis. */
export const concat = layer({
  name: "concat",
  doc:
    "Joins tensors along their last axis: concat of [_, 4] and [_, 8] is [_, 12]. All other axes must be equal, token axes by name. " +
    "A scalar counts as [1].",
  group: "shape",
  aliases: ["Concatenate", "cat", "concatenate", "hstack", "stack", "join"],
  operands: { min: 1, max: Number.POSITIVE_INFINITY },
  settings: {},
  shape({ inputs }) {
    inputs.forEach((input, operand) => needNumbers("concat", input, operand));
    const parts = inputs.map(withChannels);
    parts.forEach((part, operand) => {
      if (!agree(parts[0], part)) throw clash(parts[0], part, operand);
    });
    const total = addSizes(...parts.map((part) => part.shape[part.shape.length - 1]));
    return resultType(inputs, [...parts[0].shape.slice(0, -1), total], axisNames(parts[0]).slice(0, -1));
  },
  forward(g, { inputs, inputTypes, outputType }) {
    const rank = outputType.shape.length;
    if (outputType.batch === false)
      return g.concat(
        inputs.map((x, k) => (inputTypes[k].shape.length < rank ? g.reshape(x, [...x.type.shape, 1]) : x)),
        -1,
      );
    return g.concat(
      inputs.map((x, k) => spread(g, x, inputTypes[k], rank)),
      -1,
    );
  },
  example: "shared both = concat(x, image -> mean_pool) -> dense(16)",
});
