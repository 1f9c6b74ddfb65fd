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

/** Names of the columns that are read where the data are; of a range its two ends. */
export function columnsAsked(asked: Pick<Asked, "inputs" | "tasks" | "data" | "reads">): Set<string> {
  const names = columnsMeasured(asked);
  const addSource = ({ settings: { only, on, group }, operands }: Source): void => {
    for (const name of [on, group]) if (typeof name === "string") names.add(name);
    if (typeof only === "object" && only !== null) for (const name of Object.keys(only)) names.add(name);
    operands.forEach(addSource);
  };
  for (const { train, validation, test } of asked.data)
    for (const source of [train, validation, test]) if (source !== null) addSource(source);
  return names;
}

/** The same of rows that a trained network is measured on: they are taken as they are. */
export function columnsMeasured(asked: Pick<Asked, "inputs" | "tasks" | "reads">): Set<string> {
  const names = columnsAnswered(asked);
  for (const { target, rowWeight } of asked.tasks) {
    addColumns(names, target);
    if (rowWeight !== null) names.add(rowWeight);
  }
  return names;
}

/** The same of rows that it answers: nothing reads their answers. */
export function columnsAnswered({ inputs, tasks, reads }: Pick<Asked, "inputs" | "tasks" | "reads">): Set<string> {
  const names = new Set<string>();
  const read = reads(tasks.map(({ name }) => name));
  for (const { name, from } of inputs) if (read.has(name)) addColumns(names, from);
  return names;
}

function addColumns(names: Set<string>, columns: Columns | null): void {
  if (columns === null) return;
  for (const name of columns.kind === "names" ? columns.names : [columns.first, columns.last]) names.add(name);
}

export function askedBy(model: Model): Asked {
  const { inputs, tasks, data } = model;
  return {
    ...{ inputs, tasks, data },
    reads: (names) => inputsOfTasks(model, names),
    advice: (columns) => leaksInTable(model, columns),
  };
}
