import type { Span } from "../grammar/tree.ts";
import type { Instruction, Model, Task } from "./ir/model.ts";
import { addSizes, isKnown } from "./ir/size.ts";

interface Large {
  /** The declaration that it is part of. */
  readonly owner: string;
  /** The layer that makes it; a loss's own parameters have none. */
  readonly at: Instruction | undefined;
  readonly shape: readonly number[];
}

/**
 * Where a person wrote the size that makes something large: at the kind of the task that it follows from, at the layer itself,
 * or at the input that brings it.
 */
export function whereWritten(model: Model, { owner, at, shape }: Large): Span | undefined {
  const most = Math.max(1, ...shape);
  const task = model.tasks.find(({ name }) => name === owner);
  if (task && (at === undefined || at.type.shape.at(-1) === most) && widths(task).includes(most))
    return task.spans?.kind ?? task.span;
  if (at && Object.values(at.settings).flat().includes(most)) return at.span;
  const input = model.inputs.find(({ type: { shape: sizes, codes } }) => codes === most || sizes.includes(most));
  return input?.spans?.kind ?? at?.span;
}

/** What the head of a task may take from its kind: a number for each class, place between two levels, or place of a vector. */
function widths({ kind: { size, shape } }: Task): readonly number[] {
  return [size, addSizes(size, -1), shape.at(-1) ?? 1].filter(isKnown);
}
