import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import type { Model, Phase } from "../ir/model.ts";
import type { Forward } from "./forward.ts";
import type { Registry } from "../registry/registry.ts";
import type { ParameterInfo } from "../ir/parameters.ts";

/**
 * Everything that is added to the loss after the balance: what layers ask for, `penalty` declarations, and the norms of
 * `train { penalty: … }` over what weight decay would cover. A scalar, or null where there is nothing.
 */
export function tracePenalties(
  g: Builder,
  model: Model,
  registry: Registry,
  phase: Phase,
  forward: Forward,
  trained: readonly { readonly info: ParameterInfo; readonly node: Node }[],
): Node | null {
  const parts: Node[] = [...forward.penalties];
  for (const penalty of model.penalties) {
    const value = forward.values.get(penalty.value);
    if (!value) throw new Error(`the penalty ${penalty.name} was not made`);
    parts.push(g.within(penalty.name, () => meanOverRows(g, value, forward.rows)));
  }
  for (const { word, settings } of phase.penalty) {
    const { strength: factor } = settings;
    const row = registry.penalty.get(word);
    if (!row) throw new Error(`there is no penalty ${word}`);
    if (typeof factor !== "number") throw new Error(`the penalty ${word} has no strength`);
    for (const { info, node } of trained) {
      if (!info.decay && phase.optimizer.settings.decay !== "all") continue;
      parts.push(g.mul(row.norm(g, node), g.constant(factor)));
    }
  }
  return parts.length === 0 ? null : parts.reduce((a, b) => g.add(a, b));
}

/** A scalar as it is; one number a row is averaged over real rows. */
function meanOverRows(g: Builder, value: Node, rows: Node): Node {
  const { shape } = value.type;
  if (shape.length === 0) return value;
  if (shape.length > 1) throw new Error(`a penalty is one number, and is [${shape.join(", ")}]`);
  return g.div(g.sum(g.mul(value, rows)), g.sum(rows));
}
