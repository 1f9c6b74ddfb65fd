import { DiagnosticError, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { hasLoss } from "../../compiler/ir/kinds.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { lowerStep, type StepProgram } from "../../compiler/lower/step.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { BoundData } from "../data/data.ts";
import { courseOf, isOver } from "./course.ts";
import { startOfRun } from "./cursor.ts";
import { factsOf } from "./plan.ts";
import { allFrozen, nothingToTrain } from "./problems.ts";
import { checkWatched } from "./watch.ts";

/** What stands in the way of training that is known before the first step, of `train` and of `check --data` alike. */
export function obstacles(model: Model, registry: Registry, data: BoundData): readonly Diagnostic[] {
  const found = unfitRows(model, registry, data);
  if (found.length > 0) return found;
  const programs = model.phases.map((phase) => lowerStep(model, registry, phase, factsOf(data)));
  return idlePhases(model, registry, programs, data);
}

/** Rows that nothing can be learnt from, or judged by. */
export function unfitRows(model: Model, registry: Registry, { sections }: BoundData): readonly Diagnostic[] {
  const [{ train, validation }] = sections;
  if (train.rows === 0) return nothingToTrain("no row is left to train on").diagnostics;
  if (!model.tasks.some(hasLoss)) return nothingToTrain("no task has a target to learn").diagnostics;
  return checkWatched(model, registry, validation);
}

/** Phases in which nothing would be learnt. */
export function idlePhases(
  model: Model,
  registry: Registry,
  programs: readonly StepProgram[],
  { sections }: BoundData,
): readonly Diagnostic[] {
  return model.phases.flatMap((phase, k) =>
    isOver(courseOf(phase, sections[0].train.rows, model, registry), startOfRun()) ||
    programs[k].parameters.some(({ trained }) => trained)
      ? []
      : allFrozen(phase, programs[k]).diagnostics,
  );
}

export function throwAny(found: readonly Diagnostic[]): void {
  if (found.length > 0) throw new DiagnosticError(found);
}
