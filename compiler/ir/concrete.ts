import type { ConcreteType } from "../registry/layer.ts";
import type { Type } from "./model.ts";
import { isKnown } from "./size.ts";

/** A type with all sizes as numbers, or null while data have not told them. */
export function concreteType(type: Type): ConcreteType | null {
  const shape: number[] = [];
  for (const size of type.shape) {
    if (!isKnown(size)) return null;
    shape.push(size);
  }
  const { element, axes, batch, codes } = type;
  if (codes !== undefined && !isKnown(codes)) return null;
  return { element, shape, ...(axes && { axes }), ...(batch === false && { batch }), ...(codes && { codes }) };
}
