import type { Binary, Expression, Pipeline, Reference, Span } from "../../grammar/tree.ts";
import { report } from "../diagnostics/diagnostic.ts";
import { names } from "../diagnostics/names.ts";
import { shapes } from "../diagnostics/shapes.ts";
import type { Value } from "../ir/model.ts";
import { invoke } from "./calls.ts";
import { constantValue, showValue } from "./constants.ts";
import { applyRow, forOneTask } from "./layers.ts";
import { reportUnknownName, touch, use } from "./lookup.ts";
import { taskMember } from "./members.ts";
import { describeEntity, type Scope, type TensorValue } from "./scope.ts";
import type { Frame, Session } from "./session.ts";
import { builtinLayer, sortOf } from "./sorts.ts";

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
      return notATensor(session, expression.span, quoted(session, expression.span), whatKind(expression));
    default:
      return expression satisfies never;
  }
}

function notATensor(session: Session, span: Span, name: string, what: string, help?: string): TensorValue {
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

/** Feeds a value to one step of a pipeline; `start` is where the pipeline begins. */
export function applyStep(
  session: Session,
  frame: Frame,
  step: Expression,
  input: TensorValue,
  start: number,
): TensorValue {
  const { scope } = frame;
  switch (step.kind) {
    case "missing":
      return poison(step.span);
    case "group":
      return applyStep(session, frame, step.inner, input, step.inner.span.start);
    case "pipeline": {
      let value = input;
      for (const inner of step.steps) value = applyStep(session, frame, inner, value, start);
      return value;
    }
    case "reference":
      return invoke(session, frame, { name: step.name, given: [], node: step, piped: input });
    case "call":
      return invoke(session, frame, { name: step.name, given: step.arguments, node: step, piped: input });
    case "binary":
      touch(scope, step);
      return notAStep(session, scope, step, start);
    case "member":
    case "negate":
    case "number":
    case "string":
    case "boolean":
    case "list":
    case "settings":
      touch(scope, step);
      session.report(
        report(names.notALayer, { name: session.textAt(step.span), what: whatKind(step) }, { span: step.span }),
      );
      return poison(step.span);
    default:
      return step satisfies never;
  }
}

/** `x -> dense(8) + y`: the sum is read before the arrow. */
function notAStep(session: Session, scope: Scope, step: Binary, start: number): TensorValue {
  let first: Expression = step;
  while (first.kind === "binary") first = first.left;
  const { span } = step;
  const layer = session.textAt(first.span);
  const rest = session.textAt({ ...span, start: first.span.end });
  const before = session.textAt({ ...span, start, end: span.start }).trimEnd();
  const mendable = sortOf(session, scope, first) === "chain";
  session.report(
    report(
      shapes.needsParentheses,
      { step: session.textAt(span) },
      {
        span,
        note: "`+ - * /` bind tighter than `->`",
        help: mendable ? `write \`(${before} ${layer})${rest}\`` : "put parentheses around the pipeline that is meant",
        fixes: mendable
          ? [
              {
                title: `put \`${layer}\` and what is fed to it in parentheses`,
                edits: [
                  { span: { ...span, start, end: start }, text: "(" },
                  { span: { ...span, start: first.span.end, end: first.span.end }, text: ")" },
                ],
              },
            ]
          : [],
      },
    ),
  );
  return poison(span);
}

const operators = { "+": "add", "-": "sub", "*": "mul", "/": "div" } as const;

function elaborateArithmetic(session: Session, frame: Frame, expression: Binary): TensorValue {
  const { left, right } = expression;
  if (sortOf(session, frame.scope, expression) === "value") return constantTensor(session, frame, expression);
  const sides = [left, right].map((side) => ({
    tensor:
      sortOf(session, frame.scope, side) === "value"
        ? constantTensor(session, frame, side)
        : elaborate(session, frame, side),
    span: side.span,
  }));
  return applyOperator(
    session,
    frame,
    operators[expression.operator],
    expression,
    expression.operatorSpan,
    sides,
    operators[expression.operator] === undefined ? undefined : expression.operator,
  );
}

function applyOperator(
  session: Session,
  frame: Frame,
  layer: string,
  node: Expression,
  nameSpan: Span,
  operands: readonly { readonly tensor: TensorValue; readonly span: Span }[],
  shown: string = layer,
): TensorValue {
  return applyRow(session, frame, {
    row: rowOf(session, layer),
    shown: `\`${shown}\``,
    node,
    nameSpan,
    operands,
    chains: [],
    settings: {},
  });
}

export function rowOf(session: Session, layer: string) {
  const row = session.registry.layer.get(layer);
  if (!row) throw new Error(`the registry has no layer ${layer}`);
  return row;
}

/** A number as a tensor without axes, a list of numbers as a vector. */
export function constantTensor(session: Session, frame: Frame, expression: Expression): TensorValue {
  const value = constantValue(session, frame.scope, expression);
  if (value === undefined) return poison(expression.span);
  if (typeof value !== "number" && !isVector(value))
    return notATensor(session, expression.span, quoted(session, expression.span), showValue(value));
  return applyRow(session, frame, {
    row: rowOf(session, "constant"),
    shown: "a constant",
    node: expression,
    nameSpan: expression.span,
    operands: [],
    chains: [],
    settings: { value },
  });
}

/** `x * [1, 2, 3]`: numbers along the last axis. */
function isVector(value: Value): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "number");
}

function quoted(session: Session, span: Span): string {
  return `\`${session.textAt(span)}\``;
}

function whatKind(expression: Expression): string {
  switch (expression.kind) {
    case "number":
    case "negate":
      return "a number";
    case "string":
      return "a text";
    case "boolean":
      return "a truth value";
    case "list":
      return "a list";
    case "settings":
      return "a group of settings";
    default:
      return "a tensor";
  }
}
