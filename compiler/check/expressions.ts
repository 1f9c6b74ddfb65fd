import type { Expression, Pipeline, Reference, Span } from "../../grammar/tree.ts";
import { report } from "../diagnostics/diagnostic.ts";
import { names } from "../diagnostics/names.ts";
import { applyOperator, constantTensor, elaborateArithmetic } from "./arithmetic.ts";
import { invoke } from "./calls.ts";
import { forOneTask } from "./layers.ts";
import { reportUnknownName, touch, use } from "./lookup.ts";
import { taskMember } from "./members.ts";
import { describeEntity, type TensorValue } from "./scope.ts";
import { applyStep } from "./steps.ts";
import type { Frame, Session } from "./session.ts";
import { builtinLayer, sortOf, whatKind } from "./sorts.ts";

/** A value that could not be computed; its mistake is reported. */
export function poison(origin: Span): TensorValue {
  return { value: "", type: null, origin };
}

/** Works out an expression that stands for a tensor. */
export function elaborate(session: Session, frame: Frame, expression: Expression): TensorValue {
  const { scope } = frame;
  switch (expression.kind) {
    case "missing":
      return poison(expression.span);
    case "group":
      return elaborate(session, frame, expression.inner);
    case "reference":
      return tensorOfName(session, frame, expression);
    case "call":
      return invoke(session, frame, {
        name: expression.name,
        given: expression.arguments,
        node: expression,
        piped: null,
      });
    case "member":
      return taskMember(session, frame, expression);
    case "pipeline":
      return elaboratePipeline(session, frame, expression);
    case "binary":
      return elaborateArithmetic(session, frame, expression);
    case "negate":
      if (sortOf(session, scope, expression.operand) === "value") return constantTensor(session, frame, expression);
      return applyOperator(session, frame, "negate", expression, expression.span, [
        { tensor: elaborate(session, frame, expression.operand), span: expression.operand.span },
      ]);
    case "number":
    case "list":
      return constantTensor(session, frame, expression);
    case "string":
    case "boolean":
    case "settings":
      touch(scope, expression);
      return notATensor(session, expression.span, `\`${session.textAt(expression.span)}\``, whatKind(expression));
    default:
      return expression satisfies never;
  }
}

export function notATensor(session: Session, span: Span, name: string, what: string, help?: string): TensorValue {
  session.report(report(names.notATensor, { name, what }, { span, help }));
  return poison(span);
}

function tensorOfName(session: Session, frame: Frame, expression: Reference): TensorValue {
  const { scope } = frame;
  const { text } = expression.name;
  const { span } = expression;
  const entity = use(scope, text);
  if (!entity) {
    if (builtinLayer(session, text) && !scope.file.declared.has(text)) {
      // Something was to be fed to it, which may now look unused.
      scope.file.lost = true;
      return notATensor(session, span, `\`${text}\``, "a layer that nothing is fed to", unfed(text));
    }
    reportUnknownName(session, scope, expression.name);
    return poison(span);
  }
  const { meaning } = entity;
  switch (meaning.kind) {
    case "tensor": {
      const { tensor } = meaning;
      // Inside a task the name of a per-task tensor means the task's own.
      if (!frame.owner.task || !tensor.type?.perTask) return tensor;
      return { ...tensor, type: forOneTask(tensor.type) };
    }
    case "constant":
      return constantTensor(session, frame, expression);
    case "layer":
    case "block":
    case "chain":
      scope.file.lost = true;
      return notATensor(session, span, `\`${text}\``, `${describeEntity(entity)} that nothing is fed to`, unfed(text));
    case "task":
      return notATensor(
        session,
        span,
        `\`${text}\``,
        "a task",
        `write \`${text}.output\` for what its head gives, or \`${text}.prediction\` for what that means`,
      );
    case "penalty":
      return notATensor(session, span, `\`${text}\``, "a penalty");
    case "unknown":
      return poison(span);
    default:
      return meaning satisfies never;
  }
}

const unfed = (name: string) => `give it a tensor: \`x -> ${name}\``;

function elaboratePipeline(session: Session, frame: Frame, pipeline: Pipeline): TensorValue {
  let value = elaborate(session, frame, pipeline.steps[0]);
  for (const step of pipeline.steps.slice(1)) value = applyStep(session, frame, step, value, pipeline.span.start);
  return value;
}
