import { elementCount, type Node } from "../graph/graph.ts";
import type { Type } from "../ir/model.ts";
import { multiplySizes, type Size } from "../ir/size.ts";
import { layer, type ConcreteType, type LayerContext } from "../registry/layer.ts";
import { bool, choice, int, pair, word } from "../registry/settings.ts";
import { zeroPadding } from "./padding.ts";
import { axisName, needImage, resultType } from "./types.ts";
import { startWord } from "./weights.ts";
import { keptAxis, planeWindows, windowCount, windowPadding, type Plane } from "./windows.ts";

/** Convolutions that look at each channel by itself. */

const plane = {
  kernel: pair().describe("Size of the window: one number or [height, width]."),
  stride: pair().default([1, 1]).describe("How far the window moves."),
  padding: choice("same", "valid")
    .default("same")
    .describe("`same` keeps ⌈n / stride⌉ places, `valid` only windows that lie inside."),
  dilation: pair().default([1, 1]).describe("Distance between the cells that a window reads."),
  multiplier: int({ min: 1 }).default(1).describe("How many results each channel has."),
  bias: bool(true).describe("Adds a learned offset to every channel of the result."),
  start: word("start").default(startWord("glorot_uniform")).describe("How kernels start."),
  bias_start: word("start").default(startWord("zeros")).describe("How the bias starts."),
};

function convolvedType(name: string, settings: Plane, x: Type, channels: Size): Type {
  needImage(name, x);
  const [high, wide] = planeWindows(settings);
  return resultType(
    [x],
    [windowCount(name, "height", x.shape[0], high), windowCount(name, "width", x.shape[1], wide), channels],
    [keptAxis(axisName(x, 0), high), keptAxis(axisName(x, 1), wide), null],
  );
}

/** kernel [height, width, in, multiplier]; channel c · multiplier + m of the result is channel c under its m-th kernel. */
function depthwise(g: LayerContext, x: Node, type: ConcreteType, kernel: Node, settings: Required<Plane>): Node {
  const [high, wide] = planeWindows(settings);
  const [height, width, channels, multiplier] = kernel.type.shape;
  return g.conv2d(zeroPadding(g, x, type), g.reshape(kernel, [height, width, 1, channels * multiplier]), {
    strides: settings.stride,
    dilations: settings.dilation,
    padding: [...windowPadding(type.shape[0], high), ...windowPadding(type.shape[1], wide)],
    groups: channels,
  });
}

export const depthwiseConv2d = layer({
  name: "depthwise_conv2d",
  doc:
    "Convolution of each channel by itself: channel c gives the channels c · multiplier … of the result. " +
    "kernel is [height, width, in, multiplier].",
  group: "images",
  aliases: ["DepthwiseConv2D", "DepthwiseConv2d"],
  operands: { min: 1, max: 1 },
  settings: { ...plane, kernel: plane.kernel.positional() },
  shape: ({ settings, inputs: [x] }) =>
    convolvedType("depthwise_conv2d", settings, x, multiplySizes(x.shape[2] ?? 1, settings.multiplier)),
  parameters({ settings: { kernel, multiplier, start, bias, bias_start }, inputs: [x] }) {
    const field = kernel[0] * kernel[1];
    const fans = { fanIn: field, fanOut: field * multiplier };
    const channels = x.shape[2];
    return {
      kernel: { shape: [...kernel, channels, multiplier], start, ...fans, decay: true },
      ...(bias && { bias: { shape: [channels * multiplier], start: bias_start, ...fans, decay: false } }),
    };
  },
  forward(g, { settings, inputs: [x], inputTypes: [type], parameters: { kernel, bias } }) {
    const y = depthwise(g, x, type, kernel, settings);
    return bias ? g.add(y, bias) : y;
  },
  work: ({ settings: { kernel }, output }) => elementCount(output.shape) * kernel[0] * kernel[1],
  example: "shared trunk = image -> depthwise_conv2d(3) -> relu",
});

export const separableConv2d = layer({
  name: "separable_conv2d",
  doc:
    "A convolution of each channel by itself, then a 1 × 1 convolution over all of them: far fewer weights than conv2d. " +
    "depthwise.kernel is [height, width, in, multiplier], pointwise.kernel [1, 1, in · multiplier, filters].",
  group: "images",
  aliases: ["SeparableConv2D", "SeparableConv2d"],
  source: "1610.02357",
  operands: { min: 1, max: 1 },
  settings: { filters: int({ min: 1 }).positional().describe("Channels of the result."), ...plane },
  shape: ({ settings, inputs: [x] }) => convolvedType("separable_conv2d", settings, x, settings.filters),
  parameters({ settings: { kernel, multiplier, filters, start, bias, bias_start }, inputs: [x] }) {
    const field = kernel[0] * kernel[1];
    const channels = x.shape[2];
    const middle = channels * multiplier;
    const fans = { fanIn: middle, fanOut: filters };
    return {
      "depthwise.kernel": {
        shape: [...kernel, channels, multiplier],
        start,
        fanIn: field,
        fanOut: field * multiplier,
        decay: true,
      },
      "pointwise.kernel": { shape: [1, 1, middle, filters], start, ...fans, decay: true },
      ...(bias && { bias: { shape: [filters], start: bias_start, ...fans, decay: false } }),
    };
  },
  forward(g, { settings, inputs: [x], inputTypes: [type], parameters }) {
    const pointwise = parameters["pointwise.kernel"];
    const [, , middle, filters] = pointwise.type.shape;
    const channels = depthwise(g, x, type, parameters["depthwise.kernel"], settings);
    const y = g.matmul(channels, g.reshape(pointwise, [middle, filters]));
    return parameters.bias ? g.add(y, parameters.bias) : y;
  },
  work({ settings: { kernel, multiplier, filters }, inputs: [x], output: { shape } }) {
    const places = shape[0] * shape[1];
    return places * x.shape[2] * multiplier * (kernel[0] * kernel[1] + filters);
  },
  example: "shared trunk = image -> separable_conv2d(16, kernel: 3) -> relu",
});
