import type { Node } from "../graph/graph.ts";
import type { Type } from "../ir/model.ts";
import { equalSizes, isKnown, showSize, type Size } from "../ir/size.ts";
import { ShapeProblem, type ConcreteType, type LayerContext } from "../registry/layer.ts";
import { axisName, axisNames, showType } from "./types.ts";

/**
 * How two tensors meet element by element: axes are aligned from the right after the batch axis, token axes by name, and an
 * axis of size 1 or a missing one is repeated. Two different token axes never meet, even of equal length.
 */
export interface Alignment {
  readonly shape: readonly Size[];
  readonly axes: readonly (string | null)[];
  /** For each operand and each of its axes: the axis of the result it stands on. */
  readonly places: readonly [readonly number[], readonly number[]];
}

interface Place {
  readonly size: Size;
  readonly axis: string | null;
}

function meet(a: Place, b: Place): Place | null {
  if (a.axis !== null && b.axis !== null && a.axis !== b.axis) return null;
  if (equalSizes(a.size, b.size)) return { size: a.size, axis: a.axis ?? b.axis };
  if (a.size === 1) return b;
  if (b.size === 1) return a;
  return null;
}

function clash(a: Type, b: Type, axisOfA: number, axisOfB: number): ShapeProblem {
  const nameOfA = axisName(a, axisOfA);
  const nameOfB = axisName(b, axisOfB);
  const sizeOfA = a.shape[axisOfA];
  const sizeOfB = b.shape[axisOfB];
  const say = (name: string | null, size: Size): string => (name === null ? showSize(size) : `the axis ${name}`);
  const channels = axisOfA === a.shape.length - 1 && axisOfB === b.shape.length - 1;
  const help =
    nameOfA !== null && nameOfB !== null
      ? "axes of two texts never meet: pool one of them, `mean_pool`, or let one look at the other, `cross_attention`"
      : nameOfA !== null || nameOfB !== null
        ? `repeat the other along it: \`broadcast(${nameOfA ?? nameOfB})\``
        : channels && isKnown(sizeOfA)
          ? `\`dense(${sizeOfA})\` brings ${showType(b)} to a last axis of ${sizeOfA}`
          : undefined;
  return new ShapeProblem(
    `this is ${showType(b)} beside ${showType(a)}: axes are aligned from the right, and ${say(nameOfA, sizeOfA)} does not meet ${say(nameOfB, sizeOfB)}`,
    { operand: 1, help },
  );
}

/** Where the axes of two types meet. Throws ShapeProblem where they do not. */
export function align(a: Type, b: Type): Alignment {
  const swapped = b.shape.length > a.shape.length;
  const [long, short] = swapped ? [b, a] : [a, b];
  const result: Place[] = long.shape.map((size, index) => ({ size, axis: axisName(long, index) }));
  const places: number[] = [];
  let next = long.shape.length - 1;
  for (let index = short.shape.length - 1; index >= 0; index--) {
    const own: Place = { size: short.shape[index], axis: axisName(short, index) };
    const byName = own.axis === null ? -1 : axisNames(long).indexOf(own.axis);
    const place = byName >= 0 && byName <= next ? byName : next;
    const met = place >= 0 ? meet(result[place], own) : null;
    if (!met) {
      const other = Math.max(place, 0);
      throw swapped ? clash(short, long, index, other) : clash(long, short, other, index);
    }
    result[place] = met;
    places.unshift(place);
    next = place - 1;
  }
  const straight = long.shape.map((_, index) => index);
  return {
    shape: result.map((place) => place.size),
    axes: result.map((place) => place.axis),
    places: swapped ? [places, straight] : [straight, places],
  };
}

/** The tensor with 1-sized axes put in, so that it broadcasts in its place: [batch, length] beside [batch, length, 64] becomes [batch, length, 1]. */
export function placed(g: LayerContext, x: Node, type: ConcreteType, places: readonly number[], rank: number): Node {
  const shape = Array.from({ length: rank }, (_, axis) => {
    const own = places.indexOf(axis);
    return own < 0 ? 1 : type.shape[own];
  });
  const whole = type.batch === false ? shape : [g.batch, ...shape];
  const same = whole.length === x.type.shape.length && whole.every((size, axis) => size === x.type.shape[axis]);
  return same ? x : g.reshape(x, whole);
}
