import { numberOf, numbersOf } from "../../graph/attributes.ts";
import type { Node } from "../../graph/graph.ts";
import { rowsSummed } from "./reductions.ts";
import type { Emission, Value } from "./emission.ts";

/**
 * The gradient of a kernel [height, width, in / groups, out] from x [batch, in, …] and dy [batch, out, …]: for each tap of
 * the kernel the part of x that it saw, all of them stacked as columns, times dy, summed over the batch. Columns repeat x once
 * a tap: a large batch is worked off in parts whose columns stay in the cache (2 MB to 4 MB; 0.8 of the time of all at once,
 * onnxruntime 1.30, one thread, [64, 32, 28, 28] and 3 x 3 x 64; both smaller and larger parts were slower).
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

  const padded = padding(e, node, x);
  const size = Math.min(batch, Math.max(1, Math.floor(COLUMN_NUMBERS / (taps * channels * places))));
  const sums: Value[] = [];
  for (let from = 0; from < batch; from += size) {
    const count = Math.min(size, batch - from);
    const rows = { from, count, all: count === batch };
    const seen = tapViews(e, node, padded, rows);
    const slope = rows.all ? dy : e.op("Slice", [dy, e.ints([from]), e.ints([from + count]), e.ints([0])]);
    // Groups stand before the columns, so that each is a product of its own.
    const lead = groups === 1 ? [count] : [count, groups];
    const parts = groups === 1 ? seen : seen.map((tap) => e.reshape(tap, [...lead, inGroup, height, width]));
    const stacked = parts.length === 1 ? parts[0] : e.op("Concat", parts, { axis: lead.length });
    const columns = e.reshape(stacked, [...lead, taps * inGroup, places]);
    const products = e.op("FusedMatMul", [columns, e.reshape(slope, [...lead, outGroup, places])], TRANSPOSED);
    const matrix = [count, groups * taps * inGroup * outGroup] as const;
    sums.push(rowsSummed(e, e.reshape(products, matrix), matrix));
  }
  const whole = sums.length === 1 ? sums[0] : e.op("Sum", sums);
  if (groups === 1) return e.reshape(whole, node.type.shape);
  return e.reshape(e.transpose(e.reshape(whole, [groups, taps * inGroup, outGroup]), [1, 0, 2]), node.type.shape);
}

/** The most numbers that the columns of one part of the batch hold, where one example alone does not hold more. */
const COLUMN_NUMBERS = 2 ** 20;

const TRANSPOSED = { transA: 0, transB: 1, alpha: { float: 1 } };

function padding(e: Emission, node: Node, x: Value): Value {
  const sizes = numbersOf(node.attributes, "padding");
  if (sizes.every((size) => size === 0)) return x;
  const [top, bottom, left, right] = sizes;
  return e.op("Pad", [x, e.ints([0, 0, top, left, 0, 0, bottom, right]), e.scalar(0)], { mode: "constant" });
}

interface Rows {
  readonly from: number;
  readonly count: number;
  /** True where these are the whole batch. */
  readonly all: boolean;
}

/** For each tap of the kernel, row by row, the elements of padded x under it: [rows, in, height of dy, width of dy]. */
function tapViews(e: Emission, node: Node, padded: Value, { from, count, all }: Rows): Value[] {
  const [, , inputHeight, inputWidth] = node.inputs[0].type.shape;
  const [, , height, width] = node.inputs[1].type.shape;
  const [kernelHeight, kernelWidth] = node.type.shape;
  const [rowStep, columnStep] = numbersOf(node.attributes, "strides");
  const [rowDilation, columnDilation] = numbersOf(node.attributes, "dilations");
  const [top, bottom, left, right] = numbersOf(node.attributes, "padding");

  const fits = height === inputHeight + top + bottom && width === inputWidth + left + right;
  if (kernelHeight * kernelWidth === 1 && fits && all) return [padded];

  const views: Value[] = [];
  for (let row = 0; row < kernelHeight; row++) {
    for (let column = 0; column < kernelWidth; column++) {
      const begin = [row * rowDilation, column * columnDilation];
      const end = [begin[0] + (height - 1) * rowStep + 1, begin[1] + (width - 1) * columnStep + 1];
      const bounds = all
        ? [begin, end, [2, 3], [rowStep, columnStep]]
        : [
            [from, ...begin],
            [from + count, ...end],
            [0, 2, 3],
            [1, rowStep, columnStep],
          ];
      views.push(e.op("Slice", [padded, ...bounds.map((bound) => e.ints(bound))]));
    }
  }
  return views;
}
