import type { Model, Task } from "../../compiler/ir/model.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { BoundData } from "../data/data.ts";
import type { Engine } from "../engines/engine.ts";
import type { Cursor } from "./cursor.ts";
import type { TrainHooks } from "./hooks.ts";
import type { Parts } from "./parts.ts";
import type { BoundPhase } from "./phase.ts";
import type { Plan } from "./plan.ts";
import type { Saving } from "./saving.ts";
import type { Snapshot, WeightCopy } from "./snapshot.ts";
import type { TrainingState } from "./state.ts";

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
