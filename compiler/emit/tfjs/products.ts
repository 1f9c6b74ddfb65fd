import { flagOf } from "../../graph/attributes.ts";
import { elementCount } from "../../graph/graph.ts";
import { sameShape } from "../../graph/shape.ts";
import { call, flag, shape, type Expression, type Operand } from "./expression.ts";
import type { TfjsSpelling } from "./spelling.ts";

export const products = {
  matmul: ({ attributes, type }, [a, b]) => {
    const [transposeA, transposeB] = [flagOf(attributes, "transposeA"), flagOf(attributes, "transposeB")];
    const flags = transposeB ? [flag(transposeA), flag(true)] : transposeA ? [flag(true)] : [];
    if (b.shape.length === 2 && a.shape.length > 2 && !transposeA) {
      // Rows of a whole batch with one matrix are one product.
      const rows = elementCount(a.shape.slice(0, -1));
      const flat = call("reshape", a, shape([rows, a.shape[a.shape.length - 1]]));
      return call("reshape", call("matMul", flat, b, ...flags), shape(type.shape));
    }
    const batch = type.shape.slice(0, -2);
    return call("matMul", stretched(a, batch), stretched(b, batch), ...flags);
  },
} satisfies Record<string, TfjsSpelling>;

/**
 * The operand, stretched to the whole batch where TensorFlow.js would read the wrong matrices: its plain JavaScript backend
 * walks both batches by their own lengths again and again, which is right only where nothing but leading axes stretch.
 */
function stretched(x: Operand, batch: readonly number[]): Expression {
  const own = x.shape.slice(0, -2);
  const first = own.findIndex((size) => size !== 1);
  const rest = first < 0 ? [] : own.slice(first);
  if (sameShape(rest, batch.slice(batch.length - rest.length))) return x;
  return call("broadcastTo", x, shape([...batch, ...x.shape.slice(-2)]));
}
