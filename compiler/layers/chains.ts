import { isKnown, showSize } from "../ir/size.ts";
import { layer, ShapeProblem } from "../registry/layer.ts";
import { int } from "../registry/settings.ts";
import { needNumbers, resultType, axisNames, sameShape, showType } from "./types.ts";

/** Layers made of chains. */

export const residual = layer({
  name: "residual",
  doc: "x + chain(x): a way around the chain, which must keep the shape.",
  group: "shape",
  aliases: ["Residual", "skip", "shortcut"],
  source: "1512.03385",
  operands: { min: 1, max: 1 },
  chains: { min: 1, max: 1 },
  settings: {},
  shape({ inputs: [x], chains: [chain] }) {
    needNumbers("residual", x);
    const y = chain(x);
    if (sameShape(x, y)) return resultType([x, y], x.shape, axisNames(x));
    const width = y.shape[y.shape.length - 1];
    const onlyChannels =
      x.shape.length === y.shape.length &&
      sameShape({ ...x, shape: x.shape.slice(0, -1) }, { ...y, shape: y.shape.slice(0, -1) });
    const around = x.shape.length === 3 ? `conv2d(${showSize(width)}, kernel: 1)` : `dense(${showSize(width)})`;
    throw new ShapeProblem(
      `this is ${showType(x)} and its chain gives ${showType(y)}: residual adds them, so they must be equal`,
      {
        operand: 0,
        help:
          onlyChannels && isKnown(width)
            ? `bring x to ${showSize(width)} channels on its way around: \`(x -> ${around}) + (x -> …)\`, or let the chain end in ${showSize(x.shape[x.shape.length - 1])}`
            : "let the chain keep the sizes (`stride: 1`, `padding: same`, no pooling)",
      },
    );
  },
  forward: (g, { inputs: [x], chains: [chain] }) => g.add(x, chain(x)),
  example: "shared trunk = x -> dense(16) -> residual(dense(16) -> relu)",
});

export const repeat = layer({
  name: "repeat",
  doc: "Copies of a chain one after another, each with weights of its own.",
  group: "shape",
  aliases: ["Sequential", "stack", "times"],
  operands: { min: 1, max: 1 },
  chains: { min: 1, max: 1, copies: "times" },
  settings: { times: int({ min: 1 }).positional().describe("How many copies.") },
  shape: ({ inputs: [x], chains }) => chains.reduce((type, chain) => chain(type), x),
  forward: (_g, { inputs: [x], chains }) => chains.reduce((value, chain) => chain(value), x),
  example: "shared trunk = x -> repeat(2, dense(16) -> relu)",
});
