/**
 * Orders of axes: axis k in memory is axis `order[k]` of the tensor that is meant. An image that is meant as
 * [batch, height, width, channels] and kept as [batch, channels, height, width] has the order [0, 3, 1, 2].
 */
export type Order = readonly number[];

export const CHANNELS_FIRST: Order = [0, 3, 1, 2];
/** A kernel [height, width, in, out] kept as [out, in, height, width]. */
export const KERNEL: Order = [3, 2, 0, 1];

export function identity(rank: number): Order {
  return Array.from({ length: rank }, (_, axis) => axis);
}

export function isIdentity(order: Order): boolean {
  return order.every((axis, place) => axis === place);
}

export function sameOrder(a: Order, b: Order): boolean {
  return a.length === b.length && a.every((axis, place) => axis === b[place]);
}

/** A list by axis of the tensor that is meant, listed as memory has it. */
export function arranged<T>(list: readonly T[], order: Order): T[] {
  return order.map((axis) => list[axis]);
}

/** Where in memory the axes stand. */
export function places(axes: readonly number[], order: Order): number[] {
  return axes.map((axis) => order.indexOf(axis)).sort((a, b) => a - b);
}

/** True where going from one order to the other moves elements, and not only axes of size 1. */
export function moves(shape: readonly number[], from: Order, to: Order): boolean {
  const real = (order: Order): Order => order.filter((axis) => shape[axis] !== 1);
  return !sameOrder(real(from), real(to));
}

/** The order of what is left when `axes` are dropped. */
export function withoutAxes(order: Order, axes: readonly number[]): Order {
  const kept = order.filter((axis) => !axes.includes(axis));
  return kept.map((axis) => axis - axes.filter((dropped) => dropped < axis).length);
}
