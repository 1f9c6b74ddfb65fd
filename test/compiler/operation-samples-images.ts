import type { Conv2dAttributes, Pool2dAttributes } from "../../compiler/graph/builder.ts";
import { windowCount } from "../../compiler/operations/conv2d.ts";
import { floats, sample, type OperationSample, type Samples } from "./operation-sample.ts";

const plain: Conv2dAttributes = { strides: [1, 1], dilations: [1, 1], padding: [0, 0, 0, 0], groups: 1 };

const convolutions: readonly [string, readonly number[], readonly number[], Conv2dAttributes][] = [
  ["3 x 3, padded", [2, 4, 5, 2], [3, 3, 2, 3], { ...plain, padding: [1, 1, 1, 1] }],
  ["1 x 1", [1, 3, 3, 2], [1, 1, 2, 2], plain],
  [
    "strides that leave a rest, uneven padding",
    [1, 6, 5, 1],
    [3, 2, 1, 2],
    { ...plain, strides: [2, 2], padding: [0, 1, 1, 0] },
  ],
  ["dilated", [1, 6, 6, 1], [2, 3, 1, 2], { ...plain, dilations: [3, 2] }],
  ["groups", [1, 4, 4, 4], [2, 2, 2, 6], { ...plain, groups: 2 }],
  ["each channel alone", [1, 4, 4, 3], [3, 3, 1, 6], { ...plain, groups: 3, padding: [1, 1, 1, 1], strides: [2, 1] }],
  ["one row", [2, 1, 7, 2], [1, 3, 2, 2], { ...plain, padding: [0, 0, 2, 0] }],
];

function resultShape(
  x: readonly number[],
  kernel: readonly number[],
  { strides, dilations, padding }: Conv2dAttributes,
) {
  return [
    x[0],
    windowCount(x[1], kernel[0], strides[0], dilations[0], padding[0] + padding[1]),
    windowCount(x[2], kernel[1], strides[1], dilations[1], padding[2] + padding[3]),
    kernel[3],
  ];
}

const pools: readonly [string, readonly number[], Pool2dAttributes][] = [
  ["window = stride", [2, 4, 4, 2], { window: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] }],
  ["overlapping", [1, 5, 5, 2], { window: [3, 3], strides: [2, 2], padding: [0, 0, 0, 0] }],
  ["uneven padding", [1, 5, 6, 1], { window: [3, 2], strides: [2, 2], padding: [1, 1, 0, 1] }],
  ["a rest that no window sees", [1, 5, 7, 1], { window: [2, 3], strides: [2, 3], padding: [0, 0, 0, 0] }],
  ["stride above the window", [1, 7, 4, 1], { window: [2, 1], strides: [3, 2], padding: [0, 0, 0, 0] }],
];

function pooledShape(x: readonly number[], { window, strides, padding }: Pool2dAttributes): number[] {
  return resultShape(x, [...window, x[3], x[3]], { strides, dilations: [1, 1], padding, groups: 1 });
}

function each<T extends readonly unknown[]>(list: readonly T[], make: (...item: T) => OperationSample): Samples {
  const [first, ...others] = list.map((item) => make(...item));
  return [first, ...others];
}

export const imageSamples = {
  conv2d: each(convolutions, (label, x, kernel, attributes) =>
    sample(label, { x: floats(x, -2, 2, 1), kernel: floats(kernel, -2, 2, 2) }, (g, inputs) =>
      g.conv2d(inputs.x, inputs.kernel, attributes),
    ),
  ),
  conv2dInputGradient: each(convolutions, (label, x, kernel, attributes) =>
    sample(
      label,
      { dy: floats(resultShape(x, kernel, attributes), -2, 2, 1), kernel: floats(kernel, -2, 2, 2) },
      (g, inputs) => g.conv2dInputGradient(inputs.dy, inputs.kernel, x, attributes),
    ),
  ),
  conv2dKernelGradient: each(convolutions, (label, x, kernel, attributes) =>
    sample(label, { x: floats(x, -2, 2, 1), dy: floats(resultShape(x, kernel, attributes), -2, 2, 2) }, (g, inputs) =>
      g.conv2dKernelGradient(inputs.x, inputs.dy, kernel, attributes),
    ),
  ),
  maxPool2d: each(pools, (label, x, attributes) =>
    sample(label, { x: floats(x) }, (g, inputs) => g.maxPool2d(inputs.x, attributes)),
  ),
  maxPool2dGradient: each(pools, (label, x, attributes) =>
    sample(label, { x: floats(x), dy: floats(pooledShape(x, attributes), -2, 2, 1) }, (g, inputs) =>
      g.maxPool2dGradient(inputs.x, inputs.dy, attributes),
    ),
  ),
  maxPool2dPick: each(pools, (label, x, attributes) =>
    sample(label, { x: floats(x), values: floats(x, -2, 2, 1) }, (g, inputs) =>
      g.maxPool2dPick(inputs.x, inputs.values, attributes),
    ),
  ),
  sumPool2d: each(pools, (label, x, attributes) =>
    sample(label, { x: floats(x) }, (g, inputs) => g.sumPool2d(inputs.x, attributes)),
  ),
  sumPool2dGradient: each(pools, (label, x, attributes) =>
    sample(label, { dy: floats(pooledShape(x, attributes)) }, (g, inputs) =>
      g.sumPool2dGradient(inputs.dy, x, attributes),
    ),
  ),
};
