import type { Call, Expression } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { settings as rows } from "../../diagnostics/settings.ts";
import type { Value } from "../../ir/model.ts";
import { wordTable } from "../../registry/registry.ts";
import type { SettingKind } from "../../registry/settings.ts";
import type { Context } from "../context/context.ts";
import { alternativesOf, type Spot } from "../context/spot.ts";
import { ungrouped } from "./written.ts";

/**
 * `search([0.1, 1, 10])` or `search(1e-4, 1e-2, scale: log)` where a setting of this kind stands: keeps what may be tried
 * under the setting's path, and gives the list's first, or the range's middle (geometric on a log scale).
 */
export function readSearch(context: Context, call: Call, kind: SettingKind, at: Spot): Value | undefined {
  const plain = call.arguments.filter((argument) => argument.name === undefined).map((argument) => argument.value);
  const named = call.arguments.filter((argument) => argument.name !== undefined);
  const refuse = (problem: string, where: Expression | Call = call): undefined =>
    void context.report(report(rows.badSearch, { problem }, { span: where.span, help: helpFor(kind, context) }));

  const other = named.find((argument) => argument.name?.text !== "scale");
  if (other) return refuse(`it has no setting \`${other.name?.text}\``, other.value);
  const [first] = plain;
  if (plain.length === 1 && ungrouped(first).kind === "list") {
    if (named.length > 0) return refuse("a list of values has no scale", named[0].value);
    return readChoices(context, ungrouped(first), kind, at, refuse);
  }
  if (plain.length !== 2) return refuse("it takes a list of values, or the two ends of a range");
  return readRange(context, plain[0], plain[1], named[0]?.value, kind, at, refuse);
}

/** A search that a setting of this kind may have. */
function helpFor(kind: SettingKind, { registry }: Context): string {
  const kinds = alternativesOf(kind);
  if (kinds.some((one) => one.kind === "number"))
    return "write `search([0.1, 1, 10])` for values to try, or `search(1e-4, 1e-2, scale: log)` for a range";
  if (kinds.some((one) => one.kind === "int"))
    return "write `search([1, 2, 4])` for values to try, or `search(1, 8)` for a range";
  const words = kinds.flatMap((one) =>
    one.kind === "choice" ? one.words : one.kind === "word" ? [...wordTable(registry, one.table).keys()] : [],
  );
  if (words.length > 0) return `write \`search([${words.slice(0, 2).join(", ")}])\` for words to try`;
  return kinds.some((one) => one.kind === "bool")
    ? "write `search([true, false])`"
    : "write what is to be tried as a list: `search([…, …])`";
}

type Refuse = (problem: string, where?: Expression) => undefined;

function readChoices(
  context: Context,
  list: Expression,
  kind: SettingKind,
  at: Spot,
  refuse: Refuse,
): Value | undefined {
  const items = list.kind === "list" ? list.items : [];
  if (items.length === 0) return refuse("its list is empty", list);
  const choices = items.map((item) => context.value(kind, item, at));
  if (!choices.every((choice) => choice !== undefined)) return undefined;
  context.check.searches.set(at.path, { path: at.path, choices, chosen: choices[0] });
  return choices[0];
}

function readRange(
  context: Context,
  lowest: Expression,
  highest: Expression,
  scaling: Expression | undefined,
  kind: SettingKind,
  at: Spot,
  refuse: Refuse,
): Value | undefined {
  const numeric = alternativesOf(kind).find((one) => one.kind === "number" || one.kind === "int");
  if (numeric === undefined) return refuse(`\`${at.setting}\` is no number, so it has no range`);
  const scale = scaling === undefined ? "linear" : scaling.kind === "reference" ? scaling.name.text : "";
  if (scale !== "linear" && scale !== "log") return refuse("its scale is `linear` or `log`", scaling);
  const low = context.value(numeric, lowest, at);
  const high = context.value(numeric, highest, at);
  if (typeof low !== "number" || typeof high !== "number") return undefined;
  if (!(low < high)) return refuse(`its low end ${low} is not below its high end ${high}`);
  if (scale === "log" && low <= 0) return refuse("a log scale begins above 0", lowest);
  const middle = scale === "log" ? Math.sqrt(low * high) : (low + high) / 2;
  const chosen = numeric.kind === "int" ? Math.round(middle) : middle;
  context.check.searches.set(at.path, { path: at.path, choices: { low, high, scale }, chosen });
  return chosen;
}
