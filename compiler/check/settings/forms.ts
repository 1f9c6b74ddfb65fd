import type { Expression, Span } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { settings as rows } from "../../diagnostics/settings.ts";
import { wordTable } from "../../registry/registry.ts";
import type { SettingKind } from "../../registry/settings.ts";
import type { Context } from "../context/context.ts";
import type { Spot } from "../context/spot.ts";
import { peekName } from "../names/lookup.ts";
import { pathOf, ungrouped } from "./written.ts";

/** Whether an expression has the form of a kind; says nothing. */
export function suits(context: Context, kind: SettingKind, written: Expression, at: Spot): boolean {
  const expression = ungrouped(written);
  switch (kind.kind) {
    case "int":
    case "number":
      return expression.kind === "number" || expression.kind === "negate" || expression.kind === "binary";
    case "bool":
      return expression.kind === "boolean";
    case "string":
      return expression.kind === "string";
    case "cell":
      return (
        expression.kind === "string" ||
        expression.kind === "number" ||
        expression.kind === "boolean" ||
        expression.kind === "negate" ||
        (expression.kind === "reference" && at.source && peekName(context, expression.name.text) === undefined)
      );
    case "choice":
      return expression.kind === "reference" && kind.words.includes(expression.name.text);
    case "word":
      return (
        (expression.kind === "reference" || expression.kind === "call") &&
        wordTable(context.registry, kind.table).has(expression.name.text)
      );
    case "list":
      return expression.kind === "list";
    case "pair":
      return expression.kind === "number" || expression.kind === "list";
    case "column":
      return expression.kind === "string" || expression.kind === "reference";
    case "columns":
      return (
        expression.kind === "string" ||
        expression.kind === "list" ||
        (expression.kind === "call" && expression.name.text === "columns")
      );
    case "name":
      return (
        (expression.kind === "reference" && peekName(context, expression.name.text)?.kind !== "const") ||
        expression.kind === "member"
      );
    case "record":
      return expression.kind === "settings";
    case "path":
      return pathOf(expression) !== undefined;
    case "either":
      return kind.of.some((one) => suits(context, one, expression, at));
    case "expression":
      return true;
    default:
      return kind satisfies never;
  }
}

/** Whether a list is as long as it must be; reports it otherwise. */
export function isRightLength(
  context: Context,
  wanted: number | undefined,
  found: number,
  span: Span,
  at: Spot,
): boolean {
  if (wanted === undefined || wanted === found) return true;
  context.report(report(rows.wrongLength, { setting: at.setting, wanted, found }, { span }));
  return false;
}
