import { elementCount } from "../graph/graph.ts";
import { isKnown, type Size } from "../ir/size.ts";
import { layer, ShapeProblem } from "../registry/layer.ts";
import { bool, choice, int, pair, word } from "../registry/settings.ts";
import { zeroPadding } from "./padding.ts";
import { needImage, resultType } from "./types.ts";
import { startWord } from "./weights.ts";
import { planeWindows, windowPadding } from "./windows.ts";

/** Size after the transposed convolution: what a convolution with the same settings makes into n. */
function widened(axis: string, n: Size, kernel: number, stride: number, padding: "same" | "valid"): Size {
  if (!isKnown(n))
    throw new ShapeProblem(`the ${axis} here is known only with the data, and conv2d_transpose changes it`, {
      operand: 0,
    });
  return padding === "same" ? n * stride : n * stride + Math.max(kernel - stride, 0);
}

/** Transposed convolution over height and width. */
export const conv2dTranspose = layer({
  name: "conv2d_transpose",
  doc:
    "Transposed convolution: every place of x adds its value times the kernel to a window of the result, windows `stride` apart, so that images grow. " +
    "`padding: same` gives n · stride places, `valid` n · stride + max(kernel - stride, 0). kernel is [height, width, filters, in].",
  group: "images",
  aliases: ["Conv2DTranspose", "ConvTranspose2d", "Deconvolution2D", "deconv"],
  operands: { min: 1, max: 1 },
  settings: {
    filters: int({ min: 1 }).positional().describe("Channels of the result."),
    kernel: pair().describe("Size of the window: one number or [height, width]."),
    stride: pair().default([1, 1]).describe("How far apart the windows of the result are."),
    padding: choice("same", "valid").default("same").describe("`same` cuts what lies over the border of n · stride."),
    bias: bool(true).describe("Adds a learned offset to every filter."),
    start: word("start").default(startWord("glorot_uniform")).describe("How the kernel starts."),
    bias_start: word("start").default(startWord("zeros")).describe("How the bias starts."),
  },
  shape({ settings: { filters, kernel, stride, padding }, inputs: [x] }) {
    needImage("conv2d_transpose", x);
    return resultType(
      [x],
      [
        widened("height", x.shape[0], kernel[0], stride[0], padding),
        widened("width", x.shape[1], kernel[1], stride[1], padding),
        filters,
      ],
    );
  },
  parameters({ settings: { kernel, filters, start, bias, bias_start }, inputs: [x] }) {
    const field = kernel[0] * kernel[1];
    const fans = { fanIn: field * x.shape[2], fanOut: field * filters };
    return {
      kernel: { shape: [...kernel, filters, x.shape[2]], start, ...fans, decay: true },
      ...(bias && { bias: { shape: [filters], start: bias_start, ...fans, decay: false } }),
    };
  },
  forward(g, { settings, inputs: [x], inputTypes: [type], outputType, parameters: { kernel, bias } }) {
    const [high, wide] = planeWindows(settings);
    const y = g.conv2dInputGradient(zeroPadding(g, x, type), kernel, [g.batch, ...outputType.shape], {
      strides: settings.stride,
      dilations: [1, 1],
      padding: [...windowPadding(outputType.shape[0], high), ...windowPadding(outputType.shape[1], wide)],
      groups: 1,
    });
    return bias ? g.add(y, bias) : y;
  },
  work: ({ settings: { kernel, filters }, inputs: [x] }) => elementCount(x.shape) * kernel[0] * kernel[1] * filters,
  example: "shared grown = image -> conv2d_transpose(4, kernel: 2, stride: 2) -> relu",
});
