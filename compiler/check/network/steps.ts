import type { Binary, Expression } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { names } from "../../diagnostics/names.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import type { Context } from "../context/context.ts";
import { find, type TensorValue } from "../context/scope.ts";
import { layerMeant, touch } from "../names/lookup.ts";
import { replaceWord } from "../names/suggest.ts";
import { invoke } from "./calls.ts";
import { sortOf, whatKind } from "./sorts.ts";
import { poison } from "./tensors.ts";
import { quotesHelp } from "../settings/without-quotes.ts";
import { dashedName } from "../settings/written.ts";

/** Steps of pipelines: what stands behind an arrow. */

/** Feeds a value to one step of a pipeline; `start` is where the pipeline begins. */
export function applyStep(context: Context, step: Expression, input: TensorValue, start: number): TensorValue {
  switch (step.kind) {
    case "missing":
      return poison(step.span);
    case "group":
      return applyStep(context, step.inner, input, step.inner.span.start);
    case "pipeline": {
      let value = input;
      for (const inner of step.steps) value = applyStep(context, inner, value, start);
      return value;
    }
    case "reference":
      return invoke(context, { name: step.name, given: [], node: step, piped: input });
    case "call":
      return invoke(context, { name: step.name, given: step.arguments, node: step, piped: input });
    case "binary": {
      const name = dashedName(context, step);
      if (name && layerMeant(context, name.text) !== undefined)
        return invoke(context, { name, given: [], node: step, piped: input });
      touch(context, step);
      return notAStep(context, step, start);
    }
    case "string":
      return quotedStep(context, step, input);
    case "member":
    case "negate":
    case "number":
    case "boolean":
    case "list":
    case "settings":
      touch(context, step);
      context.report(
        report(names.notALayer, { name: context.textAt(step.span), what: whatKind(step) }, { span: step.span }),
      );
      return poison(step.span);
    default:
      return step satisfies never;
  }
}

/** `x -> "relu"`: the layer is meant, and fed. */
function quotedStep(
  context: Context,
  { value, span }: Expression & { kind: "string" },
  input: TensorValue,
): TensorValue {
  const meant = find(context.scope, value) ? value : layerMeant(context, value);
  context.report(
    report(
      names.notALayer,
      { name: context.textAt(span), what: "a text" },
      {
        span,
        help: meant === undefined ? undefined : quotesHelp(meant),
        fixes: meant === undefined ? [] : [replaceWord(span, meant)],
      },
    ),
  );
  if (meant === undefined) return poison(span);
  const name = { text: meant, quoted: false, span };
  return invoke(context, { name, given: [], node: { kind: "reference", name, span }, piped: input });
}

/** `x -> dense(8) + y`: the sum is read before the arrow. */
function notAStep(context: Context, step: Binary, start: number): TensorValue {
  let first: Expression = step;
  while (first.kind === "binary") first = first.left;
  const { span } = step;
  const layer = context.textAt(first.span);
  const rest = context.textAt({ ...span, start: first.span.end });
  const before = context.textAt({ ...span, start, end: span.start }).trimEnd();
  // In a chain's own text nothing is fed to it yet: parentheses would change nothing.
  const isFed = before !== "";
  const mendable = isFed && sortOf(context, first) === "chain";
  context.report(
    report(
      shapes.needsParentheses,
      { step: context.textAt(span) },
      {
        span,
        note: "`+ - * /` bind tighter than `->`",
        help: mendable
          ? `write \`(${before} ${layer})${rest}\``
          : isFed
            ? "put parentheses around the pipeline that is meant"
            : `a chain is layers one after another; a tensor is calculated with: \`(x -> ${layer})${rest}\``,
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
