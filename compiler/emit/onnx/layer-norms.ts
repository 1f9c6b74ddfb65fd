import { flagOf, numbersOf } from "../../graph/attributes.ts";
import { topologicalOrder } from "../../graph/graph.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import { sameShape } from "../../graph/shape.ts";
import type { Emission } from "./emission.ts";

/**
 * Layer norms that stand written out because their gradient shares their parts. ONNX has one node that gives the result, the
 * mean and the inverse deviation; the gradient goes on from those.
 */
export interface LayerNorm {
  readonly x: Node;
  readonly mean: Node;
  readonly inverse: Node;
  readonly result: Node;
  readonly scale: Node;
  readonly offset: Node;
  readonly epsilon: number;
}

/** The layer norms of a graph by the first of their nodes: the mean. */
export function findLayerNorms(graph: Graph, users: (node: Node) => readonly Node[]): ReadonlyMap<Node, LayerNorm> {
  const found = new Map<Node, LayerNorm>();
  for (const inverse of topologicalOrder(graph.outputs.values())) {
    const norm = inverse.operation === "reciprocal" ? layerNormOf(inverse, users) : null;
    if (norm) found.set(norm.mean, norm);
  }
  return found;
}

/** Writes a norm, and says what its nodes are; false where scale or offset are not there yet. */
export function writeLayerNorm(e: Emission, { x, mean, inverse, result, scale, offset, epsilon }: LayerNorm): boolean {
  if (!e.has(scale) || !e.has(offset)) return false;
  const attributes = { axis: -1, epsilon: { float: epsilon } };
  const operands = [x, scale, offset].map((operand) => e.value(operand));
  const values = e.ops("LayerNormalization", operands, attributes, 3);
  [result, mean, inverse].forEach((node, k) => e.define(node, values[k]));
  return true;
}

/** offset + scale · (x - mean) · 1 / √(variance + epsilon), from its last part but one. */
function layerNormOf(inverse: Node, users: (node: Node) => readonly Node[]): LayerNorm | null {
  const [sum] = chain(inverse, "reciprocal", "sqrt") ?? [];
  if (sum?.operation !== "add") return null;
  const [variance, constant] = sum.inputs;
  const { values } = constant.attributes;
  if (!(values instanceof Float64Array) || values.length !== 1 || !isMeanOfLast(variance)) return null;
  const [square] = variance.inputs;
  const [centered] = square.operation === "square" ? square.inputs : [];
  if (centered?.operation !== "sub") return null;
  const [x, mean] = centered.inputs;
  if (!isMeanOfLast(mean) || mean.inputs[0] !== x) return null;

  const last = x.type.shape.slice(-1);
  const isPer = (node: Node): boolean => sameShape(node.type.shape, last);
  for (const normal of users(inverse)) {
    if (normal.operation !== "mul" || !normal.inputs.includes(centered)) continue;
    for (const scaled of users(normal)) {
      const scale = scaled.operation === "mul" ? scaled.inputs.find(isPer) : undefined;
      if (scale === undefined || users(scaled).length !== 1) continue;
      const [result] = users(scaled);
      const offset = result.operation === "add" ? result.inputs.find(isPer) : undefined;
      if (offset !== undefined) return { x, mean, inverse, result, scale, offset, epsilon: values[0] };
    }
  }
  return null;
}

/** What the innermost of these operations reads, one around the other. */
function chain(node: Node, ...operations: readonly string[]): readonly Node[] | null {
  let inputs: readonly Node[] = [node];
  for (const operation of operations) {
    if (inputs[0].operation !== operation) return null;
    ({ inputs } = inputs[0]);
  }
  return inputs;
}

function isMeanOfLast({ operation, attributes, inputs }: Node): boolean {
  if (operation !== "mean" || !flagOf(attributes, "keep")) return false;
  return sameShape(numbersOf(attributes, "axes"), [inputs[0].type.shape.length - 1]);
}
