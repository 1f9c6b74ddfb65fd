import { numberOf, numbersOf } from "./attributes.ts";
import type { Builder } from "./builder.ts";
import type { Node } from "./graph.ts";

/**
 * The sum of the cotangents that reach a value. Those of slices that lie side by side (gates, heads) are zeros around
 * something: they are put together by one `concat` instead of being padded and added.
 */
export function total(g: Builder, parts: readonly Node[]): Node {
  const pieces = parts.flatMap((part) => pieceOf(part) ?? []);
  const axis = pieces[0]?.axis;
  if (pieces.length < 2 || pieces.some((piece) => piece.axis !== axis)) return sum(g, parts);
  pieces.sort((a, b) => a.begin - b.begin);
  if (pieces.some((piece, k) => k > 0 && piece.begin < pieces[k - 1].end)) return sum(g, parts);
  const whole = parts[0].type.shape;
  const row: Node[] = [];
  let covered = 0;
  const zerosUpTo = (begin: number): void => {
    if (begin > covered)
      row.push(
        g.fill(
          0,
          whole.map((size, k) => (k === axis ? begin - covered : size)),
        ),
      );
  };
  for (const { inner, begin, end } of pieces) {
    zerosUpTo(begin);
    row.push(inner);
    covered = end;
  }
  zerosUpTo(whole[axis]);
  const others = parts.filter((part) => pieceOf(part) === null);
  return sum(g, [g.concat(row, axis), ...others]);
}

function sum(g: Builder, parts: readonly Node[]): Node {
  return parts.reduce((before, part) => g.add(before, part));
}

interface Piece {
  readonly inner: Node;
  readonly axis: number;
  readonly begin: number;
  readonly end: number;
}

/** Zeros before and after `inner` along one axis. */
function pieceOf(node: Node): Piece | null {
  if (node.operation !== "pad" || numberOf(node.attributes, "value") !== 0) return null;
  const [inner] = node.inputs;
  const { shape } = node.type;
  const axes = shape.flatMap((size, k) => (size === inner.type.shape[k] ? [] : [k]));
  if (axes.length !== 1) return null;
  const [axis] = axes;
  const begin = numbersOf(node.attributes, "before")[axis];
  return { inner, axis, begin, end: begin + inner.type.shape[axis] };
}
