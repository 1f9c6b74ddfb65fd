import type { Input, TaskKind } from "../../ir/model.ts";
import { isKnown, multiplySizes, showSize, type Size } from "../../ir/size.ts";
import { answerShape } from "../../ir/kinds.ts";
import { writeCell } from "../../registry/describe.ts";

/** Kinds as a file would say them, and how many columns they are read from. */

function brackets(shape: readonly Size[], axes?: readonly (string | null)[]): string {
  if (shape.length === 0) return "";
  return `[${shape.map((size, index) => axes?.[index] ?? showSize(size)).join(", ")}]`;
}

/** `class(17)[words]`, `real[4]`, `flags(12)`. */
export function writeTaskKind(kind: TaskKind): string {
  const sizes = brackets(kind.shape, kind.axes);
  switch (kind.word) {
    case "class":
    case "ordinal":
      if (kind.learnt) return `${kind.word}${sizes}`;
      return `${kind.word}(${kind.labels ? `[${kind.labels.map(writeCell).join(", ")}]` : showSize(kind.size)})${sizes}`;
    case "flags":
      return `${kind.word}(${showSize(kind.size)})${sizes}`;
    case "flag":
    case "real":
    case "count":
      return `${kind.word}${sizes}`;
    default:
      return kind.word satisfies never;
  }
}

/** `f32[2]`, `tokens(40)`. */
export function writeInputKind(input: Pick<Input, "kind" | "type">): string {
  const { kind, type } = input;
  switch (kind.word) {
    case "f32":
    case "i32":
      return `${kind.word}${brackets(type.shape, type.axes)}`;
    case "category":
      return "category";
    case "tokens":
      return `tokens(${kind.length})`;
    case "image":
      return `image(${kind.height}, ${kind.width}, ${kind.channels})`;
    default:
      return kind satisfies never;
  }
}

/**
 * How many columns make up one example's tensor: of single numbers, or of lists along its one token axis; null where the number is
 * not known.
 */
function columnsOfShape(shape: readonly Size[], axes: readonly (string | null)[] = []): number | null {
  const along = axes.filter((axis) => axis !== null).length;
  if (along > 1) return 1;
  const count = multiplySizes(...shape.filter((_, k) => (axes[k] ?? null) === null));
  return isKnown(count) ? count : null;
}

export function columnsOfTask(kind: TaskKind): number | null {
  return columnsOfShape(answerShape(kind), kind.axes);
}
export function columnsOfInput({ kind, type }: Pick<Input, "kind" | "type">): number | null {
  const isArray = (kind.word === "f32" || kind.word === "i32") && !type.axes?.some((axis) => axis !== null);
  return isArray ? columnsOfShape(type.shape) : 1;
}
