import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { inputsOfTasks } from "../../ir/behind.ts";
import type { DataSection, Input, Model, Task } from "../../ir/model.ts";
import { leaksInTable } from "../../leaks.ts";

/** What a model asks of its tables: of a sound one everything, of another whatever was understood. */
export interface Asked {
  readonly inputs: readonly Input[];
  readonly tasks: readonly AskedTask[];
  readonly data: readonly DataSection[];
  /** Names of the inputs that these tasks read. */
  reads(tasks: readonly string[]): ReadonlySet<string>;
  /** Advice that only a table's columns give rise to. */
  advice(columns: readonly string[]): readonly Diagnostic[];
}
export type AskedTask = Pick<Task, "name" | "kind" | "target" | "rowWeight" | "span">;

export function askedBy(model: Model): Asked {
  const { inputs, tasks, data } = model;
  return {
    ...{ inputs, tasks, data },
    reads: (names) => inputsOfTasks(model, names),
    advice: (columns) => leaksInTable(model, columns),
  };
}
