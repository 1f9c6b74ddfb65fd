import { freshBalance, type BalanceState } from "./balance.ts";
import { MissingTensor } from "./snapshot.ts";

/**
 * Where training stands, as plain data: with the tensors of a snapshot it is all that a later step depends on. Counts are of
 * what is done: `epoch: 3` means that three epochs are behind us.
 */
export interface Cursor {
  /** Index of the phase under way; the last one when all is done. */
  phase: number;
  /** Epochs of the whole run, and of this phase. */
  epoch: number;
  phaseEpoch: number;
  /** Steps of the whole run, of this phase, and of the epoch under way (0 between two epochs). */
  step: number;
  phaseStep: number;
  epochStep: number;
  /** Rate of the last step. */
  rate: number;
  /** Whose state the optimizer's vectors are: a word, and the names of its vectors. Null before the first phase. */
  optimizer: { kind: string; vectors: readonly string[] } | null;
  /** Steps that each parameter has taken with that optimizer. */
  stepCounts: Record<string, number>;
  balance: BalanceState;
  /** The best epoch of the phase so far, where it has a `stop`. */
  best: { value: number; epoch: number } | null;
  /** Epochs without an improvement. */
  waited: number;
  /** What a plateau schedule has watched in the phase's epochs. */
  plateau: (number | null)[];
  /** Updates of the phase's moving average; null where there is none under way. */
  averaged: number | null;
  /** Steps skipped in a row, and in all. */
  skippedInRow: number;
  skipped: number;
  /** Sums of each task's loss and factor over the epoch under way. */
  sums: Record<string, { loss: number; factor: number; steps: number }>;
  /** Seconds spent in training so far. */
  seconds: number;
}

export function startOfRun(): Cursor {
  return {
    phase: 0,
    epoch: 0,
    phaseEpoch: 0,
    step: 0,
    phaseStep: 0,
    epochStep: 0,
    rate: 0,
    optimizer: null,
    stepCounts: {},
    balance: freshBalance(),
    best: null,
    waited: 0,
    plateau: [],
    averaged: null,
    skippedInRow: 0,
    skipped: 0,
    sums: {},
    seconds: 0,
  };
}

/** The next phase begins: schedule, patience, best weights and average start anew; all else goes on. */
export function enterPhase(cursor: Cursor): void {
  cursor.phase += 1;
  cursor.phaseEpoch = 0;
  cursor.phaseStep = 0;
  cursor.epochStep = 0;
  cursor.best = null;
  cursor.waited = 0;
  cursor.plateau = [];
  cursor.averaged = null;
  cursor.sums = {};
}

/** Throws a MissingTensor where a saved cursor cannot be of a model with so many phases and tasks. */
export function checkCursor({ phase, balance }: Cursor, phases: number, tasks: number): void {
  if (phase >= phases) throw new MissingTensor(`phase ${phase + 1}`);
  for (const [key, { kept, solved, sums, counts, epochMeans }] of Object.entries(balance.rules)) {
    const lists: readonly (readonly unknown[])[] = [kept, solved, sums, counts, ...epochMeans];
    if (lists.some((list) => list.length !== tasks)) throw new MissingTensor(`state of ${key}`);
  }
}
