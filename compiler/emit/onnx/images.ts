import { numberOf, numbersOf } from "../../graph/attributes.ts";
import { elementCount } from "../../graph/graph.ts";
import type { Node } from "../../graph/graph.ts";
import {
  blockedConvolution,
  blockedInputGradient,
  fitsBlocks,
  gradientFitsBlocks,
  intoBlocks,
  isInBlocks,
  outOfBlocks,
} from "./blocked.ts";
import type { Emission, OnnxSpelling, Value } from "./emission.ts";
import { kernelGradient } from "./kernel-gradient.ts";
import { coversAll, joinTiles, tiles, tileViews, windowSize } from "./tiles.ts";

/**
 * Convolution and pooling as the layout pass leaves them: images [batch, channels, height, width] and kernels
 * [out, in / groups, height, width]; the gradient of a kernel alone comes as [height, width, in / groups, out].
 */
export const images = {
  conv2d: (e, node, [x, kernel]) => convolution(e, node, [x, kernel]),

  conv2dInputGradient: (e, node, [dy, kernel]) => {
    if (gradientFitsBlocks(e, node)) return blockedInputGradient(e, node, [dy, kernel]);
    const kernelShape = node.inputs[1].type.shape;
    const window = [kernelShape[2], kernelShape[3]];
    const dilations = numbersOf(node.attributes, "dilations");
    return e.op("ConvTranspose", [dy, kernel], {
      kernel_shape: window,
      strides: numbersOf(node.attributes, "strides"),
      dilations,
      pads: onnxPadding(node),
      output_padding: outputPadding(node, window, dilations),
      group: numberOf(node.attributes, "groups"),
    });
  },

  conv2dKernelGradient: kernelGradient,

  maxPool2d: (e, node, [x]) => (readsPlaces(e, node) ? poolWithPlaces(e, node, x)[0] : maxPool(e, node, x)),

  maxPool2dGradient: (e, node, [x, dy]) => {
    if (tiles(node)) return tiledGradient(e, node, x, dy);
    const [, places] = poolWithPlaces(e, node, x);
    const size = elementCount(node.type.shape);
    const zeros = e.filled(0, { element: "f32", shape: [size] });
    const flat = [zeros, e.reshape(places, [-1]), e.reshape(dy, [-1])];
    const attributes = { axis: 0, ...(windowsOverlap(node) && { reduction: "add" }) };
    return e.reshape(e.op("ScatterElements", flat, attributes), node.type.shape);
  },

  maxPool2dPick: (e, node, [x, values]) => {
    const [, places] = poolWithPlaces(e, node, x);
    return e.op("Gather", [e.reshape(values, [-1]), places], { axis: 0 });
  },

  sumPool2d: (e, node, [x]) => {
    const mean = e.op("AveragePool", [x], { ...poolAttributes(node), count_include_pad: 1 });
    return e.op("Mul", [mean, e.scalar(windowSize(node))]);
  },

  sumPool2dGradient: (e, node, [dy]) => {
    if (tiles(node)) return joinTiles(e, node, new Array<Value>(windowSize(node)).fill(dy));
    // Channels become rows of the batch, so that one kernel of ones serves them all.
    const [batch, channels, height, width] = node.inputs[0].type.shape;
    const window = numbersOf(node.attributes, "window");
    const spread = e.op("ConvTranspose", [e.reshape(dy, [batch * channels, 1, height, width]), ones(e, window)], {
      kernel_shape: window,
      strides: numbersOf(node.attributes, "strides"),
      pads: onnxPadding(node),
      output_padding: outputPadding(node, window, [1, 1]),
    });
    return e.reshape(spread, node.type.shape);
  },
} satisfies Record<string, OnnxSpelling>;

/** Whether anybody needs to know where the maxima of this pooling stand, for which the slower kernel is taken. */
function readsPlaces(e: Emission, node: Node): boolean {
  const [image] = node.inputs;
  return e
    .users(image)
    .some(
      ({ operation, inputs }) =>
        inputs[0] === image && (operation === "maxPool2dPick" || (operation === "maxPool2dGradient" && !tiles(node))),
    );
}

