import type { Entry, Expression, Span } from "../../../grammar/tree.ts";
import { ungrouped } from "./written.ts";

/**
 * Where the keys of a declaration stand: `balance` the value or, if that is a word with settings, the word; `balance.1` a word of
 * a list; `balance.over`, `balance.1.over` a setting of a word.
 */
export function wordSpans(entries: readonly Entry[]): Readonly<Record<string, Span>> {
  const spans: Record<string, Span> = {};
  for (const { key, value } of entries) {
    const expression = ungrouped(value);
    note(key.text, expression, spans);
    if (expression.kind === "list")
      expression.items.forEach((item, k) => note(`${key.text}.${k}`, ungrouped(item), spans));
  }
  return spans;
}

function note(path: string, expression: Expression, spans: Record<string, Span>): void {
  spans[path] = expression.kind === "call" ? expression.name.span : expression.span;
  if (expression.kind !== "call") return;
  for (const { name, span } of expression.arguments) if (name) spans[`${path}.${name.text}`] = span;
}
