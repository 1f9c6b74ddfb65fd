import { elementCount, topologicalOrder } from "../../graph/graph.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import { sameShape } from "../../graph/shape.ts";
import type { Emission, Value } from "./emission.ts";
import { convolution } from "./images.ts";
import { isMatrixProduct, product } from "./products.ts";
import { rowSum, sumsRows } from "./reductions.ts";

/** Several nodes that ONNX has one operation for: written at the last of them. */
export interface Fusion {
  /** Nodes that are written nowhere else. */
  readonly inner: readonly Node[];
  readonly write: (e: Emission) => Value;
}

/**
 * The fusions of a graph by their last node: products and convolutions with a factor, their bias and relu, and what is taken
 * away from single elements (the gradient of cross-entropy). A node inside a fusion is read by nobody else.
 */
export function findFusions(graph: Graph, users: (node: Node) => readonly Node[]): ReadonlyMap<Node, Fusion> {
  const results = new Set(graph.outputs.values());
  const readers: Readers = (node) => (results.has(node) ? [] : users(node));
  const fusions = new Map<Node, Fusion>();
  const taken = new Set<Node>();
  // From the back: the longest chain is found at its end.
  for (const node of topologicalOrder(results).reverse()) {
    if (taken.has(node)) continue;
    const fusion =
      withBias(node, readers) ??
      withFactor(node, readers) ??
      ofScaled(node, readers) ??
      takenAway(node, readers) ??
      positiveMask(node, readers);
    if (fusion === null) continue;
    fusions.set(node, fusion);
    for (const inner of fusion.inner) taken.add(inner);
  }
  return fusions;
}

/** Who reads a node; nobody may be said to read a result alone. */
type Readers = (node: Node) => readonly Node[];

const alone = (readers: Readers, node: Node): boolean => readers(node).length === 1;

/** relu(x W + b), x W + b, relu(x W), and the same with a convolution for the product. */
function withBias(node: Node, readers: Readers): Fusion | null {
  const activation = node.operation === "relu" && alone(readers, node.inputs[0]) ? "Relu" : undefined;
  const sum = activation === undefined ? node : node.inputs[0];
  const outer = sum === node ? [] : [sum];
  if (sum.operation === "add") {
    for (const [factor, bias] of [sum.inputs, [...sum.inputs].reverse()]) {
      if (!alone(readers, factor) || !sameShape(factor.type.shape, sum.type.shape)) continue;
      const fusion = writeProduct(factor, readers, { bias, activation });
      if (fusion) return { ...fusion, inner: [...outer, factor, ...fusion.inner] };
    }
  }
  if (activation === undefined) return null;
  const fusion = writeProduct(sum, readers, { activation });
  return fusion && { ...fusion, inner: [sum, ...fusion.inner] };
}

interface Parts {
  readonly alpha?: number;
  readonly bias?: Node;
  readonly activation?: string;
}

function writeProduct(node: Node, readers: Readers, { alpha = 1, bias, activation }: Parts): Fusion | null {
  if (node.operation === "conv2d" && alpha === 1) {
    const channels = node.type.shape[1];
    if (bias && !sameShape(bias.type.shape, [1, channels, 1, 1])) return null;
    return {
      inner: [],
      write: (e) => {
        const operands = node.inputs.map((input) => e.value(input));
        const withBias = bias ? [...operands, e.reshape(e.value(bias), [channels])] : operands;
        return convolution(e, node, withBias, activation);
      },
    };
  }
  if (node.operation !== "matmul") return null;
  if ((bias !== undefined || activation !== undefined) && !isMatrixProduct(node)) return null;
  const { shape } = node.type;
  const columns = shape[shape.length - 1];
  const isWhole = bias !== undefined && sameShape(bias.type.shape, shape);
  if (bias && !isWhole && !sameShape(bias.type.shape, [columns]) && !sameShape(bias.type.shape, [1, columns]))
    return null;
  const operands = node.inputs.map((input) => withoutFactor(input, readers));
  return {
    inner: operands.flatMap(({ scaled }) => (scaled ? [scaled] : [])),
    write: (e) =>
      product(
        e,
        node,
        operands.map((operand) => e.value(operand.node)),
        {
          alpha: operands.reduce((total, operand) => total * operand.factor, alpha),
          bias: bias && (isWhole && shape.length > 2 ? e.reshape(e.value(bias), asMatrix(shape)) : e.value(bias)),
          activation,
        },
      ),
  };
}

