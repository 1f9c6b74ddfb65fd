import { hasLoss } from "../../compiler/ir/kinds.ts";
import type { Model, Task } from "../../compiler/ir/model.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { BoundData } from "../data/data.ts";
import type { Engine } from "../engines/engine.ts";
import { checkCursor, startOfRun, type Cursor } from "./cursor.ts";
import type { TrainHooks } from "./hooks.ts";
import { createParts, type Parts } from "./parts.ts";
import type { BoundPhase } from "./phase.ts";
import { factsOf, planRun, type Plan } from "./plan.ts";
import { createSaving, type Saving } from "./saving.ts";
import { stepCounts } from "./segments.ts";
import { emptyCopy, restoreSnapshot, takeSnapshot, type Snapshot, type WeightCopy } from "./snapshot.ts";
import type { TrainingState } from "./state.ts";
import { idlePhases, throwAny, unfitRows } from "./trainable.ts";

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

/** A run under way: what it works with, and the state that all of its parts share. */
export interface Training {
  readonly engine: Engine;
  readonly registry: Registry;
  readonly model: Model;
  readonly data: BoundData;
  readonly hooks: TrainHooks;
  readonly plan: Plan;
  /** Tasks with a loss. */
  readonly tasks: readonly Task[];
  readonly parts: Parts;
  readonly saving: Saving;
  readonly state: TrainingState;
  readonly cursor: Cursor;
  /** Weights of the phase's best epoch, where `cursor.best` says that there is one. */
  best: WeightCopy | null;
  /** The phase under way, while its steps are taken. */
  bound: BoundPhase | null;
  /** Seconds spent in training, those before a resume counted. */
  seconds(): number;
  /** The state as it is. */
  snapshot(): Snapshot;
}

/** A run before its first step, or as a snapshot holds it. Throws a MissingTensor where that is of another model. */
export function openTraining({ engine, registry, model, data, from, hooks = {}, saveEvery }: TrainSetting): Training {
  const facts = factsOf(data);
  const tasks = model.tasks.filter(hasLoss);
  throwAny(unfitRows(model, registry, data));
  const plan = planRun(engine, registry, model, facts);
  throwAny(idlePhases(model, registry, plan.programs, data));
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
