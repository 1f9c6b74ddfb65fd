import type { Builder } from "../graph/builder.ts";
import { elementCount } from "../graph/graph.ts";
import type { Node } from "../graph/graph.ts";
import type { LossParts, LossRow } from "../registry/rows.ts";
import type { SettingRows } from "../registry/settings.ts";

/** A row of the table of losses; `built` follows from `parts`. */
export function loss<S extends SettingRows>(row: Omit<LossRow<S>, "table" | "built">): LossRow<S> {
  return { ...row, table: "loss", built: row.parts !== undefined };
}

/** The weighted sum of what each element costs; missing elements have the weight 0. */
export function weightedSum(g: Builder, elements: Node, weight: Node): LossParts {
  return { sum: g.sum(g.mul(weight, elements)), count: g.sum(weight) };
}

/** A value in the target's shape: heads of one number keep an axis of size 1 that their targets do not have. */
export function inShapeOf(g: Builder, target: Node, value: Node): Node {
  const { shape } = target.type;
  const given = value.type.shape;
  if (given.length === shape.length && given.every((size, axis) => size === shape[axis])) return value;
  if (elementCount(given) !== elementCount(shape)) {
    throw new Error(`prediction [${given.join(", ")}] does not answer target [${shape.join(", ")}]`);
  }
  return g.reshape(value, shape);
}

/** 1 where an element is present, whatever its row weighs, else 0. */
export function presence(g: Builder, weight: Node): Node {
  return g.greater(weight, g.constant(0));
}
