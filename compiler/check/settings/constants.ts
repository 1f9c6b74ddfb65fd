import { recordOf } from "../../ir/own.ts";
import type { Binary, Expression } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { names } from "../../diagnostics/names.ts";
import type { Value } from "../../ir/model.ts";
import type { Context } from "../context/context.ts";
import { describeEntity } from "../context/scope.ts";
import { reportUnknownName, use } from "../names/lookup.ts";

/** Values that are known before any data are read. */

/** The value of an expression, or undefined once its mistake is reported (or while a block's settings are not known). */
export function constantValue({ aloud: context }: Context, expression: Expression): Value | undefined {
  const problem = (text: string, help?: string): undefined => {
    context.report(report(names.noArithmetic, { problem: text }, { span: expression.span, help }));
  };
  switch (expression.kind) {
    case "number":
    case "string":
    case "boolean":
      return expression.value;
    case "missing":
      return undefined;
    case "group":
      return constantValue(context, expression.inner);
    case "list": {
      const items = expression.items.map((item) => constantValue(context, item));
      return items.every((item) => item !== undefined) ? items : undefined;
    }
    case "settings": {
      const entries = expression.entries.map((entry) => [entry.key.text, constantValue(context, entry.value)] as const);
      return recordOf(entries);
    }
    case "reference": {
      const entity = use(context, expression.name.text);
      if (!entity) return void reportUnknownName(context, expression.name);
      if (entity.meaning.kind === "constant") return entity.meaning.value;
      if (entity.meaning.kind === "unknown") return undefined;
      return problem(`\`${expression.name.text}\` is ${describeEntity(entity)}, and a constant is needed here`);
    }
    case "negate": {
      const operand = constantValue(context, expression.operand);
      if (operand === undefined) return undefined;
      return typeof operand === "number" ? -operand : problem(`there is no negative of ${showValue(operand)}`);
    }
    case "binary":
      return binaryValue(context, expression);
    case "call":
      if (expression.name.text === "search")
        return problem("`search(…)` stands for a whole setting or constant, not for a part of one");
      return problem(`\`${expression.name.text}(…)\` is no constant`);
    case "member":
    case "pipeline":
      return problem("a constant is needed here, known before any data are read");
    default:
      return expression satisfies never;
  }
}

function binaryValue(context: Context, expression: Binary): Value | undefined {
  const left = constantValue(context, expression.left);
  const right = constantValue(context, expression.right);
  if (left === undefined || right === undefined) return undefined;
  const problem = (text: string): undefined => {
    context.report(report(names.noArithmetic, { problem: text }, { span: expression.span }));
  };
  if (typeof left !== "number") return problem(`${showValue(left)} is no number to calculate with`);
  if (typeof right !== "number") return problem(`${showValue(right)} is no number to calculate with`);
  const { operator } = expression;
  if (operator === "/" && right === 0) return problem("a number cannot be divided by 0");
  const value = calculated(operator, left, right);
  return Number.isFinite(value) ? value : problem("no number is as large as this");
}

function calculated(operator: Binary["operator"], left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    default:
      return operator satisfies never;
  }
}

/** A value as a file would say it. */
export function showValue(value: Value): string {
  if (value === null) return "none";
  if (typeof value === "string") return `"${value}"`;
  if (typeof value !== "object") return String(value);
  return Array.isArray(value) ? "a list" : "a list of settings in braces";
}
