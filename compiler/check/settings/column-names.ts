import type { Expression, Span } from "../../../grammar/tree.ts";
import type { Columns } from "../../ir/model.ts";
import type { Context } from "../context/context.ts";
import type { Spot } from "../context/spot.ts";
import { peekName } from "../names/lookup.ts";
import { replaceWord } from "../names/suggest.ts";
import { constantValue } from "./constants.ts";
import { refuse } from "./refuse.ts";
import { dashedName, ungrouped } from "./written.ts";

/** Columns with the places of their names: `"age"`, `["x0", "y0"]` or `columns("p0", "p63")`. */
export function readColumns(context: Context, written: Expression, at: Spot): Columns | undefined {
  const expression = ungrouped(written);
  if (expression.kind === "call" && expression.name.text === "columns") {
    const ends = expression.arguments.map((argument) => ungrouped(argument.value));
    const texts = ends.map((end) => (end.kind === "string" ? end.value : undefined));
    const [first, last] = texts;
    if (texts.length !== 2 || first === undefined || last === undefined)
      return refuse(context, { kind: "columns" }, expression, at, {
        help: 'a range has its first and its last column: `columns("p0", "p63")`',
      });
    return { kind: "range", first, last };
  }
  const items = expression.kind === "list" ? expression.items.map(ungrouped) : [expression];
  const names: string[] = [];
  const spans: Span[] = [];
  for (const item of items) {
    if (item.kind === "missing") return undefined;
    for (const name of readName(context, item, at) ?? [undefined]) {
      if (name === undefined) return undefined;
      names.push(name);
      spans.push(item.span);
    }
  }
  if (names.length === 0)
    return refuse(context, { kind: "columns" }, expression, at, { help: "name at least one column" });
  return { kind: "names", names, spans };
}

/** The names that one item stands for: a constant may be a list of them. */
function readName(context: Context, item: Expression, at: Spot): readonly string[] | undefined {
  if (item.kind === "string") return [item.value];
  if (item.kind === "reference") {
    if (peekName(context, item.name.text)?.kind !== "const") return [item.name.text];
    const value = constantValue(context, item);
    if (value === undefined) return undefined;
    const texts = typeof value === "string" ? [value] : Array.isArray(value) ? value : [];
    if (texts.length > 0 && texts.every((text) => typeof text === "string")) return texts;
  }
  const dashed = dashedName(context, item);
  return refuse(context, { kind: "columns" }, item, at, {
    help: `the name of a column stands in quotes${dashed ? `: \`"${dashed.text}"\`` : ""}`,
    fixes: dashed ? [replaceWord(item.span, JSON.stringify(dashed.text))] : [],
  });
}
