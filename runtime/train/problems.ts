import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { training } from "../../compiler/diagnostics/training.ts";
import type { Task } from "../../compiler/ir/model.ts";

/** Where in a run something went wrong. */
export interface Where {
  readonly step: number;
  readonly epoch: number;
  readonly rows: string;
}

const remedy =
  "the weights are those of the step before; try a smaller `rate`, `clip: norm(1.0)`, or `scale: standard` for inputs and targets";

export function lossProblem(task: Task, value: number, where: Where, rule: string | null): DiagnosticError {
  const shown = Number.isNaN(value) ? "NaN" : String(value);
  const diagnostic = rule
    ? report(
        training.negativeLoss,
        { task: task.name, value: shown, rule, step: where.step },
        { span: task.span, help: "use another rule, such as `uncertainty`, or a loss that is never below 0" },
      )
    : report(training.lossNotFinite, { task: task.name, value: shown, ...where }, { span: task.span, help: remedy });
  return new DiagnosticError([diagnostic]);
}

export function gradientProblem(tasks: readonly Task[], where: Where): DiagnosticError {
  const names = tasks.map((task) => `\`${task.name}\``).join(", ");
  return new DiagnosticError([report(training.gradientNotFinite, { ...where, tasks: names }, { help: remedy })]);
}

export function skipProblem(task: Task, count: number): DiagnosticError {
  return new DiagnosticError([
    report(training.tooManySkips, { count, task: task.name }, { span: task.span, help: remedy }),
  ]);
}

export function nothingToTrain(part: string): DiagnosticError {
  return new DiagnosticError([report(training.nothingToTrain, { part })]);
}
