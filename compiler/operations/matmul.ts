import { flagOf, type Attributes } from "../graph/attributes.ts";
import type { Builder } from "../graph/builder.ts";
import { elementCount, type Node } from "../graph/graph.ts";
import { broadcastShapes, broadcastStrides, offsets, showShape } from "../graph/shape.ts";
import { sumTo } from "./broadcasting.ts";
import { expect, expectElement, operation } from "./operation.ts";

interface Sizes {
  readonly batch: readonly number[];
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

function sizes(a: readonly number[], b: readonly number[], attributes: Attributes): Sizes {
  expect("matmul", a.length >= 2 && b.length >= 2, () => `${showShape(a)} x ${showShape(b)}: matrices have two axes`);
  const [rowsA, columnsA] = flagOf(attributes, "transposeA")
    ? [a.length - 1, a.length - 2]
    : [a.length - 2, a.length - 1];
  const [rowsB, columnsB] = flagOf(attributes, "transposeB")
    ? [b.length - 1, b.length - 2]
    : [b.length - 2, b.length - 1];
  expect(
    "matmul",
    a[columnsA] === b[rowsB],
    () => `${showShape(a)} x ${showShape(b)}: inner sizes ${a[columnsA]} and ${b[rowsB]}`,
  );
  const batch = broadcastShapes("matmul", [a.slice(0, -2), b.slice(0, -2)]);
  return { batch, m: a[rowsA], k: a[columnsA], n: b[columnsB] };
}

export const matmul = operation({
  name: "matmul",
  doc: "[..., m, k] x [..., k, n]; leading axes broadcast; `transposeA`, `transposeB` swap the last two axes of an operand first.",
  type: ([a, b], attributes) => {
    expectElement("matmul", a, "f32");
    expectElement("matmul", b, "f32");
    const { batch, m, n } = sizes(a.shape, b.shape, attributes);
    return { element: "f32", shape: [...batch, m, n] };
  },
  gradient: (g, node, dy, needs) => {
    const [a, b] = node.inputs;
    return [needs[0] ? gradientOfA(g, node, dy) : null, needs[1] ? gradientOfB(g, a, b, dy, node.attributes) : null];
  },
  reference: ([a, b], attributes) => {
    const { batch, m, k, n } = sizes(a.shape, b.shape, attributes);
    const [rowA, columnA] = flagOf(attributes, "transposeA") ? [1, m] : [k, 1];
    const [rowB, columnB] = flagOf(attributes, "transposeB") ? [1, k] : [n, 1];
    const startsA = offsets(batch, broadcastStrides(a.shape.slice(0, -2), batch));
    const startsB = offsets(batch, broadcastStrides(b.shape.slice(0, -2), batch));
    const values = new Float64Array(startsA.length * m * n);
    let at = 0;
    for (let matrix = 0; matrix < startsA.length; matrix++) {
      const fromA = startsA[matrix] * m * k;
      const fromB = startsB[matrix] * k * n;
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let p = 0; p < k; p++)
            sum += a.values[fromA + i * rowA + p * columnA] * b.values[fromB + p * rowB + j * columnB];
          values[at++] = sum;
        }
    }
    return { values, shape: [...batch, m, n] };
  },
});

function gradientOfA(g: Builder, node: Node, dy: Node): Node {
  const [a, b] = node.inputs;
  const transposeB = flagOf(node.attributes, "transposeB");
  const da = flagOf(node.attributes, "transposeA")
    ? g.matmul(b, dy, { transposeA: transposeB, transposeB: true })
    : g.matmul(dy, b, { transposeB: !transposeB });
  return sumTo(g, da, a.type.shape);
}

function gradientOfB(g: Builder, a: Node, b: Node, dy: Node, attributes: Attributes): Node {
  const transposeA = flagOf(attributes, "transposeA");
  // One matrix for a whole batch: rows of all of it together are one product, instead of many that are summed.
  const shared = b.type.shape.length === 2 && a.type.shape.length > 2 && !transposeA;
  const left = shared ? asRows(g, a) : a;
  const right = shared ? asRows(g, dy) : dy;
  const db = flagOf(attributes, "transposeB")
    ? g.matmul(right, left, { transposeA: true, transposeB: transposeA })
    : g.matmul(left, right, { transposeA: !transposeA });
  return sumTo(g, db, b.type.shape);
}

function asRows(g: Builder, x: Node): Node {
  const { shape } = x.type;
  return g.reshape(x, [elementCount(shape.slice(0, -1)), shape[shape.length - 1]]);
}
