import { layer, ShapeProblem } from "../registry/layer.ts";
import { bool, choice, either, int, word } from "../registry/settings.ts";
import { axisNames, needNumbers, resultType, withChannels } from "./types.ts";
import { elementCount } from "../graph/graph.ts";
import { startWord } from "./weights.ts";

/** Fully connected layer over the last axis. */
export const dense = layer({
  name: "dense",
  doc:
    "Fully connected layer: y = x · kernel + bias over the last axis, at every position of the other axes. " +
    "kernel is [in, width], bias [width]. As the last layer of a head it may leave its width out and takes it from the task.",
  group: "dense and embedding",
  aliases: ["Linear", "Dense", "linear", "fc", "fully_connected", "InnerProduct"],
  operands: { min: 1, max: 1 },
  infers: "width",
  settings: {
    width: int({ min: 1 }).positional().optional().describe("Size of the last axis of the result."),
    bias: bool(true).describe("Adds a learned offset."),
    start: word("start").default(startWord("glorot_uniform")).describe("How the kernel starts."),
    bias_start: either(word("start"), choice("prior"))
      .default(startWord("zeros"))
      .describe("How the bias starts; `prior` in a head's last dense is the log-odds of the training labels."),
  },
  shape({ settings, inputs: [x] }) {
    needNumbers("dense", x);
    if (settings.width === null)
      throw new ShapeProblem("this dense has no width", {
        help: "only the last `dense` of a head takes its width from the task: write `dense(64)`",
      });
    const vectors = withChannels(x);
    return resultType([x], [...vectors.shape.slice(0, -1), settings.width], axisNames(vectors).slice(0, -1));
  },
  parameters({ settings, inputs: [x], output }) {
    const outputs = output.shape[output.shape.length - 1];
    const inputs = output.shape.length > x.shape.length ? 1 : x.shape[x.shape.length - 1];
    const fans = { fanIn: inputs, fanOut: outputs };
    const biasStart = settings.bias_start === "prior" ? startWord("prior") : settings.bias_start;
    return {
      kernel: { shape: [inputs, outputs], start: settings.start, ...fans, decay: true },
      ...(settings.bias && { bias: { shape: [outputs], start: biasStart, ...fans, decay: false } }),
    };
  },
  forward(g, { inputs: [x], inputTypes: [type], outputType, parameters: { kernel, bias } }) {
    const vectors = outputType.shape.length > type.shape.length ? g.reshape(x, [...x.type.shape, 1]) : x;
    const product = g.matmul(vectors, kernel);
    return bias ? g.add(product, bias) : product;
  },
  work: ({ inputs: [x], output }) =>
    elementCount(output.shape) * (output.shape.length > x.shape.length ? 1 : x.shape[x.shape.length - 1]),
  example: "shared trunk = x -> dense(64) -> relu",
});
