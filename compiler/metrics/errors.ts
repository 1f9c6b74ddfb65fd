import type { MetricInput, MetricRow, TaskWord } from "../registry/rows.ts";
import { type Pairs, values } from "./answers.ts";
import { metric } from "./row.ts";

/** Distances between numbers: means over all present elements. Of a count e^z is compared, of an ordinal its level. */

const numeric: readonly TaskWord[] = ["real", "count", "ordinal"];
/** Below this a target counts as this much in a relative error: the distance from 1 to the next number. */
const smallest = Number.EPSILON;

function mean({ target, predicted }: Pairs, cost: (predicted: number, target: number) => number): number | null {
  if (target.length === 0) return null;
  return target.reduce((sum, t, i) => sum + cost(predicted[i], t), 0) / target.length;
}
function squared(input: MetricInput): number | null {
  return mean(values(input), (p, t) => (p - t) ** 2);
}
function distance(
  name: string,
  doc: string,
  inUnits: boolean,
  aliases: readonly string[],
  compute: (input: MetricInput) => number | null,
): MetricRow<Record<never, never>> {
  return metric({
    name,
    doc,
    kinds: numeric,
    better: "down",
    inUnits,
    settings: {},
    aliases,
    compute: (_, input) => compute(input),
  });
}

export const mae = distance(
  "mae",
  "Mean absolute error, in the target's own units.",
  true,
  ["mean_absolute_error", "MeanAbsoluteError", "l1"],
  (input) => mean(values(input), (p, t) => Math.abs(p - t)),
);
export const mse = distance(
  "mse",
  "Mean squared error, in the target's own units squared.",
  false,
  ["mean_squared_error", "MeanSquaredError"],
  squared,
);
export const rmse = distance(
  "rmse",
  "Root of the mean squared error over all present elements, in the target's own units.",
  true,
  ["root_mean_squared_error", "RootMeanSquaredError"],
  (input) => {
    const square = squared(input);
    return square === null ? null : Math.sqrt(square);
  },
);
export const mape = distance(
  "mape",
  "Mean of |p − t| / |t|, as a fraction; a target nearer to 0 than 2.2e-16 counts as that.",
  false,
  ["mean_absolute_percentage_error", "MeanAbsolutePercentageError"],
  (input) => mean(values(input), (p, t) => Math.abs(p - t) / Math.max(Math.abs(t), smallest)),
);

export const poissonDeviance = metric({
  name: "poisson_deviance",
  doc: "2 · mean(t log(t/μ) − t + μ), μ the predicted rate e^z and 0 · log 0 = 0: how much likelier the counts would be under rates that hit them.",
  kinds: ["count"],
  better: "down",
  inUnits: false,
  settings: {},
  aliases: ["mean_poisson_deviance"],
  compute: (_, input) => mean(values(input), (rate, t) => 2 * ((t > 0 ? t * Math.log(t / rate) : 0) - t + rate)),
});
