import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { inputsOfTasks } from "../../ir/behind.ts";
import type { Columns, DataSection, Input, Model, Source, Task } from "../../ir/model.ts";
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

/** Names of the columns that are read; of a range its two ends. */
export function columnsAsked({
  inputs,
  tasks,
  data,
  reads,
}: Pick<Asked, "inputs" | "tasks" | "data" | "reads">): Set<string> {
  const names = new Set<string>();
  const add = (columns: Columns | null): void => {
    if (columns === null) return;
    for (const name of columns.kind === "names" ? columns.names : [columns.first, columns.last]) names.add(name);
  };
  const read = reads(tasks.map(({ name }) => name));
  for (const { name, from } of inputs) if (read.has(name)) add(from);
  for (const { target, rowWeight } of tasks) {
    add(target);
    if (rowWeight !== null) names.add(rowWeight);
  }
  const addSource = ({ settings: { only, on, group }, operands }: Source): void => {
    for (const name of [on, group]) if (typeof name === "string") names.add(name);
    if (typeof only === "object" && only !== null) for (const name of Object.keys(only)) names.add(name);
    operands.forEach(addSource);
  };
  for (const { train, validation, test } of data)
    for (const source of [train, validation, test]) if (source !== null) addSource(source);
  return names;
}

export function askedBy(model: Model): Asked {
  const { inputs, tasks, data } = model;
  return {
    ...{ inputs, tasks, data },
    reads: (names) => inputsOfTasks(model, names),
    advice: (columns) => leaksInTable(model, columns),
  };
}
