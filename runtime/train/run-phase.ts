import { afterEpoch, type Standing } from "../../compiler/schedules/index.ts";
import { closeEpoch } from "./balance.ts";
import { isEpochDone, isOver, keptByAverage, rangesOf, rateOf, type Course } from "./course.ts";
import type { EpochEvent, StepEvent } from "./hooks.ts";
import { epochOrder } from "./order.ts";
import { settle } from "./outcome.ts";
import type { BoundPhase } from "./phase.ts";
import type { Training } from "./session.ts";
import { copyWeights, emptyCopy } from "./snapshot.ts";
import { takeStep, type StepOutcome, type StepRequest } from "./step.ts";
import { metricsWatched, type PartResult, type Watch } from "./watch.ts";

/** Runs what is left of the phase under way; false where it was interrupted. The cursor says how far it came. */
export async function runPhase(training: Training, bound: BoundPhase, course: Course): Promise<boolean> {
  while (!isOver(course, training.cursor)) {
    if (!(await runSteps(training, bound, course))) return false;
    if (!(await endEpoch(training, course))) return false;
  }
  return true;
}

/** Takes the epoch's remaining steps; false where somebody interrupted. */
async function runSteps(training: Training, bound: BoundPhase, course: Course): Promise<boolean> {
  const { cursor, registry, hooks, saving, tasks } = training;
  const { phase } = course;
  const section = training.data.sections[0];
  const set = section.train;
  const order = epochOrder(set.rows, phase.shuffle, phase.seed, section.name, cursor.epoch);
  while (!isEpochDone(course, cursor)) {
    const request: StepRequest = {
      rows: { set, order, ranges: rangesOf(course, cursor) },
      seed: phase.seed,
      step: cursor.step + 1,
      phaseStep: cursor.phaseStep,
      ...rateOf(course, registry, cursor),
      keep: keptByAverage(course, cursor),
    };
    const outcome = await takeStep(bound, request, cursor.balance);
    settle(outcome, request, cursor, tasks, bound.skipsTasks);
    if (outcome.kind === "taken") hooks.onStep?.(stepEvent(training, course, outcome));
    if (hooks.interrupted?.()) return false;
    if (!isEpochDone(course, cursor)) await saving.offer("step", training.snapshot);
  }
  return true;
}

function stepEvent(
  { cursor, tasks }: Training,
  { epochs, total }: Course,
  outcome: Extract<StepOutcome, { kind: "taken" }>,
): StepEvent {
  const losses: Record<string, number> = {};
  const weights: Record<string, number> = {};
  tasks.forEach(({ name }, k) => {
    const loss = outcome.losses[k];
    const factor = outcome.factors[k];
    if (loss === null || factor === null) return;
    losses[name] = loss;
    weights[name] = factor;
  });
  return {
    step: cursor.step,
    losses,
    weights,
    rate: cursor.rate,
    epoch: cursor.epoch + 1,
    epochs: cursor.epoch - cursor.phaseEpoch + epochs,
    done: cursor.phaseStep,
    total,
  };
}

/** Looks at the validation part, keeps the best weights, tells; false where somebody interrupted while it looked. */
async function endEpoch(training: Training, course: Course): Promise<boolean> {
  const { cursor, hooks, parts, saving } = training;
  const { phase, stop, plateau } = course;
  let interrupted = false;
  const validation = await parts.evaluate("validation", {
    averaged: phase.average !== null,
    metrics: (task) => metricsWatched([stop, plateau], task),
    stop: (event) => {
      hooks.onMeasure?.(event);
      return (interrupted = hooks.interrupted?.() ?? false);
    },
  });
  // The epoch stays open: a resumed run looks again.
  if (interrupted) return false;
  cursor.epoch += 1;
  cursor.phaseEpoch += 1;
  cursor.epochStep = 0;
  closeEpoch(cursor.balance);
  if (plateau) cursor.plateau.push(validation && plateau.read(validation));
  const best = stop !== null && validation !== null && noteWatched(training, stop, validation);
  const event = epochEvent(training, course, validation, best);
  cursor.sums = {};
  cursor.seconds = event.seconds;
  hooks.onEpoch?.(event);
  await saving.offer("epoch", training.snapshot);
  return true;
}

/** Whether the watched value is the best of the phase so far; if so the weights are kept. */
function noteWatched(training: Training, watch: Watch, result: PartResult): boolean {
  const { cursor, state } = training;
  const before: Standing = { best: cursor.best?.value ?? null, waited: cursor.waited };
  const { best, waited } = afterEpoch(before, watch.read(result), watch.better);
  cursor.waited = waited;
  if (best === null || waited > 0) return false;
  cursor.best = { value: best, epoch: cursor.epoch };
  training.best ??= emptyCopy(state);
  copyWeights(state, training.best);
  return true;
}

function epochEvent(training: Training, { phase }: Course, validation: PartResult | null, best: boolean): EpochEvent {
  const { cursor } = training;
  const losses: Record<string, number> = {};
  const weights: Record<string, number> = {};
  for (const [name, { loss, factor, steps }] of Object.entries(cursor.sums)) {
    losses[name] = loss / steps;
    weights[name] = factor / steps;
  }
  const { epoch, step, rate } = cursor;
  return { epoch, phase: phase.name, step, rate, seconds: training.seconds(), losses, weights, validation, best };
}
