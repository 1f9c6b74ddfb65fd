import type { Task } from "../../compiler/ir/model.ts";
import type { Cursor } from "./cursor.ts";
import { gradientProblem, lossProblem, negativeProblem, rowsOfBatch, skipProblem, type Where } from "./problems.ts";
import type { StepOutcome, StepRequest } from "./step.ts";

/** Steps in a row that may be skipped before training is ended. */
const MOST_SKIPS = 10;

/**
 * Counts a step that was taken or skipped. Throws a DiagnosticError where training cannot go on; the cursor then stands before
 * that step, as the weights do.
 */
export function settle(
  outcome: StepOutcome,
  request: StepRequest,
  cursor: Cursor,
  tasks: readonly Task[],
  skips: boolean,
): void {
  const where = (range: StepRequest["rows"]["ranges"][number]): Where => ({
    step: request.step,
    epoch: cursor.epoch + 1,
    rows: rowsOfBatch(request.rows.set, request.rows.order, range),
  });
  switch (outcome.kind) {
    case "taken": {
      const [skipped] = outcome.skipped;
      if (skipped === undefined) cursor.skippedInRow = 0;
      else countSkip(cursor, () => skipProblem(tasks[skipped], MOST_SKIPS));
      addUp(outcome, cursor, tasks);
      break;
    }
    case "loss-not-finite":
      throw lossProblem(tasks[outcome.task], outcome.value, where(outcome.range));
    case "loss-negative":
      throw negativeProblem(tasks[outcome.task], outcome.value, outcome.rule, where(outcome.range));
    case "gradient-not-finite": {
      const problem = () =>
        gradientProblem(
          outcome.present.map((task) => tasks[task]),
          where(outcome.range),
        );
      if (!skips) throw problem();
      countSkip(cursor, problem);
      break;
    }
    default: {
      const never: never = outcome;
      throw new Error(`no such outcome ${String(never)}`);
    }
  }
  cursor.step += 1;
  cursor.phaseStep += 1;
  cursor.epochStep += 1;
  cursor.rate = request.rate;
  if (outcome.kind === "taken" && cursor.averaged !== null) cursor.averaged += 1;
}

function countSkip(cursor: Cursor, problem: () => Error): void {
  cursor.skippedInRow += 1;
  cursor.skipped += 1;
  if (cursor.skippedInRow >= MOST_SKIPS) throw problem();
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
    const sums = (cursor.sums[name] ??= { loss: 0, factor: 0, steps: 0 });
    sums.loss += loss;
    sums.factor += factor;
    sums.steps += 1;
  }
}
