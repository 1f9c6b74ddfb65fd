import { ownOf } from "../../compiler/ir/own.ts";
import type { Task } from "../../compiler/ir/model.ts";
import type { Cursor } from "./cursor.ts";
import { gradientProblem, lossProblem, negativeProblem, rowsOfBatch, skipProblem, type Where } from "./problems.ts";
import { areTooMany, skipsInARow } from "./skips.ts";
import type { StepOutcome, StepRequest } from "./step.ts";
import type { BatchRange } from "./totals.ts";

/**
 * Counts a step that was taken or skipped. Throws a DiagnosticError where training cannot go on: the cursor then stands before
 * a step that was refused, and behind one that was skipped, as the weights do.
 */
export function settle(
  outcome: StepOutcome,
  request: StepRequest,
  cursor: Cursor,
  tasks: readonly Task[],
  skips: boolean,
): void {
  const { set, order } = request.rows;
  const where = (range: BatchRange): Where => ({
    step: request.step,
    epoch: cursor.epoch + 1,
    rows: rowsOfBatch(set, order, range),
  });
  switch (outcome.kind) {
    case "taken": {
      const [skipped] = outcome.skipped;
      addUp(outcome, cursor, tasks);
      advance(cursor, request, outcome.skipped.length > 0);
      if (cursor.averaged !== null) cursor.averaged += 1;
      if (areTooMany(cursor.skippedInRow)) throw skipProblem(tasks[skipped], cursor.skippedInRow);
      return;
    }
    case "gradient-not-finite": {
      const present = outcome.present.map((task) => tasks[task]);
      const problem = gradientProblem(present, where(outcome.range));
      if (!skips) throw problem;
      advance(cursor, request, true);
      if (areTooMany(cursor.skippedInRow)) throw problem;
      return;
    }
    case "loss-not-finite":
      throw lossProblem(tasks[outcome.task], outcome.value, where(outcome.range));
    case "loss-negative":
      throw negativeProblem(tasks[outcome.task], outcome.value, outcome.rule, where(outcome.range));
    default: {
      const never: never = outcome;
      throw new Error(`no such outcome ${String(never)}`);
    }
  }
}

function advance(cursor: Cursor, { rate }: StepRequest, skipped: boolean): void {
  cursor.step += 1;
  cursor.phaseStep += 1;
  cursor.epochStep += 1;
  cursor.rate = rate;
  cursor.skippedInRow = skipsInARow(cursor.skippedInRow, skipped);
  cursor.skipped += Number(skipped);
}

/** Adds a step to the sums of its epoch. */
function addUp(
  { losses, factors }: Extract<StepOutcome, { kind: "taken" }>,
  cursor: Cursor,
  tasks: readonly Task[],
): void {
  for (const [k, { name }] of tasks.entries()) {
    const loss = losses[k];
    const factor = factors[k];
    if (loss === null || factor === null) continue;
    const sums = ownOf(cursor.sums, name) ?? { loss: 0, factor: 0, steps: 0 };
    cursor.sums[name] = sums;
    sums.loss += loss;
    sums.factor += factor;
    sums.steps += 1;
  }
}
