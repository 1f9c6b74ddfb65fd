import { report } from "../../diagnostics/diagnostic.ts";
import { names } from "../../diagnostics/names.ts";
import type { Expression, Pipeline, Reference } from "../../../grammar/tree.ts";
import type { Context } from "../context/context.ts";
import { describeEntity, type TensorValue } from "../context/scope.ts";
import { reportUnknownName, touch, use } from "../names/lookup.ts";
import { replaceWord } from "../names/suggest.ts";
import { applyOperator, constantTensor, elaborateArithmetic } from "./arithmetic.ts";
import { invoke } from "./calls.ts";
import { taskMember } from "./members.ts";
import { builtinLayer, sortOf, whatKind } from "./sorts.ts";
import { applyStep } from "./steps.ts";
import { forOneTask, notATensor, poison } from "./tensors.ts";
import { quotesHelp } from "../settings/without-quotes.ts";

/** Works out an expression that stands for a tensor. */
export function elaborate(context: Context, expression: Expression): TensorValue {
  switch (expression.kind) {
    case "missing":
      // Any name may have been meant.
      context.scope.file.lost = true;
      return poison(expression.span);
    case "group":
      return elaborate(context, expression.inner);
    case "reference":
      return tensorOfName(context, expression);
    case "call":
      return invoke(context, {
        name: expression.name,
        given: expression.arguments,
        node: expression,
        piped: null,
      });
    case "member":
      return taskMember(context, expression);
    case "pipeline":
      return elaboratePipeline(context, expression);
    case "binary":
      return elaborateArithmetic(context, expression);
    case "negate":
      if (sortOf(context, expression.operand) === "value") return constantTensor(context, expression);
      return applyOperator(context, "negate", expression, expression.span, [
        { tensor: elaborate(context, expression.operand), span: expression.operand.span },
      ]);
    case "number":
    case "list":
      return constantTensor(context, expression);
    case "string":
      return quotedTensor(context, expression);
    case "boolean":
    case "settings":
      touch(context, expression);
      return notATensor(context, expression.span, `\`${context.textAt(expression.span)}\``, whatKind(expression));
    default:
      return expression satisfies never;
  }
}

/** `head: "trunk" -> dense`: the tensor of that name is meant. */
function quotedTensor(context: Context, { value, span }: Expression & { kind: "string" }): TensorValue {
  const shown = context.textAt(span);
  if (!use(context, value))
    return notATensor(context, span, shown, "a text", value.includes("->") ? quotesHelp(value) : undefined);
  const fixes = [replaceWord(span, value)];
  context.report(report(names.notATensor, { name: shown, what: "a text" }, { span, help: quotesHelp(value), fixes }));
  return context.elaborate({ kind: "reference", name: { text: value, quoted: false, span }, span });
}

function tensorOfName(context: Context, expression: Reference): TensorValue {
  const { scope } = context;
  const { text } = expression.name;
  const { span } = expression;
  const entity = use(context, text);
  if (!entity) {
    if (builtinLayer(context, text) && !scope.file.declared.has(text)) {
      // Something was to be fed to it, which may now look unused.
      scope.file.lost = true;
      return notATensor(context, span, `\`${text}\``, "a layer that nothing is fed to", unfed(text));
    }
    reportUnknownName(context, expression.name);
    return poison(span);
  }
  const { meaning } = entity;
  switch (meaning.kind) {
    case "tensor": {
      const { tensor } = meaning;
      // Inside a task the name of a per-task tensor means the task's own.
      if (!context.owner.task || !tensor.type?.perTask) return tensor;
      return { ...tensor, type: forOneTask(tensor.type) };
    }
    case "constant":
      return constantTensor(context, expression);
    case "layer":
    case "block":
    case "chain":
      scope.file.lost = true;
      return notATensor(context, span, `\`${text}\``, `${describeEntity(entity)} that nothing is fed to`, unfed(text));
    case "task":
      return notATensor(
        context,
        span,
        `\`${text}\``,
        "a task",
        `write \`${text}.output\` for what its head gives, or \`${text}.prediction\` for what that means`,
      );
    case "penalty":
      return notATensor(context, span, `\`${text}\``, "a penalty");
    case "unknown":
      return poison(span);
    default:
      return meaning satisfies never;
  }
}

const unfed = (name: string) => `give it a tensor: \`x -> ${name}\``;

function elaboratePipeline(context: Context, pipeline: Pipeline): TensorValue {
  let value = elaborate(context, pipeline.steps[0]);
  for (const step of pipeline.steps.slice(1)) value = applyStep(context, step, value, pipeline.span.start);
  return value;
}
