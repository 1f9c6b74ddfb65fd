import { flagOf } from "../../graph/attributes.ts";
import { elementCount } from "../../graph/graph.ts";
import type { Node } from "../../graph/graph.ts";
import type { Emission, OnnxSpelling, Value } from "./emission.ts";

/** What one product may take in beside its operands: alpha · a b + bias, then an activation. */
export interface ProductParts {
  readonly alpha?: number;
  /** [columns] or [1, columns], or of the product's own shape; only of a matrix product. */
  readonly bias?: Value;
  readonly activation?: string;
}

/** Products. No operand is transposed in memory: the kernels read it the other way round. */
export const products = {
  matmul: (e, node, operands) => product(e, node, operands, {}),
} satisfies Record<string, OnnxSpelling>;

/** True for products of two matrices, and of a batch of rows with one matrix, which is the same. */
export function isMatrixProduct(node: Node): boolean {
  const [left, right] = node.inputs.map((input) => input.type.shape.length);
  return right === 2 && (left === 2 || !flagOf(node.attributes, "transposeA"));
}

/** aᵀ b of fewer columns than the kernels work on at once: turning bᵀ a takes three quarters of the time ([1024, 256]ᵀ [1024, 10]). */
function isTallGradient(node: Node): boolean {
  const [rows, columns] = node.type.shape;
  const { transposeA, transposeB } = node.attributes;
  const isTall = 1 < columns && columns <= FEW_COLUMNS && 8 * columns <= rows;
  return node.type.shape.length === 2 && isTall && transposeA === true && transposeB === false;
}

const FEW_COLUMNS = 16;

/**
 * aᵀ b where a is narrow enough to be turned in the cache: the kernels read it faster then, and several products may share it
 * (0.92 of the time of [1600, 128]ᵀ [1600, 512], and of three times [1600, 128]ᵀ [1600, 128]).
 */
function isBetterTurned(e: Emission, node: Node): boolean {
  const [left, right] = node.inputs;
  const { transposeA, transposeB } = node.attributes;
  if (transposeA !== true || transposeB !== false || left.type.shape.length !== 2) return false;
  const [rows, columns] = [left.type.shape[1], right.type.shape[1]];
  const others = e.users(left).filter((user) => user !== node && user.attributes["transposeA"] === true);
  return rows <= NARROW && rows >= FEW_COLUMNS && (columns >= 2 * rows || (others.length > 0 && columns >= rows));
}

const NARROW = 256;

export function product(e: Emission, node: Node, [a, b]: readonly Value[], parts: ProductParts): Value {
  const transA = flagOf(node.attributes, "transposeA") ? 1 : 0;
  const transB = flagOf(node.attributes, "transposeB") ? 1 : 0;
  const { alpha = 1, bias, activation } = parts;
  if (!isMatrixProduct(node)) {
    if (bias !== undefined || activation !== undefined) throw new Error("a batched product takes no bias");
    if (transA + transB === 0 && alpha === 1) return e.op("MatMul", [a, b]);
    return e.op("FusedMatMul", [a, b], { transA, transB, alpha: { float: alpha } });
  }
  const left = node.inputs[0].type.shape;
  const flat = left.length === 2 ? a : e.reshape(a, [elementCount(left.slice(0, -1)), left[left.length - 1]]);
  const operands = [flat, b, ...(bias === undefined ? [] : [bias])];
  const attributes = { transA, transB, alpha: { float: alpha } };
  if (bias === undefined && activation === undefined) {
    if (isTallGradient(node)) return e.transpose(e.op("Gemm", [b, flat], attributes), [1, 0]);
    if (isBetterTurned(e, node)) {
      const [turned] = e.once(`${flat} turned`, () => [e.transpose(flat, [1, 0])]);
      return alpha === 1 ? e.op("MatMul", [turned, b]) : e.op("Gemm", [turned, b], { ...attributes, transA: 0 });
    }
  }
  const matrix =
    activation !== undefined
      ? e.op("FusedGemm", operands, { ...attributes, activation })
      : bias === undefined && transA + transB === 0 && alpha === 1
        ? e.op("MatMul", operands)
        : e.op("Gemm", operands, attributes);
  return left.length === 2 ? matrix : e.reshape(matrix, node.type.shape);
}
