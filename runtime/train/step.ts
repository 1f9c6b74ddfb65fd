import { gradientWeights, noteStages, type BalanceState, type GradientWeights, type StepTime } from "./balance.ts";
import type { BoundPhase } from "./phase.ts";
import type { BoundSegment } from "./segments.ts";
import { runBatches, type BatchRange, type Refusal, type StepRows, type Totals } from "./totals.ts";

export interface StepRequest extends StepTime {
  readonly rows: StepRows;
  /** The optimizer's rate times the schedule's factor. */
  readonly rate: number;
  /** The schedule's factor alone. */
  readonly factor: number;
  /** What the moving average keeps of itself; null where there is none. */
  readonly keep: number | null;
}

export type StepOutcome =
  | {
      readonly kind: "taken";
      /** For each task with a loss: its loss before any weight, null where absent. */
      readonly losses: readonly (number | null)[];
      /** The factor finally applied to each loss, null where absent. */
      readonly factors: readonly (number | null)[];
      /** Norm of the gradient before clipping. */
      readonly norm: number;
      /** Tasks left out because their loss was not finite. */
      readonly skipped: readonly number[];
    }
  // Nothing was changed by these.
  | Refusal
  | { readonly kind: "gradient-not-finite"; readonly present: readonly number[]; readonly range: BatchRange };

/**
 * One training step: forward and backward passes, the balance, one norm over the whole model, the optimizer. Only if every
 * loss and the norm are finite does anything change: parameters, the optimizer's vectors and step counts, running statistics,
 * averages and the balance's state.
 */
export async function takeStep(bound: BoundPhase, request: StepRequest, balance: BalanceState): Promise<StepOutcome> {
  const { statistics, skipsTasks } = bound;
  const left = new Set<number>();
  const restore = request.rows.ranges.length > 1 ? statistics.snapshot() : () => {};
  let totals = await runBatches(bound, request.rows, request, balance, left);
  while (skipsTasks && totals.kind === "loss-not-finite") {
    restore();
    left.add(totals.task);
    totals = await runBatches(bound, request.rows, request, balance, left);
  }
  if (totals.kind !== "totals") {
    restore();
    return totals;
  }
  const present = totals.losses.map((loss) => loss !== null);
  const solution = await combineRows(bound, request, totals, present, balance);
  const taking = bound.segments.filter(({ segment: { tasks } }) => takesPart(bound, tasks, present));
  const norm = prepareGradients(taking, solution?.own ?? 1);
  if (!Number.isFinite(norm)) {
    restore();
    return {
      kind: "gradient-not-finite",
      present: present.flatMap((here, task) => (here ? [task] : [])),
      range: request.rows.ranges[0],
    };
  }
  update(bound, taking, request, norm);
  statistics.keep(totals.presentAtLast);
  noteStages(balance, totals.stages, request);
  solution?.commit();
  return {
    kind: "taken",
    losses: totals.losses,
    factors: totals.factors.map((factor, task) => factor && factor * (solution?.shared[task] ?? 1)),
    norm,
    skipped: [...left],
  };
}

/** Solves the rule on gradients and writes the weighted sum of the tasks' gradients where the optimizer reads it. */
async function combineRows(
  { gradientRule, registry }: BoundPhase,
  request: StepRequest,
  { losses, factors }: Totals,
  present: readonly boolean[],
  balance: BalanceState,
): Promise<GradientWeights | null> {
  if (!gradientRule) return null;
  const { rule, key, rows } = gradientRule;
  const { seed, step, phaseStep } = request;
  const weights = gradientWeights(rule, key, registry, balance, {
    seed,
    step,
    phaseStep,
    gram: await rows.gram(),
    losses: losses.map((loss, task) => (loss ?? 0) * (factors[task] ?? 0)),
    present,
  });
  // Where nothing is shared the rule has nothing to say, and what is applied is what own parameters get.
  if (rows.empty) return { ...weights, shared: present.map(() => weights.own), commit: () => undefined };
  await rows.combine(weights.shared);
  return weights;
}

function takesPart({ program }: BoundPhase, tasks: readonly string[], present: readonly boolean[]): boolean {
  return tasks.length === 0 || tasks.some((task) => present[program.tasks.indexOf(task)]);
}

/** Brings the gradients of what takes part to what the optimizer reads, and gives their norm before clipping. */
function prepareGradients(taking: readonly BoundSegment[], ownFactor: number): number {
  let squared = 0;
  for (const { segment, squaredNorm, scale, addPenalty, isOwn } of taking) {
    if (isOwn && ownFactor !== 1) scale(ownFactor);
    addPenalty?.();
    const part = squaredNorm();
    // A rule's scalars stand outside the norm, but must be finite too.
    squared += segment.rule && Number.isFinite(part) ? 0 : part;
  }
  return Math.sqrt(squared);
}

function update({ clip }: BoundPhase, taking: readonly BoundSegment[], request: StepRequest, norm: number): void {
  const limit = clip.ofModel(norm);
  for (const { segment, update, moveAverage } of taking) {
    segment.steps += 1;
    const own = segment.rule?.rate ?? null;
    const rate = own === null ? request.rate * segment.rateFactor : own * request.factor;
    update({ t: segment.steps, rate, decay: segment.decay }, segment.rule ? clip.none : limit);
    if (request.keep !== null) moveAverage?.(request.keep);
  }
}
