import { addSizes, isKnown, showSize } from "../ir/size.ts";
import { layer, ShapeProblem } from "../registry/layer.ts";
import { int, nameOf } from "../registry/settings.ts";
import { zeroPadding } from "./padding.ts";
import { axisName, axisNames, needNumbers, needSequence, resultType, showType, withChannels } from "./types.ts";

/** Picking and repeating positions. */

export const first = layer({
  name: "first",
  doc: "The first position of a sequence: [_, 50, 64] becomes [_, 64]. A sequence without any real position gives 0.",
  group: "sequences",
  aliases: ["cls", "first_token"],
  operands: { min: 1, max: 1 },
  settings: {},
  shape({ inputs: [x] }) {
    needSequence("first", x);
    return resultType([x], [x.shape[1]]);
  },
  forward(g, { inputs: [x], inputTypes: [type] }) {
    const [, channels] = type.shape;
    return g.reshape(g.slice(zeroPadding(g, x, type), [0, 0, 0], [g.batch, 1, channels]), [g.batch, channels]);
  },
  example: "shared start = words -> embed(16) -> first",
});

export const broadcast = layer({
  name: "broadcast",
  doc: "Repeats a tensor along a token axis, put in before the last: [_, 8] -> broadcast(words) gives [_, 50, 8].",
  group: "shape",
  aliases: ["RepeatVector", "expand", "tile", "repeat_along"],
  operands: { min: 1, max: 1 },
  settings: { along: nameOf("axis").positional().describe("The token input whose axis it is.") },
  shape({ settings: { along }, inputs: [x], axes }) {
    needNumbers("broadcast", x);
    if (axisNames(x).includes(along))
      throw new ShapeProblem(`this is ${showType(x)} and runs along ${along} already`, {
        operand: 0,
        help: "leave `broadcast` out",
      });
    const length = axes?.[along];
    if (length === undefined)
      throw new ShapeProblem(`there is no token axis ${along}`, {
        help: "inputs of kind `tokens` have one, named after them",
      });
    const vectors = withChannels(x);
    const outer = vectors.shape.length - 1;
    return resultType(
      [x],
      [...vectors.shape.slice(0, outer), length, vectors.shape[outer]],
      [...axisNames(vectors).slice(0, outer), along, null],
    );
  },
  forward(g, { inputs: [x], outputType: { shape } }) {
    const single = [...shape.slice(0, -2), 1, shape[shape.length - 1]];
    return g.broadcast(g.reshape(x, [g.batch, ...single]), [g.batch, ...shape]);
  },
  example: "shared each = concat(words -> embed(16), x -> dense(4) -> broadcast(words))",
});

export const slice = layer({
  name: "slice",
  doc: "A stretch of the last axis: slice(from: 2, to: 6) keeps the channels 2, 3, 4 and 5.",
  group: "shape",
  aliases: ["narrow", "split", "Cropping1D"],
  operands: { min: 1, max: 1 },
  settings: {
    from: int({ min: 0 }).default(0).describe("The first that is kept, from 0."),
    to: int({ min: 1 }).optional().describe("The first that is not kept any more; the end where it is left out."),
  },
  shape({ settings, inputs: [x] }) {
    const last = x.shape.length - 1;
    if (last < 0 || axisName(x, last) !== null)
      throw new ShapeProblem(`this is ${showType(x)}: slice needs an axis of channels`, { operand: 0 });
    const size = x.shape[last];
    if (settings.to !== null ? settings.to <= settings.from : isKnown(size) && settings.from >= size)
      throw new ShapeProblem(`nothing is kept from ${settings.from} to ${settings.to ?? showSize(size)}`, {
        help: "`from` is the first that is kept, `to` the first that is not",
      });
    if (settings.to !== null && (!isKnown(size) || settings.to > size))
      throw new ShapeProblem(`this is ${showType(x)}: it has no channel ${settings.to - 1}`, {
        operand: 0,
        help: isKnown(size) ? `\`to\` is at most ${size}` : "its size is known only with the data: leave `to` out",
      });
    const kept = settings.to !== null ? settings.to - settings.from : addSizes(size, -settings.from);
    return resultType([x], [...x.shape.slice(0, last), kept], axisNames(x).slice(0, last), x.element);
  },
  forward(g, { settings, inputs: [x], outputType: { shape } }) {
    const outer = shape.slice(0, -1);
    return g.slice(x, [0, ...outer.map(() => 0), settings.from], [g.batch, ...shape]);
  },
  example: "shared part = x -> slice(from: 2, to: 6) -> dense(16)",
});
