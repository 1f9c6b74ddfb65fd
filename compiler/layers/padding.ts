import type { Node } from "../graph/graph.ts";
import type { ConcreteType, LayerContext } from "../registry/layer.ts";
import { axisName } from "./types.ts";

/** How layers treat the padding of token axes. Tensors have the batch axis in front, so axis i of a type is axis i + 1 here. */

/**
 * 1 at real positions and 0 at padding, broadcastable to a tensor of this type ([batch, length, 1]), or null where none of the
 * axes is a token axis. `axes` (all where absent) are those that count.
 */
export function positionMask(g: LayerContext, type: ConcreteType, axes?: readonly number[]): Node | null {
  let mask: Node | null = null;
  type.shape.forEach((length, index) => {
    const axis = axisName(type, index);
    if (axis === null || (axes && !axes.includes(index))) return;
    const own = g.reshape(g.mask(axis), [g.batch, ...type.shape.map((_, other) => (other === index ? length : 1))]);
    mask = mask ? g.mul(mask, own) : own;
  });
  return mask;
}

/** x with zeros at padded positions: what a layer reads that knows nothing of padding. */
export function zeroPadding(g: LayerContext, x: Node, type: ConcreteType): Node {
  const mask = positionMask(g, type);
  return mask ? g.mul(x, mask) : x;
}
