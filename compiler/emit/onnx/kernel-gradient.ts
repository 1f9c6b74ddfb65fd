import { numberOf, numbersOf } from "../../graph/attributes.ts";
import type { Node } from "../../graph/graph.ts";
import { intoBlocks, isInBlocks, outOfBlocks } from "./blocked.ts";
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
  const [, , height, width] = node.inputs[1].type.shape;
  const [kernelHeight, kernelWidth] = node.type.shape;
  const groups = numberOf(node.attributes, "groups");
  const padded = padding(e, node, x);
  const columns = kernelHeight * kernelWidth * channels * height * width;
  const size = Math.min(batch, Math.max(1, Math.floor(COLUMN_NUMBERS / columns)));
  const isWide = groups === 1 && kernelHeight > 1 && kernelWidth * channels >= WIDE_ROW;
  const sums: Value[] = [];
  for (let from = 0; from < batch; from += size) {
    const rows = { from, count: Math.min(size, batch - from), all: size === batch };
    sums.push((isWide ? rowByRow : allTaps)(e, node, padded, slopeOf(e, node, dy, rows), rows));
  }
  const whole = sums.length === 1 ? sums[0] : e.op("Sum", sums);
  if (groups === 1) return e.reshape(whole, node.type.shape);
  const [, , inGroup, outputs] = node.type.shape;
  const grouped = e.reshape(whole, [groups, kernelHeight * kernelWidth * inGroup, outputs / groups]);
  return e.reshape(e.transpose(grouped, [1, 0, 2]), node.type.shape);
}

/** dy of some rows. What came out of a convolution in blocks is moved part by part, while it is in the cache. */
function slopeOf(e: Emission, node: Node, dy: Value, { from, count, all }: Rows): Value {
  if (all) return dy;
  const bounds = [e.ints([from]), e.ints([from + count]), e.ints([0])];
  if (!isInBlocks(e, dy)) return e.op("Slice", [dy, ...bounds]);
  return outOfBlocks(e, e.op("Slice", [intoBlocks(e, dy), ...bounds]), node.inputs[1].type.shape[1]);
}

/** One product of all taps. Groups stand before the columns, so that each is a product of its own. */
function allTaps(e: Emission, node: Node, padded: Value, slope: Value, rows: Rows): Value {
  const [, channels] = node.inputs[0].type.shape;
  const [, outputs, height, width] = node.inputs[1].type.shape;
  const groups = numberOf(node.attributes, "groups");
  const lead = groups === 1 ? [rows.count] : [rows.count, groups];
  const seen = tapViews(e, node, padded, rows);
  const parts = groups === 1 ? seen : seen.map((tap) => e.reshape(tap, [...lead, channels / groups, height, width]));
  const stacked = parts.length === 1 ? parts[0] : e.op("Concat", parts, { axis: lead.length });
  const columns = e.reshape(stacked, [...lead, (seen.length * channels) / groups, height * width]);
  const products = e.op(
    "FusedMatMul",
    [columns, e.reshape(slope, [...lead, outputs / groups, height * width])],
    TURNED,
  );
  return batchSummed(e, products, rows.count, (seen.length * channels * outputs) / groups);
}

/**
 * One product for each row of the kernel: columns for one row serve the others as they are, some lines further down, which
 * copies long stretches of memory instead of single lines (0.9 of the time of all taps at once).
 */
function rowByRow(e: Emission, node: Node, padded: Value, slope: Value, { from, count, all }: Rows): Value {
  const [, channels] = node.inputs[0].type.shape;
  const [, outputs, height, width] = node.inputs[1].type.shape;
  const [kernelHeight, kernelWidth] = node.type.shape;
  const [rowStep, columnStep] = numbersOf(node.attributes, "strides");
  const [rowDilation, columnDilation] = numbersOf(node.attributes, "dilations");
  const line = Array.from({ length: kernelWidth }, (_, column) => {
    const begin = column * columnDilation;
    const end = begin + (width - 1) * columnStep + 1;
    const bounds = all
      ? [[begin], [end], [3], [columnStep]]
      : [
          [from, begin],
          [from + count, end],
          [0, 3],
          [1, columnStep],
        ];
    return e.op("Slice", [padded, ...bounds.map((bound) => e.ints(bound))]);
  });
  const columns = line.length === 1 ? line[0] : e.op("Concat", line, { axis: 1 });
  const flat = e.reshape(slope, [count, outputs, height * width]);
  const sums = Array.from({ length: kernelHeight }, (_, row) => {
    const begin = row * rowDilation;
    const bounds = [[begin], [begin + (height - 1) * rowStep + 1], [2], [rowStep]].map((bound) => e.ints(bound));
    const seen = e.reshape(e.op("Slice", [columns, ...bounds]), [count, kernelWidth * channels, height * width]);
    const products = e.op("FusedMatMul", [seen, flat], TURNED);
    return batchSummed(e, products, count, kernelWidth * channels * outputs);
  });
  return e.op("Concat", sums, { axis: 0 });
}

function batchSummed(e: Emission, products: Value, count: number, numbers: number): Value {
  return rowsSummed(e, e.reshape(products, [count, numbers]), [count, numbers]);
}

/** From here on a row of the kernel is enough for a product: taps times channels. */
const WIDE_ROW = 48;

/** The most numbers that the columns of one part of the batch hold, where one example alone does not hold more. */
const COLUMN_NUMBERS = 2 ** 20;

const TURNED = { transA: 0, transB: 1, alpha: { float: 1 } };

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
