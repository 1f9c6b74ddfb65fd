import type { ScheduleRow } from "../registry/rows.ts";
import { constant, cosine, inverseSqrt, linear, oneCycle } from "./curves.ts";
import { exponential, plateau, step } from "./stairs.ts";

/** Schedules: each gives the factor of the learning rate at a step of its phase. All share one warm-up. */
export const scheduleRows: readonly ScheduleRow[] = [
  constant,
  cosine,
  linear,
  step,
  exponential,
  oneCycle,
  inverseSqrt,
  plateau,
];

export { afterEpoch, isPatienceOver, meanWatched, plateauDrops, unwatched } from "./watching.ts";
export type { Better, Standing } from "./watching.ts";
