import type { Size } from "../ir/size.ts";
import { isKnown } from "../ir/size.ts";
import { ShapeProblem } from "../registry/layer.ts";

/** Windows that slide along an axis: convolutions and pooling. Padding as TensorFlow has it. */

export type WindowPadding = "same" | "valid" | "causal";

export interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: WindowPadding;
}

/** Cells that a window spans. */
function reach(window: Window): number {
  return (window.kernel - 1) * window.dilation + 1;
}

/** Zeros before and after an axis of length n: `same` puts the smaller half first, `causal` all of them. */
export function windowPadding(n: number, window: Window): readonly [number, number] {
  switch (window.padding) {
    case "valid":
      return [0, 0];
    case "causal":
      return [reach(window) - 1, 0];
    case "same": {
      const total = Math.max((Math.ceil(n / window.stride) - 1) * window.stride + reach(window) - n, 0);
      const before = Math.floor(total / 2);
      return [before, total - before];
    }
    default:
      return window.padding satisfies never;
  }
}

/** How many places a window has along an axis. `axis` names the axis in messages: "height". */
export function windowCount(layer: string, axis: string, size: Size, window: Window): Size {
  const keepsLength = window.stride === 1 && (window.padding !== "valid" || reach(window) === 1);
  if (!isKnown(size)) {
    if (keepsLength) return size;
    throw new ShapeProblem(`the ${axis} here is known only with the data, and ${layer} changes it`, {
      operand: 0,
      help: "`stride: 1` with `padding: same` keeps it",
    });
  }
  if (window.padding !== "valid") return Math.ceil(size / window.stride);
  if (reach(window) > size)
    throw new ShapeProblem(
      `the ${axis} is ${size}, and a window of ${layer} spans ${reach(window)} there: with \`padding: valid\` it does not fit`,
      { operand: 0, help: `write \`padding: same\`, or a window of at most ${size}` },
    );
  return Math.floor((size - reach(window)) / window.stride) + 1;
}

/** A token axis stays one only if every position keeps its place. */
export function keptAxis(axis: string | null, window: Window): string | null {
  return window.stride === 1 && window.padding !== "valid" ? axis : null;
}

/** What slides over height and width. */
export interface Plane {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation?: readonly [number, number];
  readonly padding: "same" | "valid";
}

/** The windows along height and width. */
export function planeWindows(plane: Plane): readonly [Window, Window] {
  const along = (axis: 0 | 1): Window => ({
    kernel: plane.kernel[axis],
    stride: plane.stride[axis],
    dilation: plane.dilation?.[axis] ?? 1,
    padding: plane.padding,
  });
  return [along(0), along(1)];
}
