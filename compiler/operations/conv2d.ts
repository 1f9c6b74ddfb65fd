import { numberOf, numbersOf, type Attributes } from "../graph/attributes.ts";
import type { Conv2dAttributes, Padding2d, Pair } from "../graph/builder.ts";
import { elementCount, type TensorType } from "../graph/graph.ts";
import { sameShape, showShape } from "../graph/shape.ts";
import { expect, expectElement, operation } from "./operation.ts";

/**
 * Convolution (cross-correlation, as everywhere in this field) of x [batch, height, width, channels] with a kernel
 * [height, width, in / groups, out], and its two gradients. The three are bilinear in pairs of x, kernel and dy, and each is a
 * gradient of the other two.
 */

export function pairOf(attributes: Attributes, name: string): Pair {
  const [height, width] = numbersOf(attributes, name);
  return [height, width];
}

export function paddingOf(attributes: Attributes): Padding2d {
  const [top, bottom, left, right] = numbersOf(attributes, "padding");
  return [top, bottom, left, right];
}

export function conv2dAttributes(attributes: Attributes): Conv2dAttributes {
  return {
    strides: pairOf(attributes, "strides"),
    dilations: pairOf(attributes, "dilations"),
    padding: paddingOf(attributes),
    groups: numberOf(attributes, "groups"),
  };
}

/** Places of a window of `window` elements, `dilation` apart, along an axis of `size`. */
export function windowCount(size: number, window: number, stride: number, dilation: number, padding: number): number {
  return Math.floor((size + padding - (window - 1) * dilation - 1) / stride) + 1;
}

function resultShape(
  name: string,
  x: readonly number[],
  kernel: readonly number[],
  { strides, dilations, padding, groups }: Conv2dAttributes,
): number[] {
  expect(name, x.length === 4 && kernel.length === 4, () => `x ${showShape(x)}, kernel ${showShape(kernel)}`);
  const [batch, height, width, channels] = x;
  const [kernelHeight, kernelWidth, group, filters] = kernel;
  expect(
    name,
    group * groups === channels && filters % groups === 0,
    () => `${channels} channels, ${filters} filters, ${groups} groups of ${group}`,
  );
  expect(name, [...strides, ...dilations].every((n) => n >= 1) && padding.every((n) => n >= 0), () => "bad attributes");
  const rows = windowCount(height, kernelHeight, strides[0], dilations[0], padding[0] + padding[1]);
  const columns = windowCount(width, kernelWidth, strides[1], dilations[1], padding[2] + padding[3]);
  expect(name, rows >= 1 && columns >= 1, () => `kernel ${showShape(kernel)} larger than ${showShape(x)}`);
  return [batch, rows, columns, filters];
}

