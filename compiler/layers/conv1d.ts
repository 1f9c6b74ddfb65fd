import { elementCount } from "../graph/graph.ts";
import { layer } from "../registry/layer.ts";
import { bool, choice, int, word, type SettingValues } from "../registry/settings.ts";
import { zeroPadding } from "./padding.ts";
import { axisName, needSequence, resultType } from "./types.ts";
import { startWord } from "./weights.ts";
import { keptAxis, windowCount, windowPadding, type Window } from "./windows.ts";

const settings = {
  filters: int({ min: 1 }).positional().describe("Channels of the result."),
  kernel: int({ min: 1 }).describe("Length of the window."),
  stride: int({ min: 1 }).default(1).describe("How far the window moves."),
  padding: choice("same", "valid", "causal")
    .default("same")
    .describe(
      "`same` keeps ⌈n / stride⌉ positions, `valid` only windows that lie inside, `causal` looks at earlier positions only.",
    ),
  dilation: int({ min: 1 }).default(1).describe("Distance between the positions that a window reads."),
  bias: bool(true).describe("Adds a learned offset to every filter."),
  start: word("start").default(startWord("glorot_uniform")).describe("How the kernel starts."),
  bias_start: word("start").default(startWord("zeros")).describe("How the bias starts."),
};

function windowOf({ kernel, stride, dilation, padding }: SettingValues<typeof settings>): Window {
  return { kernel, stride, dilation, padding };
}

/** Convolution along a sequence. */
export const conv1d = layer({
  name: "conv1d",
  doc:
    "Convolution along a sequence: y[i, o] = Σ x[i·stride + a·dilation, c] · kernel[a, c, o] + bias[o]. kernel is [width, in, filters]. " +
    "Padded positions of a token axis read as 0; a stride or `padding: valid` gives an axis without a name.",
  group: "sequences",
  aliases: ["Conv1D", "Conv1d", "Convolution1D"],
  operands: { min: 1, max: 1 },
  settings,
  shape({ settings: values, inputs: [x] }) {
    needSequence("conv1d", x);
    const window = windowOf(values);
    return resultType(
      [x],
      [windowCount("conv1d", "length", x.shape[0], window), values.filters],
      [keptAxis(axisName(x, 0), window), null],
    );
  },
  parameters({ settings: { kernel, filters, start, bias, bias_start }, inputs: [x] }) {
    const channels = x.shape[1];
    const fans = { fanIn: kernel * channels, fanOut: kernel * filters };
    return {
      kernel: { shape: [kernel, channels, filters], start, ...fans, decay: true },
      ...(bias && { bias: { shape: [filters], start: bias_start, ...fans, decay: false } }),
    };
  },
  forward(g, { settings: values, inputs: [x], inputTypes: [type], outputType, parameters: { kernel, bias } }) {
    const [length, channels] = type.shape;
    const [before, after] = windowPadding(length, windowOf(values));
    const line = g.reshape(zeroPadding(g, x, type), [g.batch, 1, length, channels]);
    const y = g.conv2d(line, g.reshape(kernel, [1, ...kernel.type.shape]), {
      strides: [1, values.stride],
      dilations: [1, values.dilation],
      padding: [0, 0, before, after],
      groups: 1,
    });
    const sequence = g.reshape(y, [g.batch, ...outputType.shape]);
    return bias ? g.add(sequence, bias) : sequence;
  },
  work: ({ settings: { kernel }, inputs: [x], output }) => elementCount(output.shape) * kernel * x.shape[1],
  example: "shared sentence = words -> embed(16) -> conv1d(32, kernel: 3) -> relu -> max_pool",
});
