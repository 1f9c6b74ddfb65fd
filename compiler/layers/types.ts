import type { Element, Type } from "../ir/model.ts";
import { equalSizes, showSize, type Size } from "../ir/size.ts";
import { ShapeProblem } from "../registry/layer.ts";

/** What shape rules share: types in their plain form, and the messages that several layers give. */

type Axis = string | null;

/** The name of axis `index` of a type, or null. */
export function axisName(type: { readonly axes?: readonly Axis[] }, index: number): Axis {
  return type.axes?.[index] ?? null;
}

/** `[_, 50, 64]`, as `describe` shows it; `[50, 64]` for what has no batch axis. */
export function showType({ shape, batch }: Pick<Type, "shape" | "batch">): string {
  return showSizes(shape.map(showSize), batch);
}

/** The same with token axes by name, where it matters which one it is: `[_, words, 64]`. */
export function showNamedType({ shape, axes, batch }: Pick<Type, "shape" | "axes" | "batch">): string {
  return showSizes(
    shape.map((size, index) => axes?.[index] ?? showSize(size)),
    batch,
  );
}

function showSizes(sizes: readonly string[], batch: boolean | undefined): string {
  return `[${[...(batch === false ? [] : ["_"]), ...sizes].join(", ")}]`;
}

/** The type of a result: per task if an operand is, without a batch axis if no operand has one; codes of one operand stay those codes. */
export function resultType(
  operands: readonly Type[],
  shape: readonly Size[],
  axes: readonly Axis[] = [],
  element: Element = "f32",
): Type {
  return {
    element,
    shape,
    ...(axes.some((axis) => axis !== null) && { axes: shape.map((_, index) => axes[index] ?? null) }),
    ...(operands.some((operand) => operand.perTask) && { perTask: true }),
    ...(operands.every((operand) => operand.batch === false) && { batch: false }),
    ...(element === "i32" && operands.length === 1 && operands[0].codes !== undefined && { codes: operands[0].codes }),
  };
}

/** All axis names of a type, nulls included. */
export function axisNames(type: Type): readonly Axis[] {
  return type.shape.map((_, index) => axisName(type, index));
}

/**
 * The type with its last axis as channels: a scalar counts as `[1]`, and so does each position of a tensor whose last
 * axis is a token axis (`[words]` is read as `[words, 1]`).
 */
export function withChannels(type: Type): Type {
  const last = type.shape.length - 1;
  if (last >= 0 && axisName(type, last) === null) return type;
  return { ...resultType([type], [...type.shape, 1], [...axisNames(type), null], type.element) };
}

/** Refuses codes where numbers are needed. */
export function needNumbers(layer: string, type: Type, operand = 0): void {
  if (type.element === "f32") return;
  throw new ShapeProblem(`this is ${showType(type)} of codes, and ${layer} needs numbers`, {
    operand,
    help: "these are codes: `embed(8)` makes vectors of them",
  });
}

/** Refuses anything but `[height, width, channels]`. */
export function needImage(layer: string, type: Type): void {
  needNumbers(layer, type);
  if (type.shape.length === 3) return;
  const help = {
    0: undefined,
    1: "a vector has no places: use `dense`, or `reshape([height, width, channels])` first",
    2: `\`reshape([${[...type.shape.map(showSize), 1].join(", ")}])\` makes an image with one channel of it; along a sequence use conv1d`,
  }[type.shape.length];
  throw new ShapeProblem(`this is ${showType(type)}: ${layer} needs [height, width, channels] for each example`, {
    operand: 0,
    help,
  });
}

/** Refuses anything but `[positions, channels]`. */
export function needSequence(layer: string, type: Type, operand = 0): void {
  needNumbers(layer, type, operand);
  if (type.shape.length === 2) return;
  throw new ShapeProblem(`this is ${showType(type)}: ${layer} needs [positions, channels] for each example`, {
    operand,
    help:
      type.shape.length < 2
        ? "there are no positions here: `tokens` that pass `embed` have them"
        : "`reshape` can join axes of known size",
  });
}

export function sameShape(a: Type, b: Type): boolean {
  return (
    a.shape.length === b.shape.length &&
    a.shape.every((size, index) => equalSizes(size, b.shape[index]) && axisName(a, index) === axisName(b, index))
  );
}
