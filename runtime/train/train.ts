import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { hasLoss } from "../../compiler/ir/kinds.ts";
import type { Model, Phase } from "../../compiler/ir/model.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { BoundData } from "../data/data.ts";
import type { Engine } from "../engines/engine.ts";
import { courseOf, isOver } from "./course.ts";
import { checkCursor, enterPhase, startOfRun, type Cursor } from "./cursor.ts";
import type { TrainHooks } from "./hooks.ts";
import { createParts, type PartName } from "./parts.ts";
import { preparePhase } from "./phase.ts";
import { factsOf, planRun } from "./plan.ts";
import { nothingToTrain } from "./problems.ts";
import { runPhase } from "./run-phase.ts";
import { createSaving } from "./saving.ts";
import { stepCounts } from "./segments.ts";
import type { Training } from "./session.ts";
import {
  emptyCopy,
  namedWeights,
  restoreSnapshot,
  restoreWeights,
  takeSnapshot,
  type NamedWeights,
  type Snapshot,
} from "./snapshot.ts";
import { floats } from "./state.ts";
import type { PartResult } from "./watch.ts";

/**
 * The training loop. A run is a list of phases, a phase a number of epochs, an epoch its steps; where it stands is a cursor,
 * and everything that changes is in the cursor and in the engine's buffers, so that a snapshot of both is a whole run.
 */
export type { EpochEvent, StepEvent, TrainHooks } from "./hooks.ts";

export interface TrainSetting {
  readonly engine: Engine;
  readonly registry: Registry;
  /** All sizes known. */
  readonly model: Model;
  readonly data: BoundData;
  /** Where to go on from. */
  readonly from?: Snapshot;
  readonly hooks?: TrainHooks;
  /** Seconds between two snapshots (5). */
  readonly saveEvery?: number;
}

export interface TrainResult {
  readonly cursor: Cursor;
  readonly interrupted: boolean;
  /** What was trained: views of the engine's memory. */
  readonly weights: NamedWeights;
  /** Results on the parts with the final weights; empty where training was interrupted. */
  readonly parts: ReadonlyMap<PartName, PartResult>;
  /** The state at the end: views, too. */
  readonly snapshot: Snapshot;
}

/**
 * Trains a model from its first phase, or from where a snapshot stands, to its end. Throws a DiagnosticError where numbers go
 * wrong; the last good weights are kept by then. Throws a MissingTensor where the snapshot is of another model.
 */
export async function trainModel(setting: TrainSetting): Promise<TrainResult> {
  const training = begin(setting);
  const { cursor, state, parts } = training;
  let finished: boolean;
  try {
    finished = await runPhases(training);
  } catch (problem) {
    if (problem instanceof DiagnosticError) await persist(training);
    throw problem;
  }
  await persist(training);
  const results = finished ? await lastLook(training) : null;
  await parts.close();
  return {
    cursor,
    interrupted: results === null,
    weights: namedWeights(state, cursor),
    parts: results ?? new Map(),
    snapshot: training.snapshot(),
  };
}

function begin({ engine, registry, model, data, from, hooks = {}, saveEvery }: TrainSetting): Training {
  const facts = factsOf(data);
  const tasks = model.tasks.filter(hasLoss);
  if (data.sections[0].train.rows === 0) throw nothingToTrain("no row is left to train on");
  if (tasks.length === 0) throw nothingToTrain("no task has a target to learn");
  const plan = planRun(engine, registry, model, facts);
  const { state } = plan;
  const cursor = from ? structuredClone(from.cursor) : startOfRun();
  const best = cursor.best ? emptyCopy(state) : null;
  if (from) {
    checkCursor(cursor, model.phases.length, tasks.length);
    restoreSnapshot(state, from, best);
  }
  const started = performance.now() - 1000 * cursor.seconds;
  const training: Training = {
    engine,
    registry,
    model,
    data,
    hooks,
    plan,
    tasks,
    parts: createParts(engine, registry, model, data, facts, state),
    saving: createSaving(hooks, saveEvery),
    state,
    cursor,
    best,
    bound: null,
    seconds: () => (performance.now() - started) / 1000,
    snapshot() {
      cursor.seconds = training.seconds();
      if (training.bound) cursor.stepCounts = stepCounts(cursor.stepCounts, training.bound.segments);
      return takeSnapshot(state, cursor, training.best);
    },
  };
  return training;
}

/** All phases that are left; false where training was interrupted. */
async function runPhases(training: Training): Promise<boolean> {
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
  const { cursor, engine, registry, model, data, plan, state, tasks } = training;
  const phase = model.phases[cursor.phase];
  const program = plan.programs[cursor.phase];
  const course = courseOf(phase, data.sections[0].train.rows, model, registry);
  startOptimizer(training, phase);
  startAverage(training, phase);
  if (!isOver(course, cursor)) {
    if (!program.parameters.some(({ trained }) => trained)) {
      throw nothingToTrain(
        `no loss reaches a part that is not frozen${phase.name ? ` in \`train ${phase.name}\`` : ""}`,
      );
    }
    const steps = cursor.stepCounts;
    const weights = tasks.map(({ weight }) => weight);
    training.bound = await preparePhase({ engine, registry, phase, program, state, steps, weights });
    try {
      onReady();
      if (!(await runPhase(training, training.bound, course))) return false;
    } finally {
      cursor.stepCounts = stepCounts(cursor.stepCounts, training.bound.segments);
      await training.bound.close();
      training.bound = null;
    }
  }
  if (phase.stop && cursor.best && training.best) restoreWeights(state, training.best);
  return true;
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

/** Keeps state and weights as they are. */
async function persist({ cursor, hooks, saving, state, snapshot }: Training): Promise<void> {
  await saving.save(snapshot);
  await hooks.keep?.(namedWeights(state, cursor));
}

/** Results on the parts; null where somebody interrupted. */
async function lastLook({ cursor, hooks, parts }: Training): Promise<ReadonlyMap<PartName, PartResult> | null> {
  const results = new Map<PartName, PartResult>();
  let interrupted = false;
  for (const part of ["validation", "test"] as const) {
    const result = await parts.evaluate(part, {
      averaged: cursor.averaged !== null,
      stop: () => (interrupted ||= hooks.interrupted?.() ?? false),
    });
    if (result) results.set(part, result);
  }
  return interrupted ? null : results;
}
