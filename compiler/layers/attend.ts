import type { Node } from "../graph/graph.ts";
import type { LayerContext } from "../registry/layer.ts";

/** The mathematics of attention with several heads. */

type Weights = Readonly<Record<string, Node>>;

export interface AttendOptions {
  readonly heads: number;
  /** Chance that an attention weight is left out in training. */
  readonly dropout: number;
  readonly causal: boolean;
  /** [batch, m]: 1 where the context is real; null where all of it is. */
  readonly mask: Node | null;
  /** Name of the random numbers. */
  readonly name: string;
}

/** Far below any score, and finite. */
const never = -1e30;

/** x · kernel + bias of the sublayer `name`. */
export function denseOf(g: LayerContext, x: Node, weights: Weights, name: string): Node {
  return g.add(g.matmul(x, weights[`${name}.kernel`]), weights[`${name}.bias`]);
}

/** x, or in training x with numbers left out at random. */
export function dropped(g: LayerContext, x: Node, p: number, name: string): Node {
  if (!g.training || p === 0) return x;
  const kept = g.greaterEqual(g.random(name, x.type.shape), g.constant(p));
  return g.mul(x, g.mul(g.cast(kept, "f32"), g.constant(1 / (1 - p))));
}

/** [batch, positions, width] to [batch, heads, positions, width / heads]. */
function split(g: LayerContext, x: Node, heads: number): Node {
  const [batch, positions, width] = x.type.shape;
  return g.transpose(g.reshape(x, [batch, positions, heads, width / heads]), [0, 2, 1, 3]);
}

/** softmax(Q Kᵀ / √(width / heads)) V of `query` [batch, n, width] over `context` [batch, m, channels], then the dense layer `out`. */
export function attend(
  g: LayerContext,
  query: Node,
  context: Node,
  weights: Weights,
  { heads, dropout, causal, mask, name }: AttendOptions,
): Node {
  const [batch, n, width] = query.type.shape;
  const [, m] = context.type.shape;
  const scale = g.constant(1 / Math.sqrt(width / heads));
  const q = split(g, g.mul(denseOf(g, query, weights, "query"), scale), heads);
  const k = split(g, denseOf(g, context, weights, "key"), heads);
  const v = split(g, denseOf(g, context, weights, "value"), heads);
  let scores = g.matmul(q, k, { transposeB: true });
  if (mask) {
    // A row without any real position looks at its padding: nobody reads what comes of it, and its slopes stay finite.
    const some = g.max(mask, [1], true);
    const padding = g.mul(g.mul(g.sub(g.constant(1), mask), some), g.constant(never));
    scores = g.add(scores, g.reshape(padding, [batch, 1, 1, m]));
  }
  if (causal) scores = g.add(scores, later(g, n, m));
  const shares = dropped(g, g.softmax(scores), dropout, name);
  const mixed = g.reshape(g.transpose(g.matmul(shares, v), [0, 2, 1, 3]), [batch, n, width]);
  return denseOf(g, mixed, weights, "out");
}

/** [n, m]: what keeps each position from those behind it. */
function later(g: LayerContext, n: number, m: number): Node {
  const values = new Float64Array(n * m);
  for (let row = 0; row < n; row++) values.fill(never, row * m + row + 1, (row + 1) * m);
  return g.constant(values, { element: "f32", shape: [n, m] });
}

/** Parameters of a sublayer without its prefix: the other way of `under`. */
export function within(weights: Weights, prefix: string): Weights {
  return Object.fromEntries(
    Object.entries(weights).flatMap(([name, node]) =>
      name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), node]] : [],
    ),
  );
}
