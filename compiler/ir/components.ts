import type { TaskKind } from "./model.ts";

/** What one of several columns holds of an answer: a number, or a list along its token axis. */
export interface Component {
  /** Where its numbers stand among those of the answer: the first, and how far the next is from it. */
  readonly from: number;
  readonly step: number;
  readonly count: number;
  /** Of an answer of it alone. */
  readonly kind: TaskKind;
}

/** The token axes of an answer, by their places in its shape. */
export function tokenAxes({ axes = [] }: Pick<TaskKind, "axes">): readonly number[] {
  return Array.from(axes.keys()).filter((axis) => axes[axis] !== null);
}

/**
 * What each of so many columns holds of answers of this shape, if each holds a number of it or, along its one token axis, a list;
 * null where the columns hold something else.
 */
export function componentsOf(kind: TaskKind, shape: readonly number[], columns: number): readonly Component[] | null {
  const [axis, ...others] = tokenAxes(kind);
  const count = axis === undefined ? 1 : shape[axis];
  if (others.length > 0 || columns * count !== sizeOf(shape)) return null;
  const step = axis === undefined ? 1 : sizeOf(shape.slice(axis + 1));
  const along = axis === undefined ? { shape: [1] } : { shape: [shape[axis]], axes: [kind.axes?.[axis] ?? null] };
  const one: TaskKind = kind.word === "flags" ? { ...kind, size: 1 } : { ...kind, ...along };
  return Array.from({ length: columns }, (_, k) => {
    const from = Math.floor(k / step) * step * count + (k % step);
    return { from, step, count, kind: one };
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