/** Calls `visit` with the offsets of every product of the sum that a convolution is. */
function forEachProduct(
  x: readonly number[],
  kernel: readonly number[],
  y: readonly number[],
  { strides, dilations, padding, groups }: Conv2dAttributes,
  visit: (x: number, kernel: number, y: number) => void,
): void {
  const [, height, width, channels] = x;
  const [kernelHeight, kernelWidth, inGroup, filters] = kernel;
  const [batch, rows, columns] = y;
  const outGroup = filters / groups;
  for (let example = 0; example < batch; example++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        for (let i = 0; i < kernelHeight; i++) {
          const atRow = row * strides[0] + i * dilations[0] - padding[0];
          if (atRow < 0 || atRow >= height) continue;
          for (let j = 0; j < kernelWidth; j++) {
            const atColumn = column * strides[1] + j * dilations[1] - padding[2];
            if (atColumn < 0 || atColumn >= width) continue;
            const pixel = ((example * height + atRow) * width + atColumn) * channels;
            const place = ((example * rows + row) * columns + column) * filters;
            const tap = (i * kernelWidth + j) * inGroup * filters;
            for (let filter = 0; filter < filters; filter++) {
              const first = pixel + Math.floor(filter / outGroup) * inGroup;
              for (let channel = 0; channel < inGroup; channel++)
                visit(first + channel, tap + channel * filters + filter, place + filter);
            }
          }
        }
}

function floats(name: string, types: readonly TensorType[]): void {
  for (const type of types) expectElement(name, type, "f32");
}

export const conv2d = operation({
  name: "conv2d",
  doc: "x [batch, height, width, channels], kernel [height, width, in / groups, out]; `strides`, `dilations`, `padding`, `groups`.",
  type: ([x, kernel], attributes) => {
    floats("conv2d", [x, kernel]);
    return { element: "f32", shape: resultShape("conv2d", x.shape, kernel.shape, conv2dAttributes(attributes)) };
  },
  gradient: (g, node, dy, needs) => {
    const [x, kernel] = node.inputs;
    const attributes = conv2dAttributes(node.attributes);
    return [
      needs[0] ? g.conv2dInputGradient(dy, kernel, x.type.shape, attributes) : null,
      needs[1] ? g.conv2dKernelGradient(x, dy, kernel.type.shape, attributes) : null,
    ];
  },
  reference: ([x, kernel], given) => {
    const attributes = conv2dAttributes(given);
    const shape = resultShape("conv2d", x.shape, kernel.shape, attributes);
    const values = new Float64Array(elementCount(shape));
    forEachProduct(x.shape, kernel.shape, shape, attributes, (i, k, o) => {
      values[o] += x.values[i] * kernel.values[k];
    });
    return { values, shape };
  },
});

export const conv2dInputGradient = operation({
  name: "conv2dInputGradient",
  doc: "Gradient of conv2d for its input of shape `inputShape`, from dy and the kernel: the transposed convolution.",
  type: ([dy, kernel], attributes) => {
    floats("conv2dInputGradient", [dy, kernel]);
    const shape = numbersOf(attributes, "inputShape");
    const expected = resultShape("conv2dInputGradient", shape, kernel.shape, conv2dAttributes(attributes));
    expect(
      "conv2dInputGradient",
      sameShape(dy.shape, expected),
      () => `dy ${showShape(dy.shape)}, expected ${showShape(expected)}`,
    );
    return { element: "f32", shape };
  },
  gradient: (g, node, dx, needs) => {
    const [dy, kernel] = node.inputs;
    const attributes = conv2dAttributes(node.attributes);
    return [
      needs[0] ? g.conv2d(dx, kernel, attributes) : null,
      needs[1] ? g.conv2dKernelGradient(dx, dy, kernel.type.shape, attributes) : null,
    ];
  },
  reference: ([dy, kernel], given) => {
    const shape = numbersOf(given, "inputShape");
    const values = new Float64Array(elementCount(shape));
    forEachProduct(shape, kernel.shape, dy.shape, conv2dAttributes(given), (i, k, o) => {
      values[i] += dy.values[o] * kernel.values[k];
    });
    return { values, shape };
  },
});

export const conv2dKernelGradient = operation({
  name: "conv2dKernelGradient",
  doc: "Gradient of conv2d for its kernel of shape `kernelShape`, from x and dy.",
  type: ([x, dy], attributes) => {
    floats("conv2dKernelGradient", [x, dy]);
    const shape = numbersOf(attributes, "kernelShape");
    const expected = resultShape("conv2dKernelGradient", x.shape, shape, conv2dAttributes(attributes));
    expect(
      "conv2dKernelGradient",
      sameShape(dy.shape, expected),
      () => `dy ${showShape(dy.shape)}, expected ${showShape(expected)}`,
    );
    return { element: "f32", shape };
  },
  gradient: (g, node, kernel, needs) => {
    const [x, dy] = node.inputs;
    const attributes = conv2dAttributes(node.attributes);
    return [
      needs[0] ? g.conv2dInputGradient(dy, kernel, x.type.shape, attributes) : null,
      needs[1] ? g.conv2d(x, kernel, attributes) : null,
    ];
  },
  reference: ([x, dy], given) => {
    const shape = numbersOf(given, "kernelShape");
    const values = new Float64Array(elementCount(shape));
    forEachProduct(x.shape, shape, dy.shape, conv2dAttributes(given), (i, k, o) => {
      values[k] += x.values[i] * dy.values[o];
    });
    return { values, shape };
  },
});
