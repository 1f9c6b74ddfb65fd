import type { Span } from "../../grammar/tree.ts";
import type { LossTerm, Model, Task, Value } from "./model.ts";

/** Whom a loss learns from beside answers: another task of the model, or what a trained run says of the same rows. */
export type Teacher =
  { readonly kind: "task"; readonly task: string } | { readonly kind: "run"; readonly path: string };

/** A task as the value of `of`: a text there is a path. */
export function taskAsTeacher(name: string): Value {
  return { word: name, settings: {} };
}

/** The teacher that a term names in `of`; null where it has none. */
export function teacherOf({ loss: { settings } }: LossTerm): Teacher | null {
  const { of } = settings;
  if (typeof of === "string") return { kind: "run", path: of };
  if (typeof of === "object" && of !== null && "word" in of && typeof of.word === "string")
    return { kind: "task", task: of.word };
  return null;
}

/** Every pair of tasks of which the first learns from the second, with the place where it says so. */
export function taskLessons({
  tasks,
}: Pick<Model, "tasks">): readonly { readonly task: Task; readonly teacher: Task; readonly span?: Span }[] {
  return tasks.flatMap((task) =>
    task.loss.flatMap((term) => {
      const teacher = teacherOf(term);
      const found = teacher?.kind === "task" ? tasks.find(({ name }) => name === teacher.task) : undefined;
      return found ? [{ task, teacher: found, span: term.span ?? task.span }] : [];
    }),
  );
}

/** A term of a task's loss that learns from a run. */
export interface RunLesson {
  readonly task: string;
  /** Its place among the terms of the task's loss, from 0. */
  readonly term: number;
  readonly path: string;
}

/** Every term that learns from a run, in the order of the file. */
export function runLessons({ tasks }: Pick<Model, "tasks">): readonly RunLesson[] {
  return tasks.flatMap((task) =>
    task.loss.flatMap((each, term) => {
      const teacher = teacherOf(each);
      return teacher?.kind === "run" ? [{ task: task.name, term, path: teacher.path }] : [];
    }),
  );
}

/** What a run's logits are called where they are fed: `0/digit`. */
export function lessonKey(term: number, task: string): string {
  return `${term}/${task}`;
}

/** The model without the terms that learn from runs: what predicts needs none of their teachers. */
export function withoutRunLessons(model: Model): Model {
  if (runLessons(model).length === 0) return model;
  const kept = (term: LossTerm): boolean => teacherOf(term)?.kind !== "run";
  return { ...model, tasks: model.tasks.map((task) => ({ ...task, loss: task.loss.filter(kept) })) };
}
