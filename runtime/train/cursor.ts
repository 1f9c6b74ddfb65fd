import type { BalanceState } from "./balance.ts";
import { freshBalance } from "./balance.ts";

/**
 * Where training stands, as plain data: with the tensors of a snapshot it is all that a later step depends on. Counts are of
 * what is done: `epoch: 3` means that three epochs are behind us.
 */
export interface Cursor {
  /** Index of the phase under way. */
  phase: number;
  /** Epochs of the whole run, and of this phase. */
  epoch: number;
  phaseEpoch: number;
  /** Steps of the whole run, of this phase, and of the epoch under way. */
  step: number;
  phaseStep: number;
  epochStep: number;
  /** Steps that each parameter has taken. */
  stepCounts: Record<string, number>;
  balance: BalanceState;
  /** The best epoch of the phase so far, where it has a `stop`. */
  best: { value: number; epoch: number } | null;
  /** Epochs without an improvement. */
  waited: number;
  /** What a plateau schedule has watched in the phase's epochs. */
  plateau: (number | null)[];
  /** Updates of the moving average. */
  averaged: number;
  /** Steps skipped in a row, and in all. */
  skippedInRow: number;
  skipped: number;
  /** Sums of each task's loss and factor over the epoch under way. */
  sums: Record<string, { loss: number; factor: number; steps: number }>;
  /** Seconds spent in training so far. */
  seconds: number;
}

export function startOfRun(tasks: number): Cursor {
  return {
    phase: 0,
    epoch: 0,
    phaseEpoch: 0,
    step: 0,
    phaseStep: 0,
    epochStep: 0,
    stepCounts: {},
    balance: freshBalance(tasks),
    best: null,
    waited: 0,
    plateau: [],
    averaged: 0,
    skippedInRow: 0,
    skipped: 0,
    sums: {},
    seconds: 0,
  };
}

/** The next phase begins: schedule, patience and best weights start anew; balance, step counts and epoch numbers go on. */
export function enterPhase(cursor: Cursor): void {
  cursor.phase += 1;
  cursor.phaseEpoch = 0;
  cursor.phaseStep = 0;
  cursor.epochStep = 0;
  cursor.best = null;
  cursor.waited = 0;
  cursor.plateau = [];
  cursor.averaged = 0;
  // What rules on epochs look back on belongs to a phase; the state of rules goes on.
  cursor.balance.epochMeans = [];
}
