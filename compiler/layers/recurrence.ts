import type { Node } from "../graph/graph.ts";
import type { LayerContext } from "../registry/layer.ts";

/** Recurrences as loops over the positions, the products of all positions with the kernel taken before the loop. */

type Weights = Readonly<Record<string, Node>>;

/** What one position does to the state. */
export interface Cell {
  /** Blocks of the state's width that stand side by side on the last axis of kernel and recurrent. */
  readonly gates: number;
  /** Vectors of the state; the first is the output. All start at 0. */
  readonly carries: number;
  /** What each block of an input is at padding: a state of 0 stays exactly 0 there. */
  readonly idle: readonly number[];
  /** `input` is x · kernel + bias, [batch, gates · width]. */
  step(g: LayerContext, input: Node, carries: readonly Node[], weights: Weights): readonly Node[];
}

/** Far enough for sigmoid to be exactly 1. */
const open = 1e4;

/** Columns of the blocks `from … to` of [batch, blocks · width]. */
function blocks(g: LayerContext, x: Node, width: number, from: number, to: number): Node {
  return g.slice(x, [0, from * width], [x.type.shape[0], (to - from) * width]);
}

export const lstmCell: Cell = {
  gates: 4,
  carries: 2,
  idle: [0, 0, 0, 0],
  step(g, input, [h, c], { recurrent }) {
    const [, width] = h.type.shape;
    const sum = g.add(input, g.matmul(h, recurrent));
    // One call over all blocks takes less than three over one each, though one of its blocks is not read.
    const gates = g.sigmoid(sum);
    const candidate = g.tanh(blocks(g, sum, width, 2, 3));
    const [i, f, o] = [0, 1, 3].map((gate) => blocks(g, gates, width, gate, gate + 1));
    const cell = g.add(g.mul(f, c), g.mul(i, candidate));
    return [g.mul(o, g.tanh(cell)), cell];
  },
};

export const gruCell: Cell = {
  gates: 3,
  carries: 1,
  idle: [0, open, 0],
  step(g, input, [h], { recurrent, recurrent_bias }) {
    const [, width] = h.type.shape;
    const own = g.add(g.matmul(h, recurrent), recurrent_bias);
    const gates = g.sigmoid(g.add(blocks(g, input, width, 0, 2), blocks(g, own, width, 0, 2)));
    const [r, z] = [0, 1].map((gate) => blocks(g, gates, width, gate, gate + 1));
    const n = g.tanh(g.add(blocks(g, input, width, 2, 3), g.mul(r, blocks(g, own, width, 2, 3))));
    return [g.add(n, g.mul(z, g.sub(h, n)))];
  },
};

export const simpleCell: Cell = {
  gates: 1,
  carries: 1,
  idle: [0],
  step: (g, input, [h], { recurrent }) => [g.tanh(g.add(input, g.matmul(h, recurrent)))],
};

/**
 * One direction over x [length, batch, channels]: the state at every position, [length, batch, width].
 * Forward, padding comes after everything real and is not seen. Backward it comes first, and the state waits there at 0.
 */
function walk(g: LayerContext, cell: Cell, x: Node, mask: Node | null, weights: Weights, backward: boolean): Node {
  const { kernel, bias, ...own } = weights;
  const [width] = own.recurrent.type.shape;
  let input = g.add(g.matmul(x, kernel), bias);
  if (mask && backward) {
    const idle = cell.idle.flatMap((value) => new Array<number>(width).fill(value));
    const still = g.constant(idle, { element: "f32", shape: [idle.length] });
    input = g.select(g.greater(mask, g.constant(0)), input, still);
  }
  const start = Array.from({ length: cell.carries }, () => g.fill(0, [g.batch, width]));
  const { outputs } = g.scan(
    start,
    [input],
    (carries, [element]) => {
      const next = cell.step(g, element, carries, own);
      return { carries: next, outputs: [next[0]] };
    },
    { reverse: backward },
  );
  return outputs[0];
}

/** Weights whose names begin with `forward.` or `backward.`, without it. */
function weightsOf(parameters: Weights, direction: string): Weights {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, node]) =>
      name.startsWith(`${direction}.`) ? [[name.slice(direction.length + 1), node]] : [],
    ),
  );
}

/** x [batch, length, channels] to the states of all positions, or to the state at the end of each direction. */
export function recur(
  g: LayerContext,
  cell: Cell,
  x: Node,
  axis: string | null,
  parameters: Weights,
  options: { readonly bidirectional: boolean; readonly last: boolean },
): Node {
  const [batch, length] = x.type.shape;
  const byPosition = g.transpose(x, [1, 0, 2]);
  const mask = axis === null ? null : g.reshape(g.transpose(g.mask(axis), [1, 0]), [length, batch, 1]);
  const forward = options.bidirectional ? weightsOf(parameters, "forward") : parameters;
  const states = [walk(g, cell, byPosition, mask, forward, false)];
  if (options.bidirectional) states.push(walk(g, cell, byPosition, mask, weightsOf(parameters, "backward"), true));
  if (!options.last) {
    const joined = states.length === 1 ? states[0] : g.concat(states, 2);
    return g.transpose(mask ? g.mul(joined, mask) : joined, [1, 0, 2]);
  }
  const ends = states.map((all, direction) => (direction === 0 ? atLast(g, all, mask) : position(g, all, 0)));
  return ends.length === 1 ? ends[0] : g.concat(ends, 1);
}

/** The state at one position: [length, batch, width] to [batch, width]. */
function position(g: LayerContext, states: Node, at: number): Node {
  const [, batch, width] = states.type.shape;
  return g.reshape(g.slice(states, [at, 0, 0], [1, batch, width]), [batch, width]);
}

/** The state at the last real position, 0 where there is none. */
function atLast(g: LayerContext, states: Node, mask: Node | null): Node {
  const [length] = states.type.shape;
  if (!mask) return position(g, states, length - 1);
  const [, batch] = mask.type.shape;
  if (length === 1) return position(g, g.mul(states, mask), 0);
  const following = g.pad(g.slice(mask, [1, 0, 0], [length - 1, batch, 1]), [0, 0, 0], [1, 0, 0]);
  return g.sum(g.mul(states, g.sub(mask, following)), [0]);
}
