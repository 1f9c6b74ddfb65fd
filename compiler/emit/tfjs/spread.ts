import { call, numbers, pairs, shape, type Expression } from "./expression.ts";

/** Elements of a tensor of four axes, moved apart along two of them. Expressions here come with their shapes. */
export interface Sized {
  readonly value: Expression;
  readonly shape: readonly number[];
}

/** Zeros between the elements of `axes` (two neighbours), so that they stand `steps` apart: n become (n - 1) · step + 1. */
export function spreadApart(x: Sized, axes: readonly [number, number], steps: readonly [number, number]): Sized {
  if (steps[0] === 1 && steps[1] === 1) return x;
  const stepOf = (axis: number): number | null => (axis === axes[0] ? steps[0] : axis === axes[1] ? steps[1] : null);
  const split = x.shape.flatMap((size, axis) => (stepOf(axis) === null ? [size] : [size, 1]));
  const after = x.shape.flatMap((_, axis) => {
    const step = stepOf(axis);
    return step === null ? [0] : [0, step - 1];
  });
  const padded = call(
    "pad",
    call("reshape", x.value, shape(split)),
    pairs(
      after.map(() => 0),
      after,
    ),
  );
  const joined = x.shape.map((size, axis) => size * (stepOf(axis) ?? 1));
  const cut = x.shape.map((size, axis) => (size - 1) * (stepOf(axis) ?? 1) + 1);
  const value = call("slice", call("reshape", padded, shape(joined)), numbers(cut.map(() => 0)), shape(cut));
  return { value, shape: cut };
}

/** `before` and `after` elements of `value` along the two middle axes: [top, bottom, left, right]. */
export function padded(x: Sized, [top, bottom, left, right]: readonly number[], value = 0): Sized {
  if (top + bottom + left + right === 0) return x;
  const paddings = pairs([0, top, left, 0], [0, bottom, right, 0]);
  const [batch, height, width, channels] = x.shape;
  return {
    value: call("pad", x.value, paddings, ...(value === 0 ? [] : [value])),
    shape: [batch, height + top + bottom, width + left + right, channels],
  };
}

/** What is left of a padded image without its padding. */
export function unpadded(
  x: Expression,
  [top, bottom, left, right]: readonly number[],
  to: readonly number[],
): Expression {
  if (top + bottom + left + right === 0) return x;
  return call("slice", x, numbers([0, top, left, 0]), shape(to));
}