function asMatrix(shape: readonly number[]): number[] {
  return [elementCount(shape.slice(0, -1)), shape[shape.length - 1]];
}

/** A number times a product. */
function withFactor(node: Node, readers: Readers): Fusion | null {
  const scaled = scaling(node);
  if (scaled === null || scaled.node.operation !== "matmul" || !alone(readers, scaled.node)) return null;
  const fusion = writeProduct(scaled.node, readers, { alpha: scaled.factor });
  return fusion && { ...fusion, inner: [scaled.node, ...fusion.inner] };
}

/** A product, or a sum over rows, of something times a number. */
function ofScaled(node: Node, readers: Readers): Fusion | null {
  if (node.operation === "sum" && sumsRows(node)) {
    const { node: x, factor, scaled } = withoutFactor(node.inputs[0], readers);
    return scaled ? { inner: [scaled], write: (e) => rowSum(e, node, e.value(x), factor) } : null;
  }
  if (node.operation !== "matmul") return null;
  const fusion = writeProduct(node, readers, {});
  return fusion && fusion.inner.length > 0 ? fusion : null;
}

/** An operand without its factor, where all who read it are products or sums over rows, which can take it in. */
function withoutFactor(node: Node, readers: Readers): { node: Node; factor: number; scaled?: Node } {
  const scaled = scaling(node);
  const all = readers(node);
  const takesIn = (reader: Node): boolean =>
    reader.operation === "matmul" || (reader.operation === "sum" && sumsRows(reader));
  if (scaled === null || all.length === 0 || !all.every(takesIn)) return { node, factor: 1 };
  return { ...scaled, scaled: node };
}

/** x and c of c · x. */
function scaling(node: Node): { node: Node; factor: number } | null {
  if (node.operation !== "mul") return null;
  for (const [x, c] of [node.inputs, [...node.inputs].reverse()]) {
    const { values } = c.attributes;
    if (c.operation !== "constant" || !(values instanceof Float64Array) || values.length !== 1) continue;
    if (sameShape(x.type.shape, node.type.shape)) return { node: x, factor: values[0] };
  }
  return null;
}

/** x - place(values, indices). */
function takenAway(node: Node, readers: Readers): Fusion | null {
  if (node.operation !== "sub") return null;
  const [x, placed] = node.inputs;
  if (placed.operation !== "place" || !alone(readers, placed)) return null;
  if (!sameShape(x.type.shape, node.type.shape) || !sameShape(placed.type.shape, node.type.shape)) return null;
  const [values, indices] = placed.inputs;
  const column = [...indices.type.shape, 1];
  return {
    inner: [placed],
    write: (e) => {
      const negative = e.op("Neg", [e.reshape(e.value(values), column)]);
      const operands = [e.value(x), e.reshape(e.value(indices), column), negative];
      return e.op("ScatterElements", operands, { axis: -1, reduction: "add" });
    },
  };
}

/** Where a tensor that is never below 0 is not 0: its steepest slope cut at 1, in one pass instead of two casts. */
function positiveMask(node: Node, readers: Readers): Fusion | null {
  if (node.operation !== "cast" || node.type.element !== "f32") return null;
  const [truth] = node.inputs;
  if (truth.operation !== "cast" || truth.type.element !== "bool" || !alone(readers, truth)) return null;
  const [x] = truth.inputs;
  if (!isNeverNegative(x)) return null;
  const slope = { alpha: { float: STEEPEST }, beta: { float: 0 } };
  return { inner: [truth], write: (e) => e.op("HardSigmoid", [e.value(x)], slope) };
}

/** The largest float32; its product with the smallest normal one is 4. */
const STEEPEST = 3.4028234663852886e38;

function isNeverNegative({ operation, inputs, type }: Node): boolean {
  return type.element === "f32" && (operation === "relu" || (operation === "maxPool2d" && isNeverNegative(inputs[0])));
}
