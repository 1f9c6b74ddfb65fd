import type { StepProgram } from "../../compiler/lower/step.ts";
import type { RuleScalars } from "./layout.ts";

/** Scalars that the balance trains (uncertainty's s): one for each task, at the optimizer's rate unless the rule has its own. */
export interface TrainedScalars extends RuleScalars {
  readonly stage: number;
  /** Its name within the rule: `s`. */
  readonly key: string;
  readonly start: number;
  readonly rate: number | null;
}

export function ruleScalars(program: StepProgram): TrainedScalars[] {
  return program.stages.flatMap((stage) =>
    Object.entries(stage.trainable).map(([key, start]) => ({
      name: `balance/${stage.key}/${key}`,
      tasks: program.tasks,
      stage: stage.index,
      key,
      start,
      rate: typeof stage.settings.rate === "number" ? stage.settings.rate : null,
    })),
  );
}
