import { numberOf, numbersOf } from "../../graph/attributes.ts";
import type { Node } from "../../graph/graph.ts";
import type { Emission, Value } from "./emission.ts";

/**
 * Images in onnxruntime's own layout, where so many channels as a vector register holds lie side by side: forward 0.8,
 * the gradient of the input 0.7 of the time of Conv and ConvTranspose, moving to that layout and back included (onnxruntime
 * 1.30, one thread, [64, 32, 28, 28] and 3 x 3 x 64). The runtime takes it by itself where kernels are constants, which those
 * of a training step are not. An engine says how many channels make a block; 0 leaves this layout alone.
 */

/** Convolutions that the layout serves: whole blocks of channels, and more than one tap. */
export function fitsBlocks(e: Emission, node: Node): boolean {
  const [outputs, inputs, height, width] = node.inputs[1].type.shape;
  const { block } = e;
  if (block < 2 || inputs % block !== 0 || outputs % block !== 0) return false;
  return numberOf(node.attributes, "groups") === 1 && height * width > 1;
}

/** `kernel` is [out, in, height, width]. */
export function blockedConvolution(
  e: Emission,
  node: Node,
  [x, kernel, ...bias]: readonly Value[],
  activation?: string,
): Value {
  const [outputs, inputs, height, width] = node.inputs[1].type.shape;
  const [top, bottom, left, right] = numbersOf(node.attributes, "padding");
  return written(e, [x, blockedKernel(e, kernel, [outputs, inputs, height, width]), ...bias], outputs, {
    kernel_shape: [height, width],
    strides: numbersOf(node.attributes, "strides"),
    dilations: numbersOf(node.attributes, "dilations"),
    pads: [top, left, bottom, right],
    group: 1,
    ...(activation !== undefined && { activation }),
  });
}

/** True where the gradient of the input is itself a convolution: of dy with the kernel turned round. */
export function gradientFitsBlocks(e: Emission, node: Node): boolean {
  const single = [...numbersOf(node.attributes, "strides"), ...numbersOf(node.attributes, "dilations")];
  const [, , height, width] = node.inputs[1].type.shape;
  const [top, bottom, left, right] = numbersOf(node.attributes, "padding");
  const narrow = Math.max(top, bottom) < height && Math.max(left, right) < width;
  return fitsBlocks(e, node) && narrow && single.every((size) => size === 1);
}

export function blockedInputGradient(e: Emission, node: Node, [dy, kernel]: readonly Value[]): Value {
  const [outputs, inputs, height, width] = node.inputs[1].type.shape;
  const [top, bottom, left, right] = numbersOf(node.attributes, "padding");
  const beyond = e.ints([-(2 ** 31), -(2 ** 31)]);
  const turned = e.op("Slice", [kernel, e.ints([-1, -1]), beyond, e.ints([2, 3]), e.ints([-1, -1])]);
  const swapped = e.transpose(turned, [1, 0, 2, 3]);
  return written(e, [dy, blockedKernel(e, swapped, [inputs, outputs, height, width])], inputs, {
    kernel_shape: [height, width],
    strides: [1, 1],
    dilations: [1, 1],
    pads: [height - 1 - top, width - 1 - left, height - 1 - bottom, width - 1 - right],
    group: 1,
  });
}

/** [out, in, height, width] as [out / b, in / b, height, width, b of in, b of out], which is said to have the first shape. */
function blockedKernel(e: Emission, kernel: Value, shape: readonly number[]): Value {
  const [outputs, inputs, height, width] = shape;
  const { block } = e;
  const apart = e.reshape(kernel, [outputs / block, block, inputs / block, block, height, width]);
  return e.reshape(e.transpose(apart, [0, 2, 4, 5, 3, 1]), shape);
}

/** A convolution between two moves; a value that came out of one convolution goes into the next as it is. */
function written(
  e: Emission,
  [x, ...rest]: readonly Value[],
  channels: number,
  attributes: Parameters<Emission["blocked"]>[2],
): Value {
  return outOfBlocks(e, e.blocked("Conv", [intoBlocks(e, x), ...rest], attributes), channels);
}

/** An image in blocks: what it came from, or moved. */
export function intoBlocks(e: Emission, image: Value): Value {
  return e.once(asBlocks(image), () => [e.blocked("ReorderInput", [image], {})])[0];
}

/** An image as others read it. The move is left out of the model where nobody does. */
export function outOfBlocks(e: Emission, image: Value, channels: number): Value {
  const plain = e.blocked("ReorderOutput", [image], { channels });
  e.once(asBlocks(plain), () => [image]);
  return plain;
}

/** True for an image that is there in blocks already. */
export function isInBlocks(e: Emission, image: Value): boolean {
  return e.found(asBlocks(image)) !== undefined;
}

const asBlocks = (value: Value): string => `${value} in blocks`;
