import { advice } from "../../compiler/diagnostics/advice.ts";
import { report, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Model, Phase } from "../../compiler/ir/model.ts";
import { decayAt } from "../../compiler/optimizers/average.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import { isPatienceOver, plateauDrops } from "../../compiler/schedules/index.ts";
import type { Cursor } from "./cursor.ts";
import type { BatchRange } from "./totals.ts";
import { watchOf, type Watch } from "./watch.ts";

/** How a phase is laid out in epochs and steps, and what it watches: all of it follows from the phase and the number of rows. */
export interface Course {
  readonly phase: Phase;
  readonly rows: number;
  /** Steps of a whole epoch, and of the phase; the last epoch of a phase of so many steps may be cut short. */
  readonly perEpoch: number;
  readonly total: number;
  readonly epochs: number;
  /** What early stopping and a plateau schedule watch. */
  readonly stop: Watch | null;
  readonly plateau: Watch | null;
}

export function courseOf(phase: Phase, rows: number, model: Model, registry: Registry): Course {
  const perEpoch = Math.ceil(Math.ceil(rows / phase.batch) / phase.accumulate);
  const total = phase.steps ?? phase.epochs! * perEpoch;
  const { word, settings } = phase.schedule;
  return {
    phase,
    rows,
    perEpoch,
    total,
    epochs: Math.ceil(total / perEpoch),
    stop: phase.stop ? watchOf(phase.stop.on, model, registry) : null,
    plateau: word === "plateau" ? watchOf(String(settings.on), model, registry) : null,
  };
}

/**
 * Whether nothing of the phase is left to do. In the middle of an epoch only where more steps are done than are asked for now:
 * the epoch stays open then, so that a run that is asked for more again goes on within it.
 */
export function isOver({ phase, total }: Course, cursor: Cursor): boolean {
  const { epochStep, phaseStep } = cursor;
  if (epochStep > 0) return phaseStep > total;
  return phaseStep >= total || (phase.stop !== null && isPatienceOver(cursor, phase.stop.patience));
}

/** Whether the epoch under way has all its steps. */
export function isEpochDone({ perEpoch, total }: Course, { epochStep, phaseStep }: Cursor): boolean {
  return epochStep >= perEpoch || phaseStep >= total;
}

/** The next step's batches, as places in the epoch's order. */
export function rangesOf({ phase, rows }: Course, { epochStep }: Cursor): BatchRange[] {
  const ranges: BatchRange[] = [];
  const start = epochStep * phase.accumulate * phase.batch;
  const end = Math.min(rows, start + phase.accumulate * phase.batch);
  for (let from = start; from < end; from += phase.batch)
    ranges.push({ from, count: Math.min(phase.batch, rows - from) });
  return ranges;
}

/** The next step's rate, and the schedule's factor alone. */
export function rateOf(course: Course, registry: Registry, cursor: Cursor): { rate: number; factor: number } {
  const { phase, total, plateau } = course;
  const { rate } = phase.optimizer.settings;
  if (typeof rate !== "number") throw new Error(`the optimizer ${phase.optimizer.word} has no rate`);
  const { word, settings } = phase.schedule;
  const drops = plateau ? plateauDrops(cursor.plateau, plateau.better, Number(settings.patience)) : 0;
  const factor = registry.schedule.get(word)!.factor!(settings, {
    step: cursor.phaseStep,
    total,
    epoch: cursor.phaseEpoch,
    plateau: drops,
  });
  return { rate: rate * factor, factor };
}

/** What the moving average keeps of itself in the next step; null where there is none. */
export function keptByAverage({ phase }: Course, { averaged }: Cursor): number | null {
  if (!phase.average || averaged === null) return null;
  const { decay, ramp } = phase.average.settings;
  return decayAt({ decay: Number(decay), ramp: ramp === true }, averaged);
}

/** Tells of phases that are over before the rate has risen to what is written. */
export function tellLongWarmups(
  model: Model,
  rows: number,
  registry: Registry,
  onWarning: (warning: Diagnostic) => void,
): void {
  for (const phase of model.phases) {
    const { warmup } = phase.schedule.settings;
    const steps = courseOf(phase, rows, model, registry).total;
    if (typeof warmup === "number" && steps > 0 && warmup > steps)
      onWarning(report(advice.warmupTooLong, { warmup, steps }, { span: phase.span }));
  }
}
