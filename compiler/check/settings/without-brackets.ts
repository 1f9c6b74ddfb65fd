import type { Argument, Expression } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { settings as rows } from "../../diagnostics/settings.ts";
import { describeKind } from "../../registry/describe.ts";
import type { SettingRows } from "../../registry/settings.ts";
import type { Context } from "../context/context.ts";
import { replaceWord } from "../names/suggest.ts";
import { suits } from "./forms.ts";

/**
 * `reshape(8, 8, 1)`: values one by one, where the first setting is a list of such. Told once; they go on as the list that
 * they were meant to be.
 */
export function inBrackets(context: Context, settings: SettingRows, written: readonly Argument[]): readonly Argument[] {
  const [setting, row] = Object.entries(settings).find(([, { first }]) => first) ?? [];
  const values = written.filter(({ name }) => name === undefined);
  if (setting === undefined || row?.kind.kind !== "list" || values.length < 2) return written;
  const { of } = row.kind;
  const spot = { setting, path: setting, owner: "", source: false };
  if (!values.every(({ value }) => suits(context, of, value, spot))) return written;
  const span = { ...values[0].span, end: values[values.length - 1].span.end };
  const text = `[${values.map(({ value }) => context.textAt(value.span)).join(", ")}]`;
  const holes = { setting, kind: describeKind(row.kind), found: "more than one value" };
  const help = `a list stands in brackets: \`${text}\``;
  context.report(report(rows.wrongKind, holes, { span, help, fixes: [replaceWord(span, text)] }));
  const list: Expression = { kind: "list", items: values.map(({ value }) => value), span };
  return [{ value: list, span }, ...written.filter(({ name }) => name !== undefined)];
}
