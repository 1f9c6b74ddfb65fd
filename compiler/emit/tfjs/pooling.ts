import { elementCount } from "../../graph/graph.ts";
import type { Pool2dAttributes } from "../../graph/builder.ts";
import type { Node } from "../../graph/graph.ts";
import { pool2dAttributes } from "../../operations/pool2d.ts";
import { paddingName } from "./convolution.ts";
import {
  call,
  number,
  numbers,
  pairs,
  scalar,
  shape,
  tensors,
  text,
  type Expression,
  type Operand,
} from "./expression.ts";
import { padded, spreadApart, unpadded, type Sized } from "./spread.ts";
import type { TfjsSpelling } from "./spelling.ts";

/**
 * Pooling. TensorFlow.js's own gradients of pooling are not used: they are wrong with `same` padding on some backends, and
 * where elements are equal each backend chooses another. Here a window is taken apart into one image for each of its places.
 */
export const pooling = {
  maxPool2d: (node, [x]) => largest(x, pool2dAttributes(node.attributes)),

  maxPool2dGradient: (node, [x, dy]) => {
    const attributes = pool2dAttributes(node.attributes);
    const image = padded(sized(x), attributes.padding, -Infinity);
    const peak = largest(x, attributes);
    const taps = places(attributes);
    let rest: Expression = dy;
    const parts = taps.map((place, k) => {
      if (k === taps.length - 1) return rest;
      const isHere = call("equal", view(image, dy.shape, place, attributes), peak);
      const here = call("mul", rest, call("cast", isHere, text("float32")));
      rest = call("sub", rest, here);
      return here;
    });
    return assembled(parts, dy.shape, image.shape, attributes, node);
  },

  maxPool2dPick: (node, [x, values]) => {
    const attributes = pool2dAttributes(node.attributes);
    const image = padded(sized(x), attributes.padding, -Infinity);
    const source = padded(sized(values), attributes.padding);
    const peak = largest(x, attributes);
    const seen = (place: Place): Expression => view(source, node.type.shape, place, attributes);
    const [last, ...earlier] = places(attributes).reverse();
    return earlier.reduce<Expression>((chosen, place) => {
      const isHere = call("equal", view(image, node.type.shape, place, attributes), peak);
      return call("where", isHere, seen(place), chosen);
    }, seen(last));
  },

  sumPool2d: (node, [x]) => {
    const { window, strides, padding } = pool2dAttributes(node.attributes);
    // Padded by hand: `avgPool` does not count its own padding.
    const image = padded(sized(x), padding);
    const mean = call("avgPool", image.value, numbers(window), numbers(strides), text("valid"));
    return call("mul", mean, scalar(elementCount(window)));
  },

  sumPool2dGradient: (node, [dy]) => {
    const attributes = pool2dAttributes(node.attributes);
    const [top, bottom, left, right] = attributes.padding;
    const [batch, height, width, channels] = node.type.shape;
    const whole = [batch, height + top + bottom, width + left + right, channels];
    const parts = places(attributes).map(() => dy);
    return assembled(parts, dy.shape, whole, attributes, node);
  },
} satisfies Record<string, TfjsSpelling>;

/** [row, column] within a window. */
type Place = readonly [number, number];

function places({ window: [height, width] }: Pool2dAttributes): Place[] {
  return Array.from({ length: height * width }, (_, k) => [Math.floor(k / width), k % width] as const);
}

function sized(x: Operand): Sized {
  return { value: x, shape: x.shape };
}

function largest(x: Operand, { window, strides, padding }: Pool2dAttributes): Expression {
  const named = paddingName(x.shape, window, strides, padding);
  const image = named === null ? padded(sized(x), padding, -Infinity).value : x;
  return call("maxPool", image, numbers(window), numbers(strides), text(named ?? "valid"));
}

/** For each window its element at `place`: an image of the pooled shape. */
function view(
  image: Sized,
  pooled: readonly number[],
  [row, column]: Place,
  { strides }: Pool2dAttributes,
): Expression {
  const [batch, rows, columns, channels] = pooled;
  const end = [batch, row + (rows - 1) * strides[0] + 1, column + (columns - 1) * strides[1] + 1, channels];
  return call("stridedSlice", image.value, numbers([0, row, column, 0]), shape(end), numbers([1, ...strides, 1]));
}

/** The image whose windows have these parts added at their places, without its padding. */
function assembled(
  parts: readonly Expression[],
  pooled: readonly number[],
  whole: readonly number[],
  attributes: Pool2dAttributes,
  node: Node,
): Expression {
  const { window, strides, padding } = attributes;
  const tiles = window.every((size, k) => size === strides[k]);
  const image = tiles ? tiled(parts, pooled, whole, window) : summed(parts, pooled, whole, attributes);
  return unpadded(image, padding, node.type.shape);
}

/** Windows that lie side by side: their elements become two axes more, and with these rows and columns. */
function tiled(
  parts: readonly Expression[],
  [batch, rows, columns, channels]: readonly number[],
  whole: readonly number[],
  [height, width]: readonly number[],
): Expression {
  const lines = Array.from({ length: height }, (_, row) => stacked(parts.slice(row * width, (row + 1) * width), 3));
  const covered = [batch, rows * height, columns * width, channels];
  const joined = call("reshape", stacked(lines, 2), shape(covered));
  const rest = [0, whole[1] - covered[1], whole[2] - covered[2], 0];
  return rest.some((size) => size > 0) ? call("pad", joined, pairs([0, 0, 0, 0], rest)) : joined;
}

function stacked(parts: readonly Expression[], axis: number): Expression {
  return parts.length === 1 ? parts[0] : call("stack", tensors(...parts), number(axis));
}

/** Windows that overlap or leave gaps: each place is an image with zeros everywhere else, and all are added. */
function summed(
  parts: readonly Expression[],
  pooled: readonly number[],
  whole: readonly number[],
  attributes: Pool2dAttributes,
): Expression {
  const images = places(attributes).map(([row, column], k) => {
    const apart = spreadApart({ value: parts[k], shape: pooled }, [1, 2], attributes.strides);
    const [, height, width] = apart.shape;
    return padded(apart, [row, whole[1] - height - row, column, whole[2] - width - column]).value;
  });
  return images.reduce((sum, image) => call("add", sum, image));
}
