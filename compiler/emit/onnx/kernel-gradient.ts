import { numberOf, numbersOf } from "../../graph/attributes.ts";
import { elementCount } from "../../graph/graph.ts";
import type { Node } from "../../graph/graph.ts";
import { rowsSummed } from "./reductions.ts";
import type { Emission, Value } from "./emission.ts";

/**
 * The gradient of a kernel [height, width, in / groups, out] from x [batch, in, …] and dy [batch, out, …]: for each tap of
 * the kernel the part of x that it saw, all of them stacked as columns, times dy, summed over the batch.
 */
export function kernelGradient(e: Emission, node: Node, [x, dy]: readonly Value[]): Value {
  const [batch, channels] = node.inputs[0].type.shape;
  const [, outputs, height, width] = node.inputs[1].type.shape;
  const [kernelHeight, kernelWidth] = node.type.shape;
  const groups = numberOf(node.attributes, "groups");
  const taps = kernelHeight * kernelWidth;
  const places = height * width;
  const inGroup = channels / groups;
  const outGroup = outputs / groups;

  const seen = tapViews(e, node, x);
  if (groups === 1 && seen.length > 1 && (channels >= MANY_CHANNELS || taps >= MANY_TAPS)) {
    const flat = e.reshape(dy, [batch, outputs, places]);
    const sums = seen.map((tap) => {
      const products = e.op("FusedMatMul", [e.reshape(tap, [batch, channels, places]), flat], TRANSPOSED);
      return rowsSummed(e, products, batch, channels * outputs);
    });
    return e.reshape(e.op("Concat", sums, { axis: 0 }), node.type.shape);
  }
  if (groups === 1) {
    const stacked = seen.length === 1 ? seen[0] : e.op("Concat", seen, { axis: 1 });
    const columns = e.reshape(stacked, [batch, taps * channels, places]);
    const products = e.op("FusedMatMul", [columns, e.reshape(dy, [batch, outputs, places])], TRANSPOSED);
    return e.reshape(rowsSummed(e, products, batch, taps * channels * outputs), node.type.shape);
  }
  const parts = seen.map((tap) => e.reshape(tap, [batch, groups, inGroup, places]));
  const columns = parts.length === 1 ? parts[0] : e.op("Concat", parts, { axis: 2 });
  const products = e.op("FusedMatMul", [columns, e.reshape(dy, [batch, groups, outGroup, places])], TRANSPOSED);
  const summed = rowsSummed(e, products, batch, groups * taps * inGroup * outGroup);
  const grouped = e.reshape(summed, [groups, taps * inGroup, outGroup]);
  return e.reshape(e.transpose(grouped, [1, 0, 2]), node.type.shape);
}

/** From here on one product for each tap is faster than copying all taps side by side for one product. */
const MANY_CHANNELS = 32;
const MANY_TAPS = 25;

const TRANSPOSED = { transA: 0, transB: 1, alpha: { float: 1 } };

/** For each tap of the kernel, row by row, the elements of x under it: [batch, in, height of dy, width of dy]. */
function tapViews(e: Emission, node: Node, x: Value): Value[] {
  const [, , inputHeight, inputWidth] = node.inputs[0].type.shape;
  const [, , height, width] = node.inputs[1].type.shape;
  const [kernelHeight, kernelWidth] = node.type.shape;
  const [rowStep, columnStep] = numbersOf(node.attributes, "strides");
  const [rowDilation, columnDilation] = numbersOf(node.attributes, "dilations");
  const padding = numbersOf(node.attributes, "padding");
  const [top, bottom, left, right] = padding;

  const padded = padding.every((size) => size === 0)
    ? x
    : e.op("Pad", [x, e.ints([0, 0, top, left, 0, 0, bottom, right]), e.scalar(0)], { mode: "constant" });
  const whole =
    elementCount([kernelHeight, kernelWidth]) === 1 &&
    height === inputHeight + top + bottom &&
    width === inputWidth + left + right;
  if (whole) return [padded];

  const views: Value[] = [];
  for (let row = 0; row < kernelHeight; row++) {
    for (let column = 0; column < kernelWidth; column++) {
      const begin = [row * rowDilation, column * columnDilation];
      const end = [begin[0] + (height - 1) * rowStep + 1, begin[1] + (width - 1) * columnStep + 1];
      const steps = [rowStep, columnStep];
      views.push(e.op("Slice", [padded, e.ints(begin), e.ints(end), e.ints([2, 3]), e.ints(steps)]));
    }
  }
  return views;
}
