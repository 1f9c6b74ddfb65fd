import type { Expression } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { names } from "../../diagnostics/names.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import type { Size } from "../../ir/size.ts";
import type { Context } from "../context/context.ts";
import { find } from "../context/scope.ts";
import { constantValue, showValue } from "./constants.ts";

export interface Axis {
  readonly size: Size;
  readonly axis: string | null;
}

/** One axis in brackets: a size, or the name of a token input (`words`), whose length it has. */
export function axisOf({ aloud: context }: Context, expression: Expression): Axis | undefined {
  if (expression.kind === "reference") {
    const entity = find(context.scope, expression.name.text);
    if (entity?.meaning.kind === "tensor" && entity.declared.kind === "input") {
      entity.used = true;
      const { type } = entity.meaning.tensor;
      if (type === null) return undefined;
      const size = context.check.axes[entity.declared.name];
      if (size !== undefined) return { size, axis: entity.declared.name };
    }
  }
  const value = constantValue(context, expression);
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1) return { size: value, axis: null };
  const { inner, left, right } = division(context, expression);
  context.report(
    inner && typeof value === "number" && value > 0
      ? report(shapes.divisionNotWhole, { left, right }, { span: expression.span })
      : report(
          names.noArithmetic,
          { problem: `an axis is a whole number from 1, and this is ${showValue(value)}` },
          { span: expression.span },
        ),
  );
  return undefined;
}

/** The two sides of an expression that is a quotient of numbers. */
function division(context: Context, expression: Expression) {
  const bare = expression.kind === "group" ? expression.inner : expression;
  if (bare.kind !== "binary" || bare.operator !== "/") return { inner: false, left: 0, right: 0 };
  const left = constantValue(context, bare.left);
  const right = constantValue(context, bare.right);
  return typeof left === "number" && typeof right === "number"
    ? { inner: true, left, right }
    : { inner: false, left: 0, right: 0 };
}
