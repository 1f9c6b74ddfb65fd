/** Paths through the labels of one sequence, in float64. */

export interface PathScores {
  /** [positions × classes] of the real positions. */
  readonly emissions: ArrayLike<number>;
  readonly classes: number;
  /** [from × to] */
  readonly transitions: ArrayLike<number>;
  readonly start: ArrayLike<number>;
  readonly end: ArrayLike<number>;
}

/** The labels of the path with the highest score; of equal ones that with the lowest labels at its end, then before it. */
export function bestPath({ emissions, classes, transitions, start, end }: PathScores): Int32Array {
  const length = emissions.length / classes;
  const path = new Int32Array(length);
  if (length === 0) return path;
  const before = new Int32Array(length * classes);
  let scores = Float64Array.from({ length: classes }, (_, label) => start[label] + emissions[label]);
  for (let at = 1; at < length; at++) {
    const next = new Float64Array(classes);
    for (let to = 0; to < classes; to++) {
      let best = 0;
      let most = -Infinity;
      for (let from = 0; from < classes; from++) {
        const score = scores[from] + transitions[from * classes + to];
        if (score > most) [best, most] = [from, score];
      }
      before[at * classes + to] = best;
      next[to] = most + emissions[at * classes + to];
    }
    scores = next;
  }
  let label = 0;
  for (let last = 1; last < classes; last++) if (scores[last] + end[last] > scores[label] + end[label]) label = last;
  for (let at = length - 1; at >= 0; at--) {
    path[at] = label;
    label = before[at * classes + label];
  }
  return path;
}

/** log P(label at each position) over all paths, [positions × classes]. */
export function logMarginals({ emissions, classes, transitions, start, end }: PathScores): Float64Array {
  const length = emissions.length / classes;
  const marginals = new Float64Array(length * classes);
  if (length === 0) return marginals;
  const terms = new Float64Array(classes);
  /** [positions × classes]: of the paths up to a position, its own emission in them; of those behind it. */
  const ahead = new Float64Array(length * classes);
  const behind = new Float64Array(length * classes);
  for (let at = 0; at < length; at++)
    for (let to = 0; to < classes; to++) {
      for (let from = 0; at > 0 && from < classes; from++)
        terms[from] = ahead[(at - 1) * classes + from] + transitions[from * classes + to];
      ahead[at * classes + to] = (at === 0 ? start[to] : logSum(terms)) + emissions[at * classes + to];
    }
  for (let at = length - 1; at >= 0; at--)
    for (let from = 0; from < classes; from++) {
      for (let to = 0; at < length - 1 && to < classes; to++)
        terms[to] =
          transitions[from * classes + to] + emissions[(at + 1) * classes + to] + behind[(at + 1) * classes + to];
      behind[at * classes + from] = at === length - 1 ? end[from] : logSum(terms);
    }
  for (let at = 0; at < length; at++) {
    const own = marginals.subarray(at * classes, (at + 1) * classes);
    for (let label = 0; label < classes; label++)
      own[label] = ahead[at * classes + label] + behind[at * classes + label];
    const total = logSum(own);
    for (let label = 0; label < classes; label++) own[label] -= total;
  }
  return marginals;
}

function logSum(values: Float64Array): number {
  let most = -Infinity;
  for (const value of values) if (value > most) most = value;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - most);
  return most + Math.log(sum);
}
