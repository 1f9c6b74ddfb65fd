import type { Scale } from "./data.ts";

/**
 * What is learnt from the numbers of training rows. `groups` are the stretches that are treated as one: each element of a
 * number or vector by itself, a tensor of rank two and more as a whole. Numbers are finite; empty cells are left out.
 */
export interface Numbers {
  readonly groups: number;
  /** Calls `take` with every number and its group; the same numbers in the same order each time. */
  each(take: (value: number, group: number) => void): void;
}

/** (x - mean) / standard deviation of the population; a constant is divided by 1. */
export function standardScale(numbers: Numbers): Scale {
  const { groups } = numbers;
  const count = new Float64Array(groups);
  const mean = new Float64Array(groups);
  const squares = new Float64Array(groups);
  const { low, high } = extremes(numbers);
  numbers.each((value, group) => {
    count[group]++;
    mean[group] += value;
  });
  for (let g = 0; g < groups; g++) mean[g] = count[g] === 0 ? 0 : mean[g] / count[g];
  numbers.each((value, group) => {
    squares[group] += (value - mean[group]) ** 2;
  });
  // The mean of equal numbers may differ from them in its last bit, and their deviation must not become a divisor.
  return scaleOf(
    groups,
    (g) => (low[g] === high[g] ? low[g] : mean[g]),
    (g) => (low[g] === high[g] ? 0 : Math.sqrt(squares[g] / count[g])),
  );
}

/** Maps the least number to 0 and the greatest to 1; a constant is divided by 1. */
export function minmaxScale(numbers: Numbers): Scale {
  const { low, high } = extremes(numbers);
  return scaleOf(
    numbers.groups,
    (g) => (Number.isFinite(low[g]) ? low[g] : 0),
    (g) => high[g] - low[g],
  );
}

function scaleOf(groups: number, shift: (group: number) => number, factor: (group: number) => number): Scale {
  const each = Array.from({ length: groups }, (_, g) => g);
  return {
    shift: each.map((g) => (Number.isFinite(shift(g)) ? shift(g) : 0)),
    factor: each.map((g) => (factor(g) > 0 && Number.isFinite(factor(g)) ? factor(g) : 1)),
  };
}

function extremes(numbers: Numbers): { low: Float64Array; high: Float64Array } {
  const low = new Float64Array(numbers.groups).fill(Infinity);
  const high = new Float64Array(numbers.groups).fill(-Infinity);
  numbers.each((value, group) => {
    if (value < low[group]) low[group] = value;
    if (value > high[group]) high[group] = value;
  });
  return { low, high };
}

/** The mean of each group; NaN where it has no number. */
export function means(numbers: Numbers): readonly number[] {
  const count = new Float64Array(numbers.groups);
  const sum = new Float64Array(numbers.groups);
  numbers.each((value, group) => {
    count[group]++;
    sum[group] += value;
  });
  return Array.from(sum, (total, g) => total / count[g]);
}

/** The middle number of each group, or the mean of the two in the middle; NaN where it has no number. */
export function medians(numbers: Numbers): readonly number[] {
  const all = Array.from({ length: numbers.groups }, (): number[] => []);
  numbers.each((value, group) => all[group].push(value));
  return all.map((values) => {
    const sorted = Float64Array.from(values).sort();
    const half = sorted.length >> 1;
    return sorted.length === 0 ? NaN : sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  });
}
