import { elementCount } from "../graph/graph.ts";
import { isKnown } from "../ir/size.ts";
import { layer, ShapeProblem } from "../registry/layer.ts";
import { bool, choice, int, pair, word } from "../registry/settings.ts";
import { zeroPadding } from "./padding.ts";
import { axisName, needImage, resultType } from "./types.ts";
import { startWord } from "./weights.ts";
import { keptAxis, windowCount, windowPadding, planeWindows } from "./windows.ts";

/** Convolution over height and width. */
export const conv2d = layer({
  name: "conv2d",
  doc:
    "Convolution over height and width, channels last: y[i, j, o] = Σ x[i·stride + a·dilation, j·stride + b·dilation, c] · kernel[a, b, c, o] + bias[o]. " +
    "kernel is [height, width, in / groups, filters]. `padding: same` pads with zeros as TensorFlow does, the smaller half first.",
  group: "images",
  aliases: ["Conv2D", "Conv2d", "Convolution2D", "conv"],
  operands: { min: 1, max: 1 },
  settings: {
    filters: int({ min: 1 }).positional().describe("Channels of the result."),
    kernel: pair().describe("Size of the window: one number or [height, width]."),
    stride: pair().default([1, 1]).describe("How far the window moves."),
    padding: choice("same", "valid")
      .default("same")
      .describe("`same` keeps ⌈n / stride⌉ places, `valid` only windows that lie inside."),
    dilation: pair().default([1, 1]).describe("Distance between the cells that a window reads."),
    groups: int({ min: 1 }).default(1).describe("Splits the channels into groups that do not see each other."),
    bias: bool(true).describe("Adds a learned offset to every filter."),
    start: word("start").default(startWord("glorot_uniform")).describe("How the kernel starts."),
    bias_start: word("start").default(startWord("zeros")).describe("How the bias starts."),
  },
  shape({ settings, inputs: [x] }) {
    needImage("conv2d", x);
    const [high, wide] = planeWindows(settings);
    const { groups, filters } = settings;
    const channels = x.shape[2];
    if (filters % groups !== 0 || (isKnown(channels) && channels % groups !== 0))
      throw new ShapeProblem(
        `${groups} groups do not divide the channels: ${isKnown(channels) ? channels : "?"} come in, ${filters} go out`,
        {
          help: "both numbers of channels must be multiples of `groups`",
        },
      );
    return resultType(
      [x],
      [windowCount("conv2d", "height", x.shape[0], high), windowCount("conv2d", "width", x.shape[1], wide), filters],
      [keptAxis(axisName(x, 0), high), keptAxis(axisName(x, 1), wide), null],
    );
  },
  parameters({ settings, inputs: [x] }) {
    const { kernel, filters, groups } = settings;
    const field = kernel[0] * kernel[1];
    const fans = { fanIn: (field * x.shape[2]) / groups, fanOut: (field * filters) / groups };
    return {
      kernel: { shape: [...kernel, x.shape[2] / groups, filters], start: settings.start, ...fans, decay: true },
      ...(settings.bias && { bias: { shape: [filters], start: settings.bias_start, ...fans, decay: false } }),
    };
  },
  forward(g, { settings, inputs: [x], inputTypes: [type], parameters: { kernel, bias } }) {
    const [high, wide] = planeWindows(settings);
    const [top, bottom] = windowPadding(type.shape[0], high);
    const [left, right] = windowPadding(type.shape[1], wide);
    const y = g.conv2d(zeroPadding(g, x, type), kernel, {
      strides: settings.stride,
      dilations: settings.dilation,
      padding: [top, bottom, left, right],
      groups: settings.groups,
    });
    return bias ? g.add(y, bias) : y;
  },
  work: ({ settings, inputs: [x], output }) =>
    (elementCount(output.shape) * settings.kernel[0] * settings.kernel[1] * x.shape[2]) / settings.groups,
  example: "shared trunk = image -> conv2d(16, kernel: 3) -> relu -> max_pool2d(2)",
});
