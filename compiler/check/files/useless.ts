import { advice as rows } from "../../diagnostics/advice.ts";
import { report, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { hasLoss } from "../../ir/kinds.ts";
import type { Instruction, LossTerm, Model, Task } from "../../ir/model.ts";
import type { Registry } from "../../registry/registry.ts";
import { isKnown } from "../../ir/size.ts";

/** What a model has and cannot learn from: categories of groups kept apart, losses that weigh nothing, norms of one value. */

/** Categories of the column whose groups a part keeps apart from the training rows. */
export function groupsRead(model: Model): readonly Diagnostic[] {
  return model.data.flatMap((section) =>
    section.order.flatMap((part) => {
      const column = section[part]?.settings.group;
      if (typeof column !== "string") return [];
      return model.inputs.flatMap(({ name, kind, from, span, spans }) =>
        kind.word === "category" && kind.values === undefined && from.kind === "names" && from.names.includes(column)
          ? [
              report(
                rows.groupAmongInputs,
                { input: name, column, part },
                { span: spans?.from ?? span, help: "leave the input out, or cut the part without `group`" },
              ),
            ]
          : [],
      );
    }),
  );
}

/** Losses that are always 0; `weight: 0` of one task among others is meant. */
export function weightless(model: Model): readonly Diagnostic[] {
  const learnt = model.tasks.filter(hasLoss);
  const weighing = learnt.filter((task) => task.weight !== 0 && !task.loss.every(isZero));
  const [first] = learnt;
  if (first === undefined) return [];
  if (weighing.length === 0) return [report(rows.nothingWeighs, {}, { span: first.spans?.weight ?? first.span })];
  return learnt.flatMap((task) => (task.weight !== 0 && task.loss.every(isZero) ? [zeroLoss(task)] : []));
}

function isZero({ loss: { settings } }: LossTerm): boolean {
  const weights = settings.class_weights;
  return Array.isArray(weights) && weights.every((weight) => weight === 0);
}

function zeroLoss({ name, span, spans }: Task): Diagnostic {
  const place = { span: spans?.loss ?? span, help: "a task that is to be measured only says `weight: 0`" };
  return report(rows.lossIsZero, { task: name }, place);
}

/** Norms that learn statistics of batches, where a batch has one value of each channel. */
export function normsOfOne({ phases, instructions }: Model, registry: Registry): readonly Diagnostic[] {
  if (!phases.some(({ batch }) => batch === 1)) return [];
  const norms = everyInstruction(instructions).filter(({ layer, type }) => {
    const positions = type.shape.slice(0, -1);
    return registry.layer.get(layer)?.states !== undefined && positions.every((size) => isKnown(size) && size === 1);
  });
  const [first] = new Map(norms.map((norm) => [norm.path, norm])).values();
  if (first === undefined) return [];
  const help = "use `layer_norm`, or a larger `batch`; `accumulate` does not help, as each batch is normed by itself";
  return [report(rows.normOfOne, { layer: first.path }, { span: first.span, help })];
}

function everyInstruction(instructions: readonly Instruction[]): readonly Instruction[] {
  return instructions.flatMap((one) => [
    ...(one.regions ?? []).flatMap((region) => everyInstruction(region.instructions)),
    one,
  ]);
}
