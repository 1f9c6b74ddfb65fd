import type { Snapshot, NamedWeights } from "./snapshot.ts";
import type { PartResult } from "./watch.ts";

/** What training tells while it runs, and what it asks. */

export interface StepEvent {
  /** From 1, over the whole run. */
  readonly step: number;
  /** Losses before any weight and the factors finally applied; absent tasks are left out. */
  readonly losses: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, number>>;
  readonly rate: number;
  /** Epoch under way and the last one that its phase plans, both numbered through the whole run. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps of the phase that are done, and all of them. */
  readonly done: number;
  readonly total: number;
}

/** A phase begins, or goes on in a resumed run. */
export interface PhaseEvent {
  /** Its name, or null. */
  readonly phase: string | null;
  /** From 1, of how many. */
  readonly number: number;
  readonly phases: number;
  /** The next epoch, and the last one planned, both numbered through the whole run. */
  readonly epoch: number;
  readonly epochs: number;
  /** Epochs in a row that may be no better, where it has a `stop`, and those that have been so far. */
  readonly patience: number | null;
  readonly waited: number;
  /** Steps that the phases after it plan, and whether this one or one of them may end early. */
  readonly later: number;
  readonly mayStop: boolean;
}

/** A phase with a `stop` has come to its end. */
export interface PhaseEndEvent {
  readonly phase: string | null;
  /** The last epoch. */
  readonly epoch: number;
  /** Epochs that were no better, where they ended it; null where all that were planned are done. */
  readonly waited: number | null;
  /** The best epoch, whose weights are kept; null where none gave a number, and the last weights stay. */
  readonly kept: number | null;
}

export interface EpochEvent {
  /** From 1, over the whole run. */
  readonly epoch: number;
  /** Name of the phase, or null. */
  readonly phase: string | null;
  readonly step: number;
  /** Rate of the epoch's last step. */
  readonly rate: number;
  readonly seconds: number;
  /** Means over the epoch's steps in which the task was present. */
  readonly losses: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, number>>;
  /** Losses, each task's main metric, and what is watched. */
  readonly validation: PartResult | null;
  /** True where the watched value is the best so far. */
  readonly best: boolean;
}

/** How far a look at a part of the data is. */
export interface MeasureEvent {
  readonly part: "validation" | "test";
  /** Rows that are done, of all. */
  readonly done: number;
  readonly rows: number;
}

export interface TrainHooks {
  /** The first phase is compiled and bound: the next thing is a step. */
  onReady?(): void;
  onPhase?(event: PhaseEvent): void;
  onPhaseEnd?(event: PhaseEndEvent): void;
  onStep?(event: StepEvent): void;
  onEpoch?(event: EpochEvent): void;
  onMeasure?(event: MeasureEvent): void;
  /** Keeps all that a resumed run needs. The tensors are views of what training goes on to change once the promise is settled. */
  save?(snapshot: Snapshot): Promise<void>;
  /** Keeps the network as it is when training ends, is interrupted, or stops at numbers that went wrong. Views, as above. */
  keep?(weights: NamedWeights): Promise<void>;
  /** True once somebody wants training to stop after the step under way. */
  interrupted?(): boolean;
}
