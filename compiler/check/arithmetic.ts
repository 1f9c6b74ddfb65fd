import type { Binary, Expression, Span } from "../../grammar/tree.ts";
import type { Value } from "../ir/model.ts";
import { constantValue } from "./constants.ts";
import { elaborate, notATensor, poison } from "./expressions.ts";
import { applyRow } from "./layers.ts";
import type { TensorValue } from "./scope.ts";
import type { Frame, Session } from "./session.ts";
import { sortOf } from "./sorts.ts";

/** Sums, products and numbers as tensors. */

const operators = { "+": "add", "-": "sub", "*": "mul", "/": "div" } as const;

export function elaborateArithmetic(session: Session, frame: Frame, expression: Binary): TensorValue {
  const { left, right } = expression;
  if (sortOf(session, frame.scope, expression) === "value") return constantTensor(session, frame, expression);
  const sides = [left, right].map((side) => ({
    tensor:
      sortOf(session, frame.scope, side) === "value"
        ? constantTensor(session, frame, side)
        : elaborate(session, frame, side),
    span: side.span,
  }));
  return applyOperator(session, frame, operators[expression.operator], expression, expression.operatorSpan, sides);
}

export function applyOperator(
  session: Session,
  frame: Frame,
  layer: string,
  node: Expression,
  nameSpan: Span,
  operands: readonly { readonly tensor: TensorValue; readonly span: Span }[],
): TensorValue {
  return applyRow(session, frame, {
    row: rowOf(session, layer),
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
    return notATensor(session, expression.span, `\`${session.textAt(expression.span)}\``, valueKind(value));
  return applyRow(session, frame, {
    row: rowOf(session, "constant"),
    node: expression,
    nameSpan: expression.span,
    operands: [],
    chains: [],
    settings: { value },
  });
}

function valueKind(value: Value): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "string" ? "a text" : typeof value === "boolean" ? "a truth value" : "a group of settings";
}

/** `x * [1, 2, 3]`: numbers along the last axis. */
function isVector(value: Value): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "number");
}
