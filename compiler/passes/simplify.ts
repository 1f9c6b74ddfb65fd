import type { Builder } from "../graph/builder.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { broadcastShapes, sameShape } from "../graph/shape.ts";
import { again, rewrite } from "./rewrite.ts";

/** Takes out what changes nothing: marks that only gradients read, work undone at once, and stretching done by hand. */
export function simplify(graph: Graph): Graph {
  return rewrite(graph, () => (g, node, inputs) => simpler(g, node, inputs) ?? again(g, node, inputs));
}

/** The same for a graph whose gradients are still to be made: the marks stay. */
export function simplifyForward(graph: Graph): Graph {
  return rewrite(graph, () => (g, node, inputs) => {
    const isMark = node.operation === "stopGradient" || node.operation === "scaleGradient";
    return (isMark ? null : simpler(g, node, inputs)) ?? again(g, node, inputs);
  });
}

function simpler(g: Builder, node: Node, inputs: readonly Node[]): Node | null {
  const [x, y] = inputs;
  switch (node.operation) {
    case "stopGradient":
    case "scaleGradient":
      return x;
    case "neg":
      return x.operation === "neg" ? x.inputs[0] : null;
    case "reshape":
      return g.reshape(x, node.type.shape);
    case "broadcast":
      return g.broadcast(x, node.type.shape);
    case "cast":
      return g.cast(x, node.type.element);
    case "add":
      if (isAll(y, 0) && sameShape(x.type.shape, node.type.shape)) return x;
      if (isAll(x, 0) && sameShape(y.type.shape, node.type.shape)) return y;
      if (y.operation === "neg") return g.sub(x, y.inputs[0]);
      if (x.operation === "neg") return g.sub(y, x.inputs[0]);
      return thin(g, node, inputs);
    case "sub":
      if (isAll(y, 0) && sameShape(x.type.shape, node.type.shape)) return x;
      if (y.operation === "neg") return g.add(x, y.inputs[0]);
      return thin(g, node, inputs);
    case "mul":
    case "div":
      if (isAll(y, 1) && sameShape(x.type.shape, node.type.shape)) return x;
      if (node.operation === "mul" && isAll(x, 1) && sameShape(y.type.shape, node.type.shape)) return y;
      return thin(g, node, inputs);
    case "pow":
    case "maximum":
    case "minimum":
    case "greater":
    case "greaterEqual":
    case "equal":
    case "and":
    case "or":
    case "select":
      return thin(g, node, inputs);
    default:
      return null;
  }
}

/** Operands as small as broadcasting allows: one number for a tensor of equal numbers, and what was stretched as it was. */
function thin(g: Builder, node: Node, inputs: readonly Node[]): Node | null {
  const operands = [...inputs];
  for (let k = 0; k < operands.length; k++) {
    const thinner = thinned(g, operands[k]);
    if (thinner === operands[k]) continue;
    const shapes = operands.map((operand, at) => (at === k ? thinner : operand).type.shape);
    if (sameShape(broadcastShapes(node.operation, shapes), node.type.shape)) operands[k] = thinner;
  }
  return operands.some((operand, k) => operand !== inputs[k]) ? again(g, node, operands) : null;
}

function thinned(g: Builder, x: Node): Node {
  if (x.operation === "broadcast") return x.inputs[0];
  const value = x.operation === "fill" ? x.attributes["value"] : undefined;
  return typeof value === "number" ? g.constant(value) : x;
}

function isAll(x: Node, number: number): boolean {
  const { value, values } = x.attributes;
  if (x.operation === "fill") return value === number;
  if (x.operation !== "constant" || !(values instanceof Float64Array)) return false;
  return values.length <= 64 && values.every((one) => Object.is(one, number));
}
