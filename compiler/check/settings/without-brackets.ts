import type { Argument, Expression } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { settings as rows } from "../../diagnostics/settings.ts";
import { describeKind } from "../../registry/describe.ts";
import type { SettingKind, SettingRows } from "../../registry/settings.ts";
import type { Context } from "../context/context.ts";
import { alternativesOf } from "../context/spot.ts";
import { replaceWord } from "../names/suggest.ts";
import { suits } from "./forms.ts";

/**
 * `reshape(8, 8, 1)`, `class("red", "white")`: values one by one, where the first setting is a list of such. Told once; they go
 * on as the list that they were meant to be.
 */
export function inBrackets(context: Context, settings: SettingRows, written: readonly Argument[]): readonly Argument[] {
  const [setting, row] = Object.entries(settings).find(([, { first }]) => first) ?? [];
  const values = written.filter(({ name }) => name === undefined);
  if (setting === undefined || row === undefined || values.length < 2) return written;
  const kinds = alternativesOf(row.kind);
  const spot = { setting, path: setting, owner: "", source: false };
  const isOf = (kind: SettingKind) => values.every(({ value }) => suits(context, kind, value, spot));
  const isMeant = kinds.some((kind) => kind.kind === "list" && isOf(kind.of));
  // What may stand there by itself is no list whose brackets are missing.
  if (!isMeant || kinds.some((kind) => kind.kind !== "list" && suits(context, kind, values[0].value, spot)))
    return written;
  const span = { ...values[0].span, end: values[values.length - 1].span.end };
  const text = `[${values.map(({ value }) => context.textAt(value.span)).join(", ")}]`;
  const holes = { setting, kind: describeKind(row.kind), found: "more than one value" };
  const help = `a list stands in brackets: \`${text}\``;
  context.report(report(rows.wrongKind, holes, { span, help, fixes: [replaceWord(span, text)] }));
  const list: Expression = { kind: "list", items: values.map(({ value }) => value), span };
  return [{ value: list, span }, ...written.filter(({ name }) => name !== undefined)];
}
