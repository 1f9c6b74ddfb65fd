import type { Argument, Expression } from "../../../grammar/tree.ts";

/** Expressions as text; what was not translated is copied as it stands. */
export function writtenAgain(expression: Expression, text: string): string {
  switch (expression.kind) {
    case "pipeline":
      return expression.steps.map((step) => within(step, text)).join(" -> ");
    case "call":
      return `${expression.name.text}${inParentheses(expression.arguments, text)}`;
    case "reference":
      return expression.name.text;
    case "string":
      return JSON.stringify(expression.value);
    case "list":
      return `[${expression.items.map((item) => writtenAgain(item, text)).join(", ")}]`;
    case "group":
      return `(${writtenAgain(expression.inner, text)})`;
    case "negate":
      return `-${within(expression.operand, text)}`;
    case "binary":
      return `${within(expression.left, text)} ${expression.operator} ${within(expression.right, text)}`;
    case "member":
      return `${writtenAgain(expression.object, text)}.${expression.member.quoted ? JSON.stringify(expression.member.text) : expression.member.text}`;
    case "boolean":
      return String(expression.value);
    case "number":
    case "settings":
    case "missing":
      return text.slice(expression.span.start, expression.span.end);
    default:
      return expression satisfies never;
  }
}

function within(expression: Expression, text: string): string {
  const inner = writtenAgain(expression, text);
  return expression.kind === "pipeline" ? `(${inner})` : inner;
}

function inParentheses(given: readonly Argument[], text: string): string {
  if (given.length === 0) return "";
  return `(${given.map(({ name, value }) => `${name ? `${name.text}: ` : ""}${writtenAgain(value, text)}`).join(", ")})`;
}
