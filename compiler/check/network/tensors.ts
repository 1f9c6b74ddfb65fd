import type { Span } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { names } from "../../diagnostics/names.ts";
import type { Type } from "../../ir/model.ts";
import type { Context } from "../context/context.ts";
import type { TensorValue } from "../context/scope.ts";

/** A value that could not be computed; its mistake is reported. */
export function poison(origin: Span): TensorValue {
  return { value: "", type: null, origin };
}

export function notATensor(context: Context, span: Span, name: string, what: string, help?: string): TensorValue {
  context.report(report(names.notATensor, { name, what }, { span, help }));
  return poison(span);
}

/** The type of one task's own tensor. */
export function forOneTask(type: Type): Type {
  const { perTask: _, ...own } = type;
  return own;
}
