import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import type { Cursor } from "./cursor.ts";
import type { PartName } from "./parts.ts";
import { runPhases } from "./phases.ts";
import { openTraining, type Training, type TrainSetting } from "./session.ts";
import { namedWeights, type NamedWeights, type Snapshot } from "./snapshot.ts";
import type { PartResult } from "./watch.ts";

/**
 * The training loop. A run is a list of phases, a phase a number of epochs, an epoch its steps; where it stands is a cursor,
 * and everything that changes is in the cursor and in the engine's buffers, so that a snapshot of both is a whole run.
 */
export type { EpochEvent, MeasureEvent, PhaseEndEvent, PhaseEvent, StepEvent, TrainHooks } from "./hooks.ts";
export type { TrainSetting } from "./session.ts";

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
  const training = openTraining(setting);
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
      stop: (event) => {
        hooks.onMeasure?.(event);
        return (interrupted ||= hooks.interrupted?.() ?? false);
      },
    });
    if (result) results.set(part, result);
  }
  return interrupted ? null : results;
}
