import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import type { Model, Phase, Type } from "../ir/model.ts";
import type { Forward } from "./forward.ts";
import type { ParameterInfo } from "./parameters.ts";

/**
 * Everything that is added to the loss after the balance: what layers ask for, `penalty` declarations, and the norms of
 * `train { penalty: … }` over what weight decay would cover. A scalar, or null where there is nothing.
 */
export function tracePenalties(
  g: Builder,
  model: Model,
  phase: Phase,
  forward: Forward,
  trained: readonly { readonly info: ParameterInfo; readonly node: Node }[],
): Node | null {
  const parts: Node[] = [...forward.penalties];
  for (const penalty of model.penalties) {
    const value = forward.values.get(penalty.value);
    const type = forward.types.get(penalty.value);
    if (!value || !type) throw new Error(`the penalty ${penalty.name} was not made`);
    parts.push(g.within(penalty.name, () => meanOverReal(g, value, type, forward)));
  }
  for (const { word, settings } of phase.penalty) {
    const { strength: factor } = settings;
    if (typeof factor !== "number") throw new Error(`the penalty ${word} has no strength`);
    for (const { info, node } of trained) {
      if (!info.decay && phase.optimizer.settings.decay !== "all") continue;
      const norm = word === "l2" ? g.sum(g.square(node)) : g.sum(g.abs(node));
      parts.push(g.mul(norm, g.constant(factor)));
    }
  }
  return parts.length === 0 ? null : parts.reduce((a, b) => g.add(a, b));
}

/** A scalar as it is; what keeps a batch axis is averaged over real rows, real positions and every other axis. */
function meanOverReal(g: Builder, value: Node, type: Type, { rows, masks }: Forward): Node {
  if (value.type.shape.length === 0) return value;
  if (type.batch === false) return g.mean(value);
  const along = (weights: Node, axes: readonly number[]): Node =>
    g.reshape(
      weights,
      value.type.shape.map((size, axis) => (axes.includes(axis) ? size : 1)),
    );
  let weight = along(rows, [0]);
  let others = 1;
  type.shape.forEach((_, index) => {
    const name = type.axes?.[index] ?? null;
    const mask = name === null ? undefined : masks.get(name);
    if (mask) weight = g.mul(weight, along(mask, [0, index + 1]));
    else others *= value.type.shape[index + 1];
  });
  const count = g.maximum(g.mul(g.sum(weight), g.constant(others)), g.constant(1));
  return g.div(g.sum(g.mul(value, weight)), count);
}