/** `operands`: x, kernel and, where there is one, the bias [out]. */
export function convolution(e: Emission, node: Node, operands: readonly Value[], activation?: string): Value {
  if (fitsBlocks(e, node)) return blockedConvolution(e, node, operands, activation);
  const attributes = {
    kernel_shape: node.inputs[1].type.shape.slice(2),
    strides: numbersOf(node.attributes, "strides"),
    dilations: numbersOf(node.attributes, "dilations"),
    pads: onnxPadding(node),
    group: numberOf(node.attributes, "groups"),
  };
  return activation === undefined
    ? e.op("Conv", operands, attributes)
    : e.op("FusedConv", operands, { ...attributes, activation });
}

/** [top, bottom, left, right] as [top, left, bottom, right]. */
function onnxPadding(node: Node): number[] {
  const [top, bottom, left, right] = numbersOf(node.attributes, "padding");
  return [top, left, bottom, right];
}

function poolAttributes(node: Node) {
  return {
    kernel_shape: numbersOf(node.attributes, "window"),
    strides: numbersOf(node.attributes, "strides"),
    pads: onnxPadding(node),
  };
}

/** The pooled image and, for each of its elements, where its maximum stands in the flat input: written once for all. */
function poolWithPlaces(e: Emission, node: Node, x: Value): readonly Value[] {
  const attributes = poolAttributes(node);
  return e.once(`MaxPool ${x} ${JSON.stringify(attributes)}`, () => e.ops("MaxPool", [x], attributes, 2));
}

/** The pooled image, written once for all who read it; what came out of a convolution in blocks stays in them. */
function maxPool(e: Emission, node: Node, x: Value): Value {
  const attributes = poolAttributes(node);
  const [pooled] = e.once(`MaxPool of ${x} ${JSON.stringify(attributes)}`, () => [
    isInBlocks(e, x)
      ? outOfBlocks(e, e.blocked("MaxPool", [intoBlocks(e, x)], attributes), node.inputs[0].type.shape[1])
      : e.op("MaxPool", [x], attributes),
  ]);
  return pooled;
}

/** The gradient of pooling over windows side by side: of each place of a window the part of dy whose maximum stands there. */
function tiledGradient(e: Emission, node: Node, x: Value, dy: Value): Value {
  const pooled = maxPool(e, node, x);
  if (!isInBlocks(e, x) || !coversAll(node)) {
    return joinTiles(e, node, firstLargest(e, tileViews(e, node, x), pooled, dy));
  }
  const views = tileViews(e, node, intoBlocks(e, x), e.block);
  const parts = firstLargest(e, views, intoBlocks(e, pooled), intoBlocks(e, dy));
  return outOfBlocks(e, joinTiles(e, node, parts, e.block), node.type.shape[1]);
}

/** For each place of a window, the part of dy whose first largest element stands there. */
function firstLargest(e: Emission, seen: readonly Value[], largest: Value, dy: Value): Value[] {
  let rest = dy;
  return seen.map((view, place) => {
    if (place === seen.length - 1) return rest;
    const here = e.op("Mul", [rest, e.cast(e.op("Equal", [view, largest]), "f32")]);
    rest = e.op("Sub", [rest, here]);
    return here;
  });
}

function windowsOverlap(node: Node): boolean {
  const strides = numbersOf(node.attributes, "strides");
  return numbersOf(node.attributes, "window").some((size, k) => size > strides[k]);
}

/** Rows and columns of the input that no window reached: a transposed convolution adds them at the end. */
function outputPadding(node: Node, window: readonly number[], dilations: readonly number[]): number[] {
  const strides = numbersOf(node.attributes, "strides");
  const [top, bottom, left, right] = numbersOf(node.attributes, "padding");
  const padding = [top + bottom, left + right];
  const pooled = node.inputs[0].type.shape.slice(2);
  return node.type.shape
    .slice(2)
    .map((size, k) => size + padding[k] - ((window[k] - 1) * dilations[k] + 1) - (pooled[k] - 1) * strides[k]);
}

function ones(e: Emission, window: readonly number[]): Value {
  return e.floats(new Float32Array(elementCount(window)).fill(1), [1, 1, ...window]);
}
