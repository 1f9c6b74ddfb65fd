import type { Node } from "../graph/graph.ts";
import {
  layer,
  ShapeProblem,
  type ConcreteType,
  type ForwardCall,
  type LayerContext,
  type LayerRow,
} from "../registry/layer.ts";
import { bool, number, type SettingRows } from "../registry/settings.ts";
import { positionMask } from "./padding.ts";
import { axisName, axisNames, needNumbers, resultType, showType } from "./types.ts";
import { vector } from "./weights.ts";

/** Functions of one tensor, element by element or (softmax) along the last axis: a row each. */

interface Activation<S extends SettingRows> {
  readonly name: string;
  readonly doc: string;
  readonly aliases?: readonly string[];
  readonly source?: string;
  readonly settings: S;
  /** Whether numbers of one example are set beside each other, along its last axis. */
  readonly alongAxis?: boolean;
  readonly forward: (g: LayerContext, x: Node, call: ForwardCall<S>) => Node;
}

function activation<S extends SettingRows>(row: Activation<S>): LayerRow<S> {
  const { alongAxis = false, ...rest } = row;
  return layer<S>({
    ...rest,
    group: "activations",
    operands: { min: 1, max: 1 },
    shape({ inputs: [x] }) {
      needNumbers(row.name, x);
      if (alongAxis && x.shape.length === 0)
        throw new ShapeProblem(`this is ${showType(x)}: ${row.name} needs an axis along which it compares numbers`, {
          help: "of one number, `sigmoid` makes a probability",
        });
      return resultType([x], x.shape, axisNames(x));
    },
    forward: (g, call) => row.forward(g, call.inputs[0], call),
    example: `shared trunk = x -> dense(16) -> ${row.name}`,
  });
}

/** min(x, 0), with slope 1 at 0, where relu has 0: the two add up to x and to its slope. */
function negativePart(g: LayerContext, x: Node): Node {
  return g.minimum(x, g.constant(0));
}

/** True at real positions, in the shape of x, where the last axis is a token axis; else null. */
function realPositions(g: LayerContext, x: Node, type: ConcreteType): Node | null {
  const last = type.shape.length - 1;
  if (last < 0 || axisName(type, last) === null) return null;
  const mask = positionMask(g, type);
  return mask && g.broadcast(g.greater(mask, g.constant(0)), x.type.shape);
}

/** Far below any logit, and finite: -∞ would make NaN of a row without a position. */
const lowest = -1e30;

