import { numberOf, numbersOf } from "../../graph/attributes.ts";
import type { Node } from "../../graph/graph.ts";
import { isOperationName } from "../../operations/index.ts";
import { spell } from "../tfjs/index.ts";
import { call, number, numbers, type Expression, type Operand } from "../tfjs/expression.ts";
import { differentiableConv2d } from "../tfjs/convolution.ts";
import type { TfjsSpelling } from "../tfjs/spelling.ts";

/**
 * The TensorFlow.js column for source whose gradients TensorFlow.js itself computes. Most entries are those of the live
 * engine; here stand the few whose gradient it lacks, gets wrong or takes long over.
 */
const differentiable: Readonly<Record<string, TfjsSpelling>> = {
  conv2d: differentiableConv2d,
  // `gather` along a batch is differentiated row by row.
  pick: (_, [x, indices]) => {
    const chosen = call("oneHot", indices, number(x.shape[x.shape.length - 1]));
    return call("sum", call("mul", x, chosen), numbers([x.shape.length - 1]));
  },
  // `stridedSlice` has no gradient.
  slice: (node, operands) => {
    const [begin, size, strides] = ["begin", "size", "strides"].map((name) => numbersOf(node.attributes, name));
    if (strides.every((stride) => stride === 1)) return spelled(node);
    return strides.reduce<Expression>((x, stride, axis) => {
      const rows = Array.from({ length: size[axis] }, (_, k) => begin[axis] + k * stride);
      const isWhole = rows.length === operands[0].shape[axis] && stride === 1;
      return isWhole ? x : call("gather", x, numbers(rows), number(axis));
    }, operands[0]);
  },
};

/** How a node is written where gradients are to flow through it. */
export function spellDifferentiable(node: Node, operands: readonly Operand[]): Expression {
  const own = Object.hasOwn(differentiable, node.operation) ? differentiable[node.operation] : null;
  return own ? own(node, operands) : spelled(node);
}

function spelled(node: Node): Expression {
  if (!isOperationName(node.operation)) throw new Error(`${node.operation} has no TensorFlow.js spelling`);
  return spell(node, node.operation);
}

/** Operations through which nothing flows back, and for which TensorFlow.js has no gradient where it meets them on the way. */
export const opaque: ReadonlySet<string> = new Set(["greater", "greaterEqual", "equal", "and", "or", "not", "argmax"]);

/** The factor of a gradient that is scaled on its way back. */
export function gradientFactor(node: Node): number {
  return numberOf(node.attributes, "factor");
}
