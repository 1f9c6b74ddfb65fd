import { elementCount } from "../../graph/graph.ts";
import type { Node } from "../../graph/graph.ts";
import type { Emission, OnnxSpelling, Value } from "./emission.ts";

/** Products. No operand is transposed in memory: the kernels read it the other way round. */
export const products = {
  matmul: (e, node, [a, b]) => matmul(e, node, a, b),
} satisfies Record<string, OnnxSpelling>;

export function matmul(e: Emission, node: Node, a: Value, b: Value): Value {
  const transposeA = node.attributes["transposeA"] === true;
  const transposeB = node.attributes["transposeB"] === true;
  const [left, right] = node.inputs.map((input) => input.type.shape);
  if (left.length === 2 && right.length === 2) {
    if (!transposeA && !transposeB) return e.op("MatMul", [a, b]);
    return e.op("Gemm", [a, b], { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 });
  }
  // Rows of a batch times one matrix are one product of matrices.
  if (right.length === 2 && !transposeA) {
    const rows = elementCount(left.slice(0, -1));
    const flat = e.reshape(a, [rows, left[left.length - 1]]);
    const product = transposeB ? e.op("Gemm", [flat, b], { transA: 0, transB: 1 }) : e.op("MatMul", [flat, b]);
    return e.reshape(product, node.type.shape);
  }
  if (!transposeA && !transposeB) return e.op("MatMul", [a, b]);
  return e.op("FusedMatMul", [a, b], { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0, alpha: { float: 1 } });
}
