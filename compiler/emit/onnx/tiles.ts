import { numbersOf } from "../../graph/attributes.ts";
import { elementCount } from "../../graph/graph.ts";
import type { Node } from "../../graph/graph.ts";
import type { Emission, Value } from "./emission.ts";

/**
 * Pooling whose windows lie side by side: an image [batch, channels, height, width] is taken apart into one small image for
 * each place of a window and put together again. That is exact where elements are equal, and takes two thirds of the time of
 * ONNX's indices of maxima with a scatter (onnxruntime 1.30, one thread, [64, 64, 28, 28], windows of 2 x 2).
 */

/** Windows of more elements would need too many nodes. */
const LARGEST_WINDOW = 9;

export function windowSize(node: Node): number {
  return elementCount(numbersOf(node.attributes, "window"));
}

/** True where windows neither overlap nor leave anything out between them. */
export function tiles(node: Node): boolean {
  const window = numbersOf(node.attributes, "window");
  const strides = numbersOf(node.attributes, "strides");
  const padding = numbersOf(node.attributes, "padding");
  return (
    windowSize(node) <= LARGEST_WINDOW &&
    window.every((size, k) => size === strides[k]) &&
    padding.every((size) => size === 0)
  );
}

/** True where windows reach all of the image. */
export function coversAll(node: Node): boolean {
  const [, , height, width] = node.inputs[0].type.shape;
  const window = numbersOf(node.attributes, "window");
  return height % window[0] === 0 && width % window[1] === 0;
}

/**
 * For each place of a window, row by row, its elements of all windows: [batch, channels, rows, columns]. An image in blocks has
 * `block` channels of a pixel side by side, and so do the results.
 */
export function tileViews(e: Emission, node: Node, x: Value, block = 1): readonly Value[] {
  const [height, width] = numbersOf(node.attributes, "window");
  const [batch, channels, fullHeight, fullWidth] = node.inputs[0].type.shape;
  const [rows, columns] = [Math.floor(fullHeight / height), Math.floor(fullWidth / width)];
  // Elements side by side are taken apart as columns of a matrix, which takes a third of the time of slices with strides.
  if (coversAll(node)) {
    const lines = (batch * channels * rows) / block;
    const shape = [batch, channels, rows, columns];
    if (block > 1) {
      const byRow = apart(e, e.reshape(x, [lines, height, columns * width * block]), height);
      const byPixel = byRow.map((part) => apart(e, e.reshape(part, [lines * columns, width, block]), width));
      return byPixel.flat().map((view) => e.reshape(view, shape));
    }
    const byColumn = apart(e, e.reshape(x, [lines * height * columns, width]), width);
    const byRow = byColumn.map((part) => apart(e, e.reshape(part, [lines, height, columns]), height));
    return Array.from({ length: height * width }, (_, place) =>
      e.reshape(byRow[place % width][Math.floor(place / width)], shape),
    );
  }
  const end = [rows * height, columns * width];
  const views: Value[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const bounds = [e.ints([row, column]), e.ints(end), e.ints([2, 3]), e.ints([height, width])];
      views.push(e.op("Slice", [x, ...bounds]));
    }
  }
  return views;
}

/** The parts of size 1 along axis 1. */
function apart(e: Emission, x: Value, count: number): readonly Value[] {
  return count === 1 ? [x] : e.ops("Split", [x], { axis: 1, num_outputs: count }, count);
}

/** The image of the node's type whose windows have these elements; what no window reaches is 0. `block` as above. */
export function joinTiles(e: Emission, node: Node, parts: readonly Value[], block = 1): Value {
  const [height, width] = numbersOf(node.attributes, "window");
  const [batch, channels, fullHeight, fullWidth] = node.type.shape;
  const [rows, columns] = [Math.floor(fullHeight / height), Math.floor(fullWidth / width)];
  const joinedRows = Array.from({ length: height }, (_, row) => {
    const inRow = parts.slice(row * width, (row + 1) * width).map((part) => e.reshape(part, [-1, block]));
    const joined = width === 1 ? inRow[0] : e.op("Concat", inRow, { axis: 1 });
    return e.reshape(joined, [(batch * channels * rows) / block, 1, columns * width * block]);
  });
  const stacked = height === 1 ? joinedRows[0] : e.op("Concat", joinedRows, { axis: 1 });
  const covered = e.reshape(stacked, [batch, channels, rows * height, columns * width]);
  const rest = [fullHeight - rows * height, fullWidth - columns * width];
  if (rest[0] === 0 && rest[1] === 0) return covered;
  return e.op("Pad", [covered, e.ints([0, 0, 0, 0, 0, 0, ...rest]), e.scalar(0)], { mode: "constant" });
}
