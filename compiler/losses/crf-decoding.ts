import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import type { DecodedNodes, DecodingCall } from "../registry/rows.ts";

/**
 * The best path and the probabilities of each position for a batch of sequences, in operations: what `bestPath` and
 * `logMarginals` are for one sequence in float64. Scores of paths so far are kept relative to the best one: what they all have in
 * common decides nothing, and 32 bits do not suffice for sums over long sequences.
 */
export function decoding(g: Builder, { prediction, mask, parameters }: DecodingCall): DecodedNodes {
  const [batch, length, classes] = prediction.type.shape;
  const { transitions, start, end } = parameters;
  const relative = (scores: Node): Node => g.sub(scores, g.max(scores, [1], true));
  // Positions in front: [length, batch, classes], and [length, batch, 1].
  const emissions = g.transpose(prediction, [1, 0, 2]);
  const real = g.reshape(g.transpose(mask, [1, 0]), [length, batch, 1]);
  const first = relative(g.add(g.reshape(g.slice(emissions, [0, 0, 0], [1, batch, classes]), [batch, classes]), start));
  const last = g.broadcast(end, [batch, classes]);
  const shape = { both: [batch, classes, classes], from: [batch, classes, 1], to: [batch, 1, classes] };
  if (length === 1) {
    const total = g.reshape(g.add(first, last), [batch, 1, classes]);
    return { codes: g.argmax(total, -1), probabilities: g.softmax(total) };
  }
  const rest = g.slice(emissions, [1, 0, 0], [length - 1, batch, classes]);
  const restReal = g.slice(real, [1, 0, 0], [length - 1, batch, 1]);
  const unless = (isReal: Node, next: Node, state: Node): Node =>
    g.select(g.greater(isReal, g.constant(0)), next, state);
  /** [batch, classes]: log Σ e^x over the labels before. */
  const overBefore = (scores: Node): Node => g.logSumExp(g.transpose(scores, [0, 2, 1]));

  const ahead = g.scan([first, first], [rest, restReal], ([sums, bests], [emission, isReal]) => {
    const arriving = (state: Node): Node => g.add(g.reshape(state, shape.from), transitions);
    const paths = arriving(bests);
    const summed = relative(g.add(overBefore(arriving(sums)), emission));
    const best = relative(g.add(g.max(paths, [1]), emission));
    const before = g.cast(g.argmax(paths, 1), "f32");
    const own = g.cast(g.iota(classes), "f32");
    const next = unless(isReal, summed, sums);
    return { carries: [next, unless(isReal, best, bests)], outputs: [next, unless(isReal, before, own)] };
  });
  const behind = g.scan(
    [last],
    [rest, restReal],
    ([state], [emission, isReal]) => {
      const leaving = g.add(transitions, g.reshape(g.add(emission, state), shape.to));
      const next = unless(isReal, relative(g.logSumExp(leaving)), state);
      return { carries: [next], outputs: [next] };
    },
    { reverse: true },
  );
  const atEachStep = (rows: Node, edge: Node, inFront: boolean): Node => {
    const row = g.reshape(edge, [1, batch, classes]);
    return g.concat(inFront ? [row, rows] : [rows, row], 0);
  };
  const scores = g.add(atEachStep(ahead.outputs[0], first, true), atEachStep(behind.outputs[0], last, false));

  const ends = g.cast(g.argmax(g.add(ahead.carries[1], end), 1), "f32");
  const labels = g.cast(g.iota(classes), "f32");
  const back = g.scan(
    [g.reshape(ends, [batch, 1])],
    [ahead.outputs[1]],
    ([label], [before]) => {
      const isLabel = g.cast(g.equal(label, labels), "f32");
      return { carries: [g.sum(g.mul(before, isLabel), [1], true)], outputs: [label] };
    },
    { reverse: true },
  );
  const path = g.concat([g.reshape(back.carries[0], [1, batch, 1]), back.outputs[0]], 0);
  return {
    codes: g.cast(g.transpose(g.reshape(path, [length, batch]), [1, 0]), "i32"),
    probabilities: g.softmax(g.transpose(scores, [1, 0, 2])),
  };
}
