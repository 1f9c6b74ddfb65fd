import { TypeProblem } from "./builder.ts";

/** Shapes and how row-major memory is walked. */

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** Distance in memory between neighbours along each axis. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** The common shape after numpy's rule: aligned from the right, size 1 stretches. */
export function broadcastShapes(operation: string, shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    shape.forEach((size, axis) => {
      const at = axis + rank - shape.length;
      if (size === 1 || size === result[at]) return;
      if (result[at] !== 1)
        throw new TypeProblem(operation, `shapes ${shapes.map(showShape).join(" and ")} do not broadcast`);
      result[at] = size;
    });
  }
  return result;
}

/** Strides that read memory of shape `from` as if it were stretched to `to`. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const own = rowMajorStrides(from);
  const leading = to.length - from.length;
  return to.map((_, axis) => (axis < leading || from[axis - leading] === 1 ? 0 : own[axis - leading]));
}

/** Memory offset of every element of `shape`, in row-major order, where axis k advances by `strides[k]`. */
export function offsets(shape: readonly number[], strides: readonly number[], start = 0): Int32Array {
  let result = Int32Array.of(start);
  for (let axis = 0; axis < shape.length; axis++) {
    const next = new Int32Array(result.length * shape[axis]);
    let at = 0;
    for (const offset of result) for (let k = 0; k < shape[axis]; k++) next[at++] = offset + k * strides[axis];
    result = next;
  }
  return result;
}

/** An axis counted from the front. */
export function normalAxis(operation: string, axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || counted < 0 || counted >= rank)
    throw new TypeProblem(operation, `axis ${axis} of a tensor of rank ${rank}`);
  return counted;
}

/** Axes counted from the front, in order; all of them where absent. */
export function normalAxes(operation: string, axes: readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const counted = axes.map((axis) => normalAxis(operation, axis, rank)).sort((a, b) => a - b);
  if (new Set(counted).size !== counted.length) throw new TypeProblem(operation, `axes [${axes.join(", ")}] repeat`);
  return counted;
}

export function showShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
