import { elementCount, topologicalOrder } from "../../compiler/graph/graph.ts";
import type { Graph, Node } from "../../compiler/graph/graph.ts";
import { graphOf } from "../../compiler/graph/attributes.ts";
import { scanParts } from "../../compiler/operations/scan-parts.ts";

/** Multiply-adds of one run, counting products and convolutions only: enough to tell a small step from a large one. */
export function workOf(graph: Graph): number {
  return topologicalOrder(graph.outputs.values()).reduce((sum, node) => sum + nodeWork(node), 0);
}

function nodeWork(node: Node): number {
  const { inputs, type } = node;
  switch (node.operation) {
    case "matmul": {
      const shape = inputs[0].type.shape;
      const inner = node.attributes["transposeA"] === true ? shape[shape.length - 2] : shape[shape.length - 1];
      return elementCount(type.shape) * inner;
    }
    case "conv2d":
      return (elementCount(type.shape) * elementCount(inputs[1].type.shape)) / type.shape[3];
    case "conv2dInputGradient":
      return (elementCount(inputs[0].type.shape) * elementCount(inputs[1].type.shape)) / inputs[0].type.shape[3];
    case "conv2dKernelGradient":
      return (elementCount(inputs[1].type.shape) * elementCount(type.shape)) / inputs[1].type.shape[3];
    case "scan":
      return bodyWork(node);
    default:
      return 0;
  }
}

function bodyWork(node: Node): number {
  const [sequence] = scanParts(node.inputs, node.attributes).sequences;
  return workOf(graphOf(node.attributes, "body")) * sequence.type.shape[0];
}
