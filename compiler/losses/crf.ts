import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import type { ParameterSpec } from "../registry/layer.ts";
import type { LossCall } from "../registry/rows.ts";
import type { SettingRows } from "../registry/settings.ts";
import { isKnown } from "../ir/size.ts";
import { decoding } from "./crf-decoding.ts";
import { bestPath, logMarginals } from "./crf-paths.ts";
import { loss } from "./row.ts";

/** Below any score that a label may get, and finite. */
const forbidden = -1e30;
/** The smallest number whose logarithm float32 still has. */
const tiny = 1e-37;

function zeros(shape: readonly number[]): ParameterSpec {
  const size = shape[0];
  return { shape, start: { word: "zeros", settings: {} }, fanIn: size, fanOut: size, decay: false };
}

interface Chain {
  /** [rows, classes] for the first position. */
  readonly first: Node;
  /** [length - 1, rows, classes] for the others. */
  readonly rest: Node;
  /** [length - 1, rows, 1]: 1 where a position is real. */
  readonly real: Node;
}

/** log Σ over all paths of e^score, [rows]: emissions and what is forbidden are in the chain. */
function logTotal(g: Builder, { first, rest, real }: Chain, parameters: LossCall<SettingRows>["parameters"]): Node {
  const { transitions, start, end } = parameters;
  // Powers of the scores less their largest, so that sums over all labels before are one product of matrices.
  const highest = g.stopGradient(g.max(transitions));
  const weights = g.exp(g.sub(transitions, highest));
  const begin = g.add(first, start);
  let last = begin;
  if (rest.type.shape[0] > 0) {
    const { carries } = g.scan([begin], [rest, real], ([state], [emission, isReal]) => {
      const most = g.stopGradient(g.max(state, [1], true));
      const sums = g.matmul(g.exp(g.sub(state, most)), weights);
      const next = g.add(g.add(g.log(g.maximum(sums, g.constant(tiny))), g.add(most, highest)), emission);
      return { carries: [g.select(g.greater(isReal, g.constant(0)), next, state)], outputs: [] };
    });
    [last] = carries;
  }
  return g.logSumExp(g.add(last, end));
}

/** [batch, length, …] with the positions in front. */
function byPosition(g: Builder, x: Node): Node {
  const [first, second, ...rest] = x.type.shape.map((_, axis) => axis);
  return g.transpose(x, [second, first, ...rest]);
}

export const crf = loss({
  name: "crf",
  doc: "Conditional random field over the labels of a sequence: log Σ_paths e^score - log Σ_{paths that agree with the labels} e^score, where a path's score is start + transitions + emissions + end; summed over sequences and divided by the number of present labels. The head gives the emissions; transitions, start and end are trained along and begin at 0. It forbids tag sequences that never occur; predictions are the best path (Viterbi), probabilities those of each position over all paths.",
  kinds: ["class"],
  wants: "logits",
  positive: true,
  settings: {},
  source: "Conditional random fields (Lafferty, McCallum and Pereira, 2001)",
  aliases: ["CRF", "linear_chain_crf", "crf_loss"],
  fits: (kind) =>
    kind.shape.length === 1 && kind.axes?.[0] ? null : "it needs a class along a token axis, such as class(17)[words]",
  parameters({ size }) {
    if (!isKnown(size)) throw new Error("crf: the number of classes is not known");
    return { transitions: zeros([size, size]), start: zeros([size]), end: zeros([size]) };
  },
  parts(g, { prediction, target, weight, mask, parameters }) {
    const [batch, length, classes] = prediction.type.shape;
    // The same walk twice, once over all paths and once over those that agree with the labels.
    const isLabel = g.equal(g.reshape(target, [batch, length, 1]), g.iota(classes));
    const present = g.greater(weight, g.constant(0));
    const excluded = g.and(g.reshape(present, [batch, length, 1]), g.not(isLabel));
    const agreeing = g.select(excluded, g.constant(forbidden), prediction);
    const scores = byPosition(g, g.concat([prediction, agreeing], 0));
    const rows = 2 * batch;
    const at = (x: Node, from: number, positions: number): Node =>
      g.slice(x, [from, 0, 0], [positions, rows, x.type.shape[2]]);
    const real = mask ?? g.fill(1, [batch, length]);
    const reals = g.reshape(byPosition(g, g.concat([real, real], 0)), [length, rows, 1]);
    const chain = {
      first: g.reshape(at(scores, 0, 1), [rows, classes]),
      rest: at(scores, 1, length - 1),
      real: at(reals, 1, length - 1),
    };
    const totals = logTotal(g, chain, parameters);
    const costs = g.sub(g.slice(totals, [0], [batch]), g.slice(totals, [batch], [batch]));
    // A row's weight stands at each of its labels.
    const rowWeight = g.max(weight, [1]);
    return { sum: g.sum(g.mul(costs, rowWeight)), count: g.sum(weight) };
  },
  decode: ({ emissions, classes, parameters: { transitions, start, end } }) => {
    const scores = { emissions, classes, transitions, start, end };
    return { codes: bestPath(scores), logProbabilities: logMarginals(scores) };
  },
  decoding,
  example: "loss: crf",
});
