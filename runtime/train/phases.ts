import type { Phase } from "../../compiler/ir/model.ts";
import { isPatienceOver } from "../../compiler/schedules/index.ts";
import { courseOf, isOver, type Course } from "./course.ts";
import { enterPhase } from "./cursor.ts";
import type { PhaseEvent } from "./hooks.ts";
import { preparePhase } from "./phase.ts";
import { runPhase } from "./run-phase.ts";
import { stepCounts } from "./segments.ts";
import type { Training } from "./session.ts";
import { restoreWeights } from "./snapshot.ts";
import { floats } from "./state.ts";

/** All phases that are left; false where training was interrupted. */
export async function runPhases(training: Training): Promise<boolean> {
  const { cursor, hooks, model } = training;
  let ready = false;
  const onReady = (): void => {
    if (!ready) hooks.onReady?.();
    ready = true;
  };
  for (;;) {
    if (!(await finishPhase(training, onReady))) return false;
    if (cursor.phase === model.phases.length - 1) break;
    enterPhase(cursor);
    training.best = null;
  }
  onReady();
  return true;
}

/** What is left of the phase under way, and its end; false where training was interrupted. */
async function finishPhase(training: Training, onReady: () => void): Promise<boolean> {
  const { cursor, engine, hooks, registry, model, data, plan, state, tasks } = training;
  const phase = model.phases[cursor.phase];
  const program = plan.programs[cursor.phase];
  const course = courseOf(phase, data.sections[0].train.rows, model, registry);
  startOptimizer(training, phase);
  startAverage(training, phase);
  if (!isOver(course, cursor)) {
    const steps = cursor.stepCounts;
    const weights = tasks.map(({ weight }) => weight);
    training.bound = await preparePhase({ engine, registry, phase, program, state, steps, weights });
    try {
      onReady();
      hooks.onPhase?.(phaseEvent(training, course));
      if (!(await runPhase(training, training.bound, course))) return false;
      if (phase.stop) {
        const waited = isPatienceOver(cursor, phase.stop.patience) ? cursor.waited : null;
        hooks.onPhaseEnd?.({ phase: phase.name, epoch: cursor.epoch, waited, kept: cursor.best?.epoch ?? null });
      }
    } finally {
      cursor.stepCounts = stepCounts(cursor.stepCounts, training.bound.segments);
      await training.bound.close();
      training.bound = null;
    }
  }
  if (phase.stop && cursor.best && training.best) restoreWeights(state, training.best);
  return true;
}

function phaseEvent({ cursor, model, data, registry }: Training, course: Course): PhaseEvent {
  const { phase, rows, epochs } = course;
  const after = model.phases.slice(cursor.phase + 1);
  return {
    phase: phase.name,
    number: cursor.phase + 1,
    phases: model.phases.length,
    epoch: cursor.epoch + 1,
    epochs: cursor.epoch - cursor.phaseEpoch + epochs,
    patience: phase.stop?.patience ?? null,
    waited: cursor.waited,
    later: after.reduce((steps, each) => steps + courseOf(each, rows, model, registry).total, 0),
    mayStop: data.sections[0].validation !== null && [phase, ...after].some(({ stop }) => stop !== null),
  };
}

/** An optimizer goes on from where one of its kind has come; another kind begins anew, its steps counted from 1. */
function startOptimizer({ cursor, registry, state }: Training, { optimizer }: Phase): void {
  const { word, settings } = optimizer;
  const vectors = registry.optimizer
    .get(word)!
    .state(settings)
    .map((name) => `${word}/${name}`);
  const before = cursor.optimizer;
  const goesOn = before?.kind === word;
  if (!goesOn) cursor.stepCounts = {};
  for (const name of vectors) {
    if (!goesOn || !before.vectors.includes(name)) floats(state.vectors.get(name)!).fill(0);
  }
  cursor.optimizer = { kind: word, vectors };
}

/** A phase's moving average starts at the parameters as they are. */
function startAverage({ cursor, state }: Training, { average }: Phase): void {
  if (!average) cursor.averaged = null;
  else if (cursor.averaged === null && state.average) {
    floats(state.average).set(floats(state.parameters));
    cursor.averaged = 0;
  }
}