export const activations: readonly LayerRow[] = [
  activation({
    name: "relu",
    doc: "max(x, 0). Its slope at 0 is 0.",
    aliases: ["ReLU", "Relu"],
    settings: {},
    forward: (g, x) => g.relu(x),
  }),
  activation({
    name: "leaky_relu",
    doc: "x above 0, slope · x below.",
    aliases: ["LeakyReLU", "leakyrelu"],
    settings: { slope: number({ min: 0 }).positional().default(0.01).describe("Slope below 0.") },
    forward: (g, x, { settings }) => g.add(g.relu(x), g.mul(negativePart(g, x), g.constant(settings.slope))),
  }),
  activation({
    name: "elu",
    doc: "x above 0, alpha · (e^x - 1) below.",
    aliases: ["ELU"],
    source: "1511.07289",
    settings: {
      alpha: number({ above: 0 })
        .positional()
        .default(1)
        .describe("What it tends to far below 0, with its sign turned."),
    },
    forward: (g, x, { settings }) => g.add(g.relu(x), g.mul(g.expm1(negativePart(g, x)), g.constant(settings.alpha))),
  }),
  activation({
    name: "selu",
    doc: "1.0507 · elu(x, alpha: 1.67326): keeps mean 0 and variance 1 through deep stacks that start with lecun_normal.",
    aliases: ["SELU"],
    source: "1706.02515",
    settings: {},
    forward: (g, x) => {
      const scale = 1.0507009873554805;
      const alpha = 1.6732632423543772;
      return g.add(g.mul(g.relu(x), g.constant(scale)), g.mul(g.expm1(negativePart(g, x)), g.constant(scale * alpha)));
    },
  }),
  activation({
    name: "gelu",
    doc: "x · Φ(x), Φ the normal distribution function. `approximate: true` computes it by tanh.",
    aliases: ["GELU"],
    source: "1606.08415",
    settings: { approximate: bool(false).describe("x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))) in its place.") },
    forward: (g, x, { settings }) => g.gelu(x, settings.approximate),
  }),
  activation({
    name: "silu",
    doc: "x · sigmoid(x), also called swish.",
    aliases: ["SiLU", "swish", "Swish"],
    source: "1702.03118",
    settings: {},
    forward: (g, x) => g.mul(x, g.sigmoid(x)),
  }),
  activation({
    name: "mish",
    doc: "x · tanh(softplus(x)).",
    aliases: ["Mish"],
    source: "1908.08681",
    settings: {},
    forward: (g, x) => g.mul(x, g.tanh(g.softplus(x))),
  }),
  activation({
    name: "tanh",
    doc: "Hyperbolic tangent, between -1 and 1.",
    aliases: ["Tanh"],
    settings: {},
    forward: (g, x) => g.tanh(x),
  }),
  activation({
    name: "sigmoid",
    doc: "1 / (1 + e^-x), between 0 and 1.",
    aliases: ["Sigmoid", "logistic"],
    settings: {},
    forward: (g, x) => g.sigmoid(x),
  }),
  activation({
    name: "hard_sigmoid",
    doc: "x/6 + 1/2, cut to 0 … 1.",
    aliases: ["Hardsigmoid", "HardSigmoid"],
    settings: {},
    // Operands of minimum in this order: at a tie the slope is the constant's, 0.
    forward: (g, x) => {
      const line = g.add(g.mul(x, g.constant(1 / 6)), g.constant(0.5));
      return g.minimum(g.constant(1), g.relu(line));
    },
  }),
  activation({
    name: "relu6",
    doc: "max(x, 0), but at most 6.",
    aliases: ["ReLU6"],
    settings: {},
    forward: (g, x) => g.minimum(g.constant(6), g.relu(x)),
  }),
  activation({
    name: "softplus",
    doc: "log(1 + e^x): a smooth relu, always above 0.",
    aliases: ["Softplus"],
    settings: {},
    forward: (g, x) => g.softplus(x),
  }),
  activation({
    name: "softsign",
    doc: "x / (1 + |x|), between -1 and 1.",
    aliases: ["Softsign"],
    settings: {},
    forward: (g, x) => g.div(x, g.add(g.abs(x), g.constant(1))),
  }),
  activation({
    name: "softmax",
    doc:
      "e^x / Σ e^x over the last axis: parts that are above 0 and sum to 1. A head for `class` gives logits and needs none: its loss has it inside. " +
      "Along a token axis padding gets 0.",
    aliases: ["Softmax"],
    settings: {},
    alongAxis: true,
    forward(g, x, { inputTypes: [inputType] }) {
      const real = realPositions(g, x, inputType);
      if (!real) return g.softmax(x);
      return g.mul(g.softmax(g.select(real, x, g.constant(lowest))), g.cast(real, "f32"));
    },
  }),
  activation({
    name: "log_softmax",
    doc: "Logarithm of softmax over the last axis, in the form that does not overflow. Along a token axis padding gets 0.",
    aliases: ["LogSoftmax"],
    settings: {},
    alongAxis: true,
    forward(g, x, { inputTypes: [inputType] }) {
      const real = realPositions(g, x, inputType);
      if (!real) return g.logSoftmax(x);
      return g.mul(g.logSoftmax(g.select(real, x, g.constant(lowest))), g.cast(real, "f32"));
    },
  }),
];

/** x above 0, a learned slope for each channel below. */
export const prelu = layer({
  name: "prelu",
  doc: "x above 0, slope · x below, with a learned slope for each channel that starts at 0.25.",
  aliases: ["PReLU"],
  source: "1502.01852",
  group: "activations",
  operands: { min: 1, max: 1 },
  settings: {},
  shape({ inputs: [x] }) {
    needNumbers("prelu", x);
    return resultType([x], x.shape, axisNames(x));
  },
  parameters: ({ inputs: [x] }) => ({ slope: vector(x.shape[x.shape.length - 1] ?? 1, 0.25) }),
  forward: (g, { inputs: [x], parameters: { slope } }) => g.add(g.relu(x), g.mul(negativePart(g, x), slope)),
  example: "shared trunk = x -> dense(16) -> prelu",
});
