import type { Conv2dAttributes, Padding2d, Pair } from "../../graph/builder.ts";
import { conv2dAttributes } from "../../operations/conv2d.ts";
import { numbersOf } from "../../graph/attributes.ts";
import {
  call,
  kernel,
  numbers,
  shape,
  tensors,
  text,
  type Expression,
  type Literal,
  type Operand,
} from "./expression.ts";
import { padded, spreadApart, unpadded, type Sized } from "./spread.ts";
import type { TfjsSpelling } from "./spelling.ts";

/**
 * Convolution and its two gradients. What TensorFlow.js computes wrongly or not at all is led around: its gradients know no
 * dilation (a kernel with zeros between its elements is a dilated one), no groups (each is a convolution of its own, except
 * where every channel is a group), and on libtensorflow no padding but `same` and `valid` (the image is padded first).
 */
export const convolutions = {
  conv2d: (node, operands) => {
    const attributes = conv2dAttributes(node.attributes);
    return convolution(attributes, operands, keepsDilation(attributes));
  },

  conv2dInputGradient: (node, [dy, filter]) => {
    const attributes = conv2dAttributes(node.attributes);
    const { strides, groups, padding } = attributes;
    const whole: Sized = { value: dy, shape: numbersOf(node.attributes, "inputShape") };
    const { pad, image, filter: wide, isPadded } = arranged(whole, filter, attributes, false);
    const part = (count: number): Literal => shape([...image.shape.slice(0, 3), image.shape[3] / count]);
    const back = (): Expression => {
      if (groups === 1) return call("conv2dTranspose", dy, wide.value, part(1), numbers(strides), pad);
      if (isDepthwise(attributes, filter.shape)) {
        const inputs = { dy, filter: byChannel(wide, attributes.groups) };
        return kernel("DepthwiseConv2dNativeBackpropInput", inputs, {
          ...byStrides(strides, pad),
          inputShape: part(1),
        });
      }
      return grouped(groups, (group) =>
        call(
          "conv2dTranspose",
          channels({ value: dy, shape: dy.shape }, group, groups),
          channels(wide, group, groups),
          part(groups),
          numbers(strides),
          pad,
        ),
      );
    };
    return isPadded ? unpadded(back(), padding, node.type.shape) : back();
  },

  conv2dKernelGradient: (node, [x, dy]) => {
    const attributes = conv2dAttributes(node.attributes);
    const { strides, dilations, groups } = attributes;
    const filterShape = node.type.shape;
    const { pad, image, filter: wide } = arranged(x, { value: x, shape: filterShape }, attributes, false);
    const [height, width, inputs, outputs] = wide.shape;
    const all = (): Expression => {
      const common = { strides: numbers(strides), pad, dataFormat: text("NHWC") };
      if (groups === 1) {
        const given = { x: image.value, dy };
        return kernel("Conv2DBackpropFilter", given, { ...common, filterShape: shape(wide.shape) });
      }
      if (isDepthwise(attributes, filterShape)) {
        const perChannel = [height, width, groups, outputs / groups];
        const found = kernel(
          "DepthwiseConv2dNativeBackpropFilter",
          { x: image.value, dy },
          { ...byStrides(strides, pad), filterShape: shape(perChannel) },
        );
        return call("reshape", found, shape(wide.shape));
      }
      return grouped(groups, (group) => {
        const given = {
          x: channels(image, group, groups),
          dy: channels({ value: dy, shape: dy.shape }, group, groups),
        };
        const own = shape([height, width, inputs, outputs / groups]);
        return kernel("Conv2DBackpropFilter", given, { ...common, filterShape: own });
      });
    };
    if (dilations.every((step) => step === 1)) return all();
    return call("stridedSlice", all(), numbers([0, 0, 0, 0]), shape(wide.shape), numbers([...dilations, 1, 1]));
  },
} satisfies Record<string, TfjsSpelling>;

/** Convolution in a form whose gradient TensorFlow.js knows: without dilations of its own. Padding is `same` wherever it may be. */
export const differentiableConv2d: TfjsSpelling = (node, operands) =>
  convolution(conv2dAttributes(node.attributes), operands, false, "same");

