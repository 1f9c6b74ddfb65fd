import { ownOf } from "../../compiler/ir/own.ts";
import { inputsOfTasks } from "../../compiler/ir/behind.ts";
import { answerShape } from "../../compiler/ir/kinds.ts";
import type { Input, Model, Task } from "../../compiler/ir/model.ts";
import { isKnown, multiplySizes, type Size } from "../../compiler/ir/size.ts";
import type { Codes } from "../data/data.ts";
import { labelsOf } from "../data/targets.ts";

/** What a model needs of what was learnt from its data, and codes do not have, in a user's words; null where they fit. */
export function codesProblem(model: Model, codes: Codes): string | null {
  const read = inputsOfTasks(
    model,
    model.tasks.map(({ name }) => name),
  );
  for (const input of model.inputs) {
    const problem = read.has(input.name) ? ofInput(input, ownOf(codes.inputs, input.name) ?? {}) : null;
    if (problem !== null) return `it does not tell ${problem} of input \`${input.name}\``;
  }
  for (const task of model.tasks) {
    const problem = task.target === null ? null : ofTask(task, ownOf(codes.tasks, task.name) ?? {});
    if (problem !== null) return `it does not tell ${problem} of task \`${task.name}\``;
  }
  return null;
}

function ofInput({ kind, type, scale, fill }: Input, codes: Codes["inputs"][string]): string | null {
  switch (kind.word) {
    case "f32":
    case "i32":
    case "image": {
      const groups = type.shape.length > 1 ? 1 : multiplySizes(...type.shape);
      if (scale !== "none" && codes.scale?.shift.length !== groups) return "the scale";
      if (fill !== null && codes.fill?.length !== groups) return "what an empty cell becomes";
      return null;
    }
    case "category":
      return codes.categories === undefined || !isOf(type.codes, codes.categories.length + 1) ? "the values" : null;
    case "tokens":
      // A vocabulary may be smaller than the table that was asked for.
      return codes.tokens === undefined || (isKnown(type.codes ?? 0) && codes.tokens.length > Number(type.codes))
        ? "the vocabulary"
        : null;
    default:
      return kind satisfies never;
  }
}

function ofTask(task: Task, codes: Codes["tasks"][string]): string | null {
  const { kind, scale } = task;
  const labels = labelsOf(task, codes);
  if (labels !== null && (labels.length === 0 || !isOf(kind.size, labels.length))) return "the labels";
  const numbers = multiplySizes(...answerShape(kind));
  const scaled = codes.scale?.shift.length ?? 0;
  if (scale !== "none" && scaled !== 1 && scaled !== numbers) return "the scale";
  const counted = labels?.length ?? 2 * (kind.word === "flags" ? Number(kind.size) : 1);
  return codes.counts !== undefined && codes.counts.length !== counted ? "how often each answer occurs" : null;
}

/** Whether so many are what a size asks for; one that only the data know may be any. */
function isOf(size: Size | undefined, found: number): boolean {
  return size === undefined || !isKnown(size) || found === size;
}
