import type { Binary, Expression } from "../../grammar/tree.ts";
import { report } from "../diagnostics/diagnostic.ts";
import { names } from "../diagnostics/names.ts";
import { shapes } from "../diagnostics/shapes.ts";
import { invoke } from "./calls.ts";
import { poison } from "./expressions.ts";
import { touch } from "./lookup.ts";
import type { Scope, TensorValue } from "./scope.ts";
import type { Frame, Session } from "./session.ts";
import { sortOf, whatKind } from "./sorts.ts";

/** Steps of pipelines: what stands behind an arrow. */

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