function convolution(
  attributes: Conv2dAttributes,
  [x, filter]: readonly Operand[],
  takesDilation: boolean,
  preferred: "same" | "valid" = "valid",
): Expression {
  const { strides, dilations } = attributes;
  const { pad, image, filter: wide, isWidened } = arranged(x, filter, attributes, takesDilation, preferred);
  const dilated = !isWidened && dilations.some((step) => step > 1);
  const convolve = (part: Expression, taps: Expression): Expression =>
    call("conv2d", part, taps, numbers(strides), pad, ...(dilated ? [text("NHWC"), numbers(dilations)] : []));
  if (attributes.groups === 1) return convolve(image.value, wide.value);
  if (isDepthwise(attributes, filter.shape))
    return call("depthwiseConv2d", image.value, byChannel(wide, attributes.groups), numbers(strides), pad);
  return grouped(attributes.groups, (group, groups) =>
    convolve(channels(image, group, groups), channels(wide, group, groups)),
  );
}

interface Arranged {
  readonly pad: Literal;
  /** Padded by hand where `pad` cannot say it. */
  readonly image: Sized;
  readonly isPadded: boolean;
  /** With zeros between its elements where they stand apart, unless the function takes dilations. */
  readonly filter: Sized;
  readonly isWidened: boolean;
}

function arranged(
  x: Sized | Operand,
  filter: Sized | Operand,
  { strides, dilations, padding }: Conv2dAttributes,
  takesDilation: boolean,
  preferred: "same" | "valid" = "valid",
): Arranged {
  const own = sized(filter);
  const taps = takesDilation ? own : spreadApart(own, [0, 1], dilations);
  const window: Pair = [(own.shape[0] - 1) * dilations[0] + 1, (own.shape[1] - 1) * dilations[1] + 1];
  const image = sized(x);
  const named = paddingName(image.shape, window, strides, padding, preferred);
  return {
    pad: text(named ?? "valid"),
    image: named === null ? padded(image, padding) : image,
    isPadded: named === null,
    filter: taps,
    isWidened: !takesDilation,
  };
}

function sized(x: Sized | Operand): Sized {
  return "kind" in x ? { value: x, shape: x.shape } : x;
}

/** TensorFlow.js convolves with strides or with dilations, and depthwise on libtensorflow with strides alone. */
function keepsDilation({ strides, dilations, groups }: Conv2dAttributes): boolean {
  return groups === 1 && (strides.every((step) => step === 1) || dilations.every((step) => step === 1));
}

/** `same` or `valid` where they mean this padding of an image [batch, height, width, channels]; null where neither does. */
export function paddingName(
  image: readonly number[],
  window: Pair,
  strides: Pair,
  padding: Padding2d,
  /** Which of the two, where both mean it. */
  preferred: "same" | "valid" = "valid",
): "same" | "valid" | null {
  const isValid = padding.every((size) => size === 0);
  if (isValid && preferred === "valid") return "valid";
  const isSame = [0, 1].every((axis) => {
    const size = image[1 + axis];
    const total = Math.max(0, (Math.ceil(size / strides[axis]) - 1) * strides[axis] + window[axis] - size);
    const before = Math.floor(total / 2);
    return padding[2 * axis] === before && padding[2 * axis + 1] === total - before;
  });
  return isSame ? "same" : isValid ? "valid" : null;
}

/** Every channel a group of its own; libtensorflow has them for equal strides only. */
function isDepthwise({ groups, strides }: Conv2dAttributes, filter: readonly number[]): boolean {
  return groups > 1 && filter[2] === 1 && strides[0] === strides[1];
}

/** [height, width, 1, channels · multiplier] as [height, width, channels, multiplier]. */
function byChannel({ value, shape: [height, width, , outputs] }: Sized, groups: number): Expression {
  return call("reshape", value, shape([height, width, groups, outputs / groups]));
}

function byStrides(strides: Pair, pad: Literal): Record<string, Literal> {
  return { strides: numbers(strides), pad, dilations: numbers([1, 1]) };
}

function grouped(groups: number, one: (group: number, groups: number) => Expression): Expression {
  return call("concat", tensors(...Array.from({ length: groups }, (_, group) => one(group, groups))), 3);
}

/** The last axis's share of one group. */
function channels({ value, shape: whole }: Sized, group: number, groups: number): Expression {
  const size = whole[3] / groups;
  return call("slice", value, numbers([0, 0, 0, group * size]), shape([...whole.slice(0, 3), size]));
}
