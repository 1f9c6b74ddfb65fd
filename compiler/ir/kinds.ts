import type { Task, TaskKind } from "./model.ts";
import type { Size } from "./size.ts";

/** Shapes that a task's kind implies, batch axis left out. */

/** Shape of one answer as data holds it: `real[4]` [4], `flags(12)` [12], `class(17)[words]` [words], `flag` []. */
export function answerShape(kind: TaskKind): readonly Size[] {
  return kind.word === "flags" ? [...kind.shape, kind.size] : kind.shape;
}

/** Whether an answer is a code (class, ordinal) rather than a number. */
export function isCoded(kind: TaskKind): boolean {
  return kind.word === "class" || kind.word === "ordinal";
}

/** Tasks that are learnt from answers of their own. */
export function hasLoss(task: Task): boolean {
  return task.loss.length > 0 && task.target !== null;
}
