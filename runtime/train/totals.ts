import type { LossStage } from "../../compiler/lower/balance.ts";
import type { RowSet } from "../data/data.ts";
import { hostFeeds, type BalanceState, type StageResult, type StepTime } from "./balance.ts";
import type { BoundPhase } from "./phase.ts";
import { floats } from "./state.ts";

/** One batch of a step: rows `order[from … from + count)`. */
export interface BatchRange {
  readonly from: number;
  readonly count: number;
}

/** The rows of a step: one range, or several whose gradients are averaged. */
export interface StepRows {
  readonly set: RowSet;
  readonly order: Int32Array;
  readonly ranges: readonly BatchRange[];
}

/** What the batches of a step gave; gradients are their means, and stand where one batch's would. */
export interface Totals {
  readonly kind: "totals";
  /** For each task with a loss: its mean loss and factor over the batches in which it was present, null where in none. */
  readonly losses: readonly (number | null)[];
  readonly factors: readonly (number | null)[];
  readonly stages: readonly StageResult[];
  /** Tasks of the last batch, for the statistics that it leaves. */
  readonly presentAtLast: (task: string) => boolean;
}

export type Refusal =
  | { readonly kind: "loss-not-finite"; readonly task: number; readonly value: number; readonly range: BatchRange }
  | {
      readonly kind: "loss-negative";
      readonly task: number;
      readonly value: number;
      readonly rule: string;
      readonly range: BatchRange;
    };

/** Runs the batches of a step without the tasks in `left`. Running statistics move with all batches but the last. */
export async function runBatches(
  bound: BoundPhase,
  rows: StepRows,
  at: StepTime,
  balance: BalanceState,
  left: ReadonlySet<number>,
): Promise<Totals | Refusal> {
  const { program, wiring, accumulation, statistics, positiveRule } = bound;
  const tasks = program.tasks.length;
  const losses = means(tasks);
  const factors = means(tasks);
  const stages = program.stages.map((stage) => stageMeans(stage, tasks));
  const several = rows.ranges.length > 1;
  const isPresent = (task: string): boolean => wiring.present[program.tasks.indexOf(task)] > 0;
  if (several) accumulation.clear();
  for (const [k, range] of rows.ranges.entries()) {
    fillBatch(bound, rows, range, k, at, balance, left);
    await bound.run();
    wiring.holdZeros();
    for (let task = 0; task < tasks; task++) {
      if (wiring.present[task] === 0) continue;
      const value = wiring.losses[task];
      if (!Number.isFinite(value)) return { kind: "loss-not-finite", task, value, range };
      if (positiveRule !== null && value < 0) return { kind: "loss-negative", task, value, rule: positiveRule, range };
      losses.add(task, value);
      factors.add(task, wiring.factors[task]);
      for (const { add } of stages) add(task, wiring);
    }
    if (!several) break;
    accumulation.add(1 / rows.ranges.length);
    // The next batch goes on from these statistics; those of the last wait until the step is taken.
    if (k < rows.ranges.length - 1) statistics.keep(isPresent);
  }
  if (several) accumulation.finish();
  return {
    kind: "totals",
    losses: losses.values(),
    factors: factors.values(),
    stages: stages.map(({ result }) => result()),
    presentAtLast: isPresent,
  };
}

/** Writes everything that the graph reads for one batch. */
function fillBatch(
  { registry, program, wiring, batches }: BoundPhase,
  { set, order }: StepRows,
  { from, count }: BatchRange,
  batch: number,
  at: StepTime,
  balance: BalanceState,
  left: ReadonlySet<number>,
): void {
  batches.fill(set, order, from, count);
  for (const task of left) batches.leaveOut(program.tasks[task]);
  wiring.draw(at.seed, at.step, batch);
  if (wiring.fed.size === 0) return;
  const present = program.tasks.map((task) => batches.isPresent(task));
  for (const [name, values] of hostFeeds(program.stages, registry, balance, { ...at, present })) {
    const buffer = wiring.fed.get(name);
    if (!buffer) continue;
    floats(buffer).set(values);
    buffer.upload();
  }
}

/** Means of a number for each task, over the batches that had it. */
function means(tasks: number): { add(task: number, value: number): void; values(): (number | null)[] } {
  const sums = new Array<number>(tasks).fill(0);
  const counts = new Array<number>(tasks).fill(0);
  return {
    add(task, value) {
      sums[task] += value;
      counts[task] += 1;
    },
    values: () => sums.map((sum, task) => (counts[task] > 0 ? sum / counts[task] : null)),
  };
}

function stageMeans(stage: LossStage, tasks: number) {
  const losses = stage.host.length > 0 ? means(tasks) : null;
  const weights = stage.remembers ? means(tasks) : null;
  return {
    add(task: number, { outputs }: BoundPhase["wiring"]): void {
      losses?.add(task, floats(outputs[`balance/${stage.index}/losses`])[task]);
      weights?.add(task, floats(outputs[`balance/${stage.index}/weights`])[task]);
    },
    result: (): StageResult => ({ stage, losses: losses?.values() ?? null, weights: weights?.values() ?? null }),
  };
}
