import type { Span } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import { concreteType } from "../../ir/concrete.ts";
import type { Instruction, Type } from "../../ir/model.ts";
import { showNamedType } from "../../layers/types.ts";
import type { ConcreteType, LayerRow } from "../../registry/layer.ts";
import type { Context } from "../context/context.ts";
import type { NamedLayer } from "../context/scope.ts";

/** A named layer has one set of weights: every use must ask for parameters of the same shapes. */
export function checkWeights(
  context: Context,
  { layer, span }: { readonly layer: NamedLayer; readonly span: Span },
  row: LayerRow,
  instruction: Instruction,
  inputs: readonly Type[],
): void {
  if (!row.parameters) return;
  const concrete: ConcreteType[] = [];
  for (const input of inputs) {
    const type = concreteType(input);
    if (type === null) return;
    concrete.push(type);
  }
  const output = concreteType(instruction.type);
  if (output === null) return;
  const specs = row.parameters({ settings: instruction.settings, inputs: concrete, output, tasks: [] });
  const key = JSON.stringify(Object.entries(specs).map(([name, spec]) => [name, spec.shape]));
  const input = showNamedType(inputs[0]);
  const before = context.check.weights.get(instruction.path);
  if (!before) {
    context.check.weights.set(instruction.path, { shapes: key, input, span });
  } else if (before.shapes !== key) {
    context.report(
      report(
        shapes.weightsDoNotFit,
        { layer: layer.name, now: input, before: before.input },
        {
          span,
          labels: [
            { span: before.span, message: `this use brings ${before.input}` },
            ...(instruction.span ? [{ span: instruction.span, message: "these weights are shared by both" }] : []),
          ],
          help: `\`block\` instead of \`layer\` gives every use weights of its own`,
        },
      ),
    );
  }
}
