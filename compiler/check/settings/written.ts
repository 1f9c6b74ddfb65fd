import type { Call, Expression, Name, Span } from "../../../grammar/tree.ts";
import type { Value } from "../../ir/model.ts";
import { isWord } from "../../registry/describe.ts";
import type { Context } from "../context/context.ts";
import { peekName } from "../names/lookup.ts";

/** What was written, in a user's words: to follow "this is". */

/** Takes parentheses away that change nothing. */
export function ungrouped(expression: Expression): Expression {
  return expression.kind === "group" ? ungrouped(expression.inner) : expression;
}

/** `smooth-l1`, `layer-norm`: words that hang together by dashes, as one name that is none; undefined for any other difference. */
export function dashedName(context: Context, expression: Expression): Name | undefined {
  if (expression.kind !== "binary" || expression.operator !== "-") return undefined;
  const text = context.textAt(expression.span);
  return /^[\p{L}_][\p{L}\p{N}_]*(-[\p{L}\p{N}_]+)+$/u.test(text)
    ? { text, quoted: false, span: expression.span }
    : undefined;
}

/** The same as an expression, wherever a word is wanted. */
export function undashed(context: Context, expression: Expression): Expression {
  const name = dashedName(context, expression);
  return name ? { kind: "reference", name, span: name.span } : expression;
}

/** `None`, `null`: how other languages say that there is nothing, and where that is no word. Undefined for any other word. */
export function nothingHelp(word: string, candidates: readonly string[] = []): string | undefined {
  if (candidates.includes("none")) return undefined;
  return /^(null|None|nil|undefined)$/.test(word) ? "what says nothing is left out" : undefined;
}

export function describeWritten(context: Context, expression: Expression): string {
  const inner = ungrouped(expression);
  switch (inner.kind) {
    case "number":
      return inner.text;
    case "string":
      return `the text ${quoted(inner.value)}`;
    case "boolean":
      return `\`${inner.value}\``;
    case "reference":
      return `the ${nounOf(context, inner.name.text)} \`${inner.name.text}\``;
    case "call":
      return `\`${inner.name.text}(…)\``;
    case "member":
      return `\`${pathOf(inner) ?? `….${inner.member.text}`}\``;
    case "list":
      return inner.items.length === 0 ? "an empty list" : "a list";
    case "settings":
      return "settings in braces";
    case "negate":
      return inner.operand.kind === "number" ? `-${inner.operand.text}` : "a number";
    case "binary":
      return { "+": "a sum", "-": "a difference", "*": "a product", "/": "a quotient" }[inner.operator];
    case "pipeline":
      return "a pipeline";
    case "group":
    case "missing":
      return "nothing";
    default:
      return inner satisfies never;
  }
}

function nounOf(context: Context, name: string): string {
  const declared = peekName(context, name);
  if (declared === undefined) return "word";
  switch (declared.kind) {
    case "const":
      return "constant";
    case "shared":
      return "tensor";
    case "input":
    case "layer":
    case "block":
    case "task":
    case "penalty":
      return declared.kind;
    default:
      return declared.kind satisfies never;
  }
}

/** What a constant turned out to be. */
export function describeValue(value: Value): string {
  if (value === null) return "nothing";
  if (typeof value === "string") return `the text ${quoted(value)}`;
  if (typeof value === "boolean") return `\`${value}\``;
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return "a list";
  return isWord(value) ? `the word \`${value.word}\`` : "settings in braces";
}

export function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);
}

/** `validation.digit.accuracy` as text, its parts in order; undefined where it is no path of names. */
export function pathOf(expression: Expression): string | undefined {
  return pathParts(expression)
    ?.map((part) => part.text)
    .join(".");
}

export function pathParts(expression: Expression): readonly { text: string; span: Span }[] | undefined {
  const inner = ungrouped(expression);
  if (inner.kind === "reference") return [{ text: inner.name.text, span: inner.name.span }];
  if (inner.kind !== "member") return undefined;
  const object = pathParts(inner.object);
  return object && [...object, { text: inner.member.text, span: inner.member.span }];
}

export function isSearch(expression: Expression): expression is Call {
  return expression.kind === "call" && expression.name.text === "search";
}
