import { ownOf } from "../../compiler/ir/own.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { isKnown, showSize } from "../../compiler/ir/size.ts";
import type { Codes } from "./data.ts";
import { labelsOf } from "./targets.ts";

/** Sizes that only the data know, by the names that types show: `labels(species)`, `codes(island)`. */
export function sizesOf(model: Model, codes: Codes): Readonly<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const input of model.inputs) {
    const { categories, tokens } = ownOf(codes.inputs, input.name) ?? {};
    // Code 0 is one more: unseen or empty.
    if (categories !== undefined) sizes[`codes(${input.name})`] = categories.length + 1;
    if (tokens !== undefined) sizes[`codes(${input.name})`] = tokens.length;
  }
  for (const task of model.tasks) {
    const labels = labelsOf(task, ownOf(codes.tasks, task.name) ?? {});
    if (labels === null || !task.kind.learnt) continue;
    sizes[isKnown(task.kind.size) ? `labels(${task.name})` : showSize(task.kind.size)] = labels.length;
  }
  return sizes;
}
