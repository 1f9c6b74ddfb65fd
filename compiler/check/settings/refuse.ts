import type { Expression } from "../../../grammar/tree.ts";
import { report, type Place } from "../../diagnostics/diagnostic.ts";
import { settings as rows } from "../../diagnostics/settings.ts";
import { describeKind } from "../../registry/describe.ts";
import { wordTable } from "../../registry/registry.ts";
import type { SettingKind } from "../../registry/settings.ts";
import type { Context } from "../context/context.ts";
import { alternativesOf, type Spot } from "../context/spot.ts";
import { replaceWord } from "../names/suggest.ts";
import { quotesHelp, withoutQuotes } from "./without-quotes.ts";
import { describeWritten, nothingHelp } from "./written.ts";

/** "`rate` is a number; this is the text …". */
export function refuse(
  context: Context,
  kind: SettingKind,
  expression: Expression,
  at: Spot,
  place: Place = {},
): undefined {
  const holes = { setting: at.setting, kind: describeKind(kind), found: describeWritten(context, expression) };
  const word = expression.kind === "string" ? withoutQuotes(context, kind, expression.value) : undefined;
  const nothing = expression.kind === "reference" ? nothingHelp(expression.name.text) : undefined;
  const help =
    nothing ??
    place.help ??
    weightsHelp(kind, expression) ??
    (word === undefined ? wordsHelp(context, kind, expression) : quotesHelp(word));
  const fixes = nothing
    ? []
    : (place.fixes ?? (word === undefined || word.includes("…") ? [] : [replaceWord(expression.span, word)]));
  context.report(report(rows.wrongKind, holes, { span: expression.span, ...place, help, fixes }));
}

/** `balance: [1, 2]`, `balance: { mass: 2 }`: weights that are written stand in the tasks. */
function weightsHelp(kind: SettingKind, expression: Expression): string | undefined {
  if (!alternativesOf(kind).some((one) => one.kind === "word" && one.table === "balance")) return undefined;
  const values = expression.kind === "settings" ? expression.entries.map(({ value }) => value) : [expression];
  const numbers = values.flatMap((value) => (value.kind === "number" ? [value.text] : []));
  if (numbers.length === 0) return undefined;
  return `the weight of a task's loss stands in the task: \`weight: ${numbers.find((one) => Number(one) !== 1) ?? "2"}\``;
}

/** `clip: 1.0`: the words that take such a value, or all that may stand there. */
function wordsHelp({ registry }: Context, kind: SettingKind, expression: Expression): string | undefined {
  const table = alternativesOf(kind).find((one) => one.kind === "word");
  if (!table) return undefined;
  const rows = [...wordTable(registry, table.table).values()];
  const text = expression.kind === "number" ? expression.text : undefined;
  const taking = rows.filter(({ settings }) =>
    Object.values(settings).some(({ first, kind: { kind: one } }) => first && (one === "number" || one === "int")),
  );
  if (text !== undefined && taking.length > 0 && taking.length <= 4)
    return `write ${taking.map(({ name }) => `\`${name}(${text})\``).join(" or ")}`;
  if (rows.length === 1) {
    const [{ name, settings }] = rows;
    const [whole] = Object.entries(settings).filter(([, row]) => row.kind.kind === "int");
    const given = whole && text !== undefined && /^\d+$/.test(text) ? `(${whole[0]}: ${text})` : "";
    return `write \`${name}${given}\``;
  }
  return rows.length > 12 ? undefined : `there are ${rows.map(({ name }) => `\`${name}\``).join(", ")}`;
}
