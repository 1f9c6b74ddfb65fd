import { DiagnosticError, report, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { training } from "../../compiler/diagnostics/training.ts";
import type { Phase, Task } from "../../compiler/ir/model.ts";
import type { StepProgram } from "../../compiler/lower/step.ts";
import type { RowSet } from "../data/data.ts";
import type { BatchRange } from "./totals.ts";

/** Where in a run something went wrong. */
export interface Where {
  readonly step: number;
  readonly epoch: number;
  readonly rows: string;
}

const tries = "try a smaller `rate`, `clip: norm(1.0)`, or `scale: standard` for inputs and targets";
/** Of a step that was not taken. */
const remedy = `the weights are those of the step before; ${tries}`;

/** Row numbers that a message names; a batch may have thousands. */
const NAMED_ROWS = 5;

/** The rows of a batch by their numbers in the file that they come from: `rows 17, 230, 4, 88, 9 and 27 more of penguins.csv`. */
export function rowsOfBatch(set: RowSet, order: Int32Array, { from, count }: BatchRange): string {
  const rows = [...order.subarray(from, from + Math.min(count, NAMED_ROWS))];
  const numbers = rows.map((row) => set.origin?.rows[row] ?? row + 1);
  const more = count > NAMED_ROWS ? ` and ${count - NAMED_ROWS} more` : "";
  return `${count === 1 ? "row" : "rows"} ${numbers.join(", ")}${more} of ${set.origin?.file ?? "the training part"}`;
}

export function lossProblem(task: Task, value: number, where: Where): DiagnosticError {
  const shown = Number.isNaN(value) ? "NaN" : "infinite";
  return new DiagnosticError([
    report(training.lossNotFinite, { task: task.name, value: shown, ...where }, { span: task.span, help: remedy }),
  ]);
}

export function negativeProblem(task: Task, value: number, rule: string, where: Where): DiagnosticError {
  const holes = { task: task.name, value: String(value), rule, ...where };
  const help = "use another rule, such as `uncertainty`, or a loss that is never below 0";
  return new DiagnosticError([report(training.negativeLoss, holes, { span: task.span, help })]);
}

export function gradientProblem(tasks: readonly Task[], where: Where): DiagnosticError {
  const names = tasks.map((task) => `\`${task.name}\``).join(", ");
  return new DiagnosticError([report(training.gradientNotFinite, { ...where, tasks: names }, { help: remedy })]);
}

export function skipProblem(task: Task, count: number): DiagnosticError {
  return new DiagnosticError([
    report(training.tooManySkips, { count, task: task.name }, { span: task.span, help: tries }),
  ]);
}

export function nothingToTrain(part: string, place: Pick<Diagnostic, "span" | "help"> = {}): DiagnosticError {
  return new DiagnosticError([report(training.nothingToTrain, { part }, place)]);
}

/** Every part that a loss reaches is held still. */
export function allFrozen({ name, span }: Phase, { parameters }: StepProgram): DiagnosticError {
  const held = parameters.filter(({ frozen, reachedBy }) => frozen && reachedBy.length > 0);
  const owners = [...new Set(held.map(({ info }) => `\`${info.owner}\``))];
  const help = owners.length > 0 ? `leave one of these out of \`freeze\`: ${owners.join(", ")}` : undefined;
  const where = name === null ? "" : ` in \`train ${name}\``;
  return nothingToTrain(`no loss reaches a part that is not frozen${where}`, { span, help });
}
