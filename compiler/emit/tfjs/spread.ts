import { elementCount } from "../../graph/graph.ts";
import { call, numbers, pairs, shape, type Expression } from "./expression.ts";

/** Elements of a tensor of four axes, moved apart along two of them. Expressions here come with their shapes. */
export interface Sized {
  readonly value: Expression;
  readonly shape: readonly number[];
}

/**
 * Zeros between the elements of `axes` (two neighbours), so that they stand `steps` apart: n become (n - 1) · step + 1. One axis after
 * the other: on WebGPU TensorFlow.js pads tensors of four axes at most.
 */
export function spreadApart(x: Sized, axes: readonly [number, number], steps: readonly [number, number]): Sized {
  if (steps[0] === 1 && steps[1] === 1) return x;
  const [second, first] = axes.map((axis, k) => ({ axis, step: steps[k] }));
  const spread = [first, second].reduce(withZerosBehind, x);
  const cut = x.shape.map((size, axis) => (size - 1) * (spread.shape[axis] / size) + 1);
  return { value: call("slice", spread.value, numbers(cut.map(() => 0)), shape(cut)), shape: cut };
}

/** step - 1 zeros behind every element of an axis: longer rows of a matrix. */
function withZerosBehind(x: Sized, { axis, step }: { readonly axis: number; readonly step: number }): Sized {
  if (step === 1) return x;
  const rows = elementCount(x.shape.slice(0, axis + 1));
  const columns = elementCount(x.shape.slice(axis + 1));
  const longer = call(
    "pad",
    call("reshape", x.value, shape([rows, columns])),
    pairs([0, 0], [0, (step - 1) * columns]),
  );
  const joined = x.shape.with(axis, x.shape[axis] * step);
  return { value: call("reshape", longer, shape(joined)), shape: joined };
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
