import type { Binary, Expression, Span } from "../../../grammar/tree.ts";
import type { Value } from "../../ir/model.ts";
import type { Context } from "../context/context.ts";
import { find, type TensorValue } from "../context/scope.ts";
import { reportUnknownName } from "../names/lookup.ts";
import { applyRow } from "./layers.ts";
import { sortOf } from "./sorts.ts";
import { notATensor, poison } from "./tensors.ts";
import { constantValue } from "../settings/constants.ts";
import { dashedName } from "../settings/written.ts";

/** Sums, products and numbers as tensors. */

const operators = { "+": "add", "-": "sub", "*": "mul", "/": "div" } as const;

export function elaborateArithmetic(context: Context, expression: Binary): TensorValue {
  const { left, right } = expression;
  const dashed = dashedName(context, expression);
  const meant = dashed?.text.replaceAll("-", "_") ?? "";
  if (dashed && find(context.scope, meant) && !(left.kind === "reference" && find(context.scope, left.name.text))) {
    reportUnknownName(context, dashed);
    return context.elaborate({ kind: "reference", name: { ...dashed, text: meant }, span: dashed.span });
  }
  if (sortOf(context, expression) === "value") return constantTensor(context, expression);
  const sides = [left, right].map((side) => ({
    tensor: sortOf(context, side) === "value" ? constantTensor(context, side) : context.elaborate(side),
    span: side.span,
  }));
  return applyOperator(context, operators[expression.operator], expression, expression.operatorSpan, sides);
}

export function applyOperator(
  context: Context,
  layer: string,
  node: Expression,
  nameSpan: Span,
  operands: readonly { readonly tensor: TensorValue; readonly span: Span }[],
): TensorValue {
  return applyRow(context, {
    row: rowOf(context, layer),
    node,
    nameSpan,
    operands,
    chains: [],
    settings: {},
  });
}

export function rowOf(context: Context, layer: string) {
  const row = context.registry.layer.get(layer);
  if (!row) throw new Error(`the registry has no layer ${layer}`);
  return row;
}

/** A number as a tensor without axes, a list of numbers as a vector. */
export function constantTensor(context: Context, expression: Expression): TensorValue {
  const value = constantValue(context, expression);
  if (value === undefined) return poison(expression.span);
  if (typeof value !== "number" && !isVector(value))
    return notATensor(context, expression.span, `\`${context.textAt(expression.span)}\``, valueKind(value));
  return applyRow(context, {
    row: rowOf(context, "constant"),
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
