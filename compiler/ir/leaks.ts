import { valuesBehind } from "./behind.ts";
import type { Columns, Input, Model, Task } from "./model.ts";

/** An input that reads what tasks behind it are to predict. */
export interface Leak {
  readonly input: Input;
  readonly columns: readonly string[];
  readonly tasks: readonly Task[];
}

/** The columns that are read, as far as they are known. */
type NamesOf = (columns: Columns) => readonly string[];

/** A range has its two ends. */
export const writtenNames: NamesOf = (columns) =>
  columns.kind === "names" ? columns.names : [columns.first, columns.last];

/**
 * Inputs with a target among their columns. It is meant where the task is auxiliary, where an input of several numbers is
 * predicted as a whole (it is reconstructed), and of tokens.
 */
export function leaksOf(model: Model, namesOf: NamesOf): readonly Leak[] {
  const behind = new Map(
    model.tasks.map((task) => {
      const ends = [task.head, task.probability].filter((value) => value !== null);
      return [task, valuesBehind(model.instructions, ends)] as const;
    }),
  );
  return model.inputs.flatMap((input) => {
    if (input.kind.word === "tokens") return [];
    const read = namesOf(input.from);
    const columns = new Set<string>();
    const tasks = model.tasks.filter((task) => {
      if (task.target === null || task.role === "auxiliary" || !behind.get(task)?.has(input.name)) return false;
      const predicted = namesOf(task.target);
      const both = predicted.filter((name) => read.includes(name));
      if (both.length === 0 || (input.type.shape.length > 0 && isWhole(input.from, task.target, read, predicted)))
        return false;
      for (const name of both) columns.add(name);
      return true;
    });
    return tasks.length === 0 ? [] : [{ input, columns: [...columns], tasks }];
  });
}

function isWhole(from: Columns, target: Columns, read: readonly string[], predicted: readonly string[]): boolean {
  return (
    from.kind === target.kind && read.length === predicted.length && read.every((name) => predicted.includes(name))
  );
}
