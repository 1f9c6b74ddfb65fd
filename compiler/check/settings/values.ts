import { recordOf } from "../../ir/own.ts";
import type { Expression, Span } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { settings as rows } from "../../diagnostics/settings.ts";
import type { Value } from "../../ir/model.ts";
import type { SettingKind } from "../../registry/settings.ts";
import type { Context } from "../context/context.ts";
import { alternativesOf, type Spot } from "../context/spot.ts";
import { peekName } from "../names/lookup.ts";
import { replaceWord } from "../names/suggest.ts";
import { readColumns } from "./column-names.ts";
import { checkConstant, isText, readConstant } from "./constant-values.ts";
import { constantValue } from "./constants.ts";
import { readName } from "./declared-names.ts";
import { isRightLength, suits } from "./forms.ts";
import { refuse } from "./refuse.ts";
import { readSearch } from "./search.ts";
import { quotesHelp, withoutQuotes } from "./without-quotes.ts";
import { readChoice, readTableWord, reportUnknownChoice, reportUnknownWord } from "./words.ts";
import { isSearch, pathOf, undashed, ungrouped } from "./written.ts";

/** The value of a setting as plain data; undefined after reporting, or where it is not known yet. */
export function readValue(context: Context, kind: SettingKind, written: Expression, at: Spot): Value | undefined {
  const plain = ungrouped(written);
  const isWord = alternativesOf(kind).some(
    (one) => one.kind === "word" || one.kind === "choice" || one.kind === "name",
  );
  const expression = isWord ? undashed(context, plain) : plain;
  if (expression.kind === "missing") return undefined;
  if (isSearch(expression)) return readSearch(context, expression, kind, at);
  switch (kind.kind) {
    case "int":
    case "number":
    case "bool":
    case "string":
    case "cell":
      return readConstant(context, kind, expression, at);
    case "choice":
      return readChoice(context, kind, expression, at);
    case "word":
      return readTableWord(context, kind, expression, at);
    case "list":
      return readList(context, kind, expression, at);
    case "pair":
      return readPair(context, kind, expression, at);
    case "either":
      return readEither(context, kind, expression, at);
    case "column":
      return readColumn(context, kind, expression, at);
    case "columns": {
      const columns = readColumns(context, expression, at);
      if (columns === undefined) return undefined;
      return columns.kind === "names"
        ? { kind: columns.kind, names: columns.names }
        : { kind: columns.kind, first: columns.first, last: columns.last };
    }
    case "name":
      return readName(context, kind, expression, at);
    case "record":
      return readRecord(context, kind, expression, at);
    case "path": {
      const path = pathOf(expression);
      return path ?? refuse(context, kind, expression, at);
    }
    case "expression":
      return undefined;
    default:
      return kind satisfies never;
  }
}

// ── Lists, pairs, records ────────────────────────────────────────────────────────────────────────────────────────────

function readList(
  context: Context,
  kind: SettingKind & { kind: "list" },
  expression: Expression,
  at: Spot,
): Value | undefined {
  if (expression.kind === "reference" && peekName(context, expression.name.text)?.kind === "const") {
    const value = constantValue(context, expression);
    return value === undefined ? undefined : checkConstant(context, kind, value, expression.span, at);
  }
  if (expression.kind !== "list") {
    const { file, start, end } = expression.span;
    const bare = expression.kind === "string" ? withoutQuotes(context, kind, expression.value) : undefined;
    return refuse(context, kind, expression, at, {
      help: bare === undefined ? "a list stands in brackets, even one of a single value" : quotesHelp(bare),
      fixes:
        bare !== undefined
          ? [replaceWord(expression.span, bare)]
          : suits(context, kind.of, expression, at)
            ? [
                {
                  title: "put it in brackets",
                  edits: [
                    { span: { file, start, end: start }, text: "[" },
                    { span: { file, start: end, end }, text: "]" },
                  ],
                },
              ]
            : [],
    });
  }
  if (kind.filled === true && expression.items.length === 0)
    return refuse(context, kind, expression, at, { help: "one at least stands in it" });
  // Numbers where words belong are one habit.
  const numbers = kind.of.kind === "word" && expression.items.every((item) => item.kind === "number");
  if (numbers && expression.items.length > 1)
    return refuse(
      context,
      kind.of,
      expression.items.find((item) => item.kind === "number" && item.value !== 1) ?? expression.items[0],
      at,
    );
  const items = expression.items.map((item) => readValue(context, kind.of, item, at));
  if (!items.every((item) => item !== undefined)) return undefined;
  return isRightLength(context, kind.length, items.length, expression.span, at) ? items : undefined;
}

function readPair(
  context: Context,
  kind: SettingKind & { kind: "pair" },
  expression: Expression,
  at: Spot,
): Value | undefined {
  const size: SettingKind = { kind: "int", min: kind.min };
  if (expression.kind === "list") return readList(context, { kind: "list", of: size, length: 2 }, expression, at);
  const isConstant = expression.kind === "reference" && peekName(context, expression.name.text)?.kind === "const";
  if (isConstant) {
    const value = constantValue(context, expression);
    return value === undefined ? undefined : checkConstant(context, kind, value, expression.span, at);
  }
  const value = readConstant(context, size, expression, at);
  return value === undefined ? undefined : [value, value];
}

function readRecord(
  context: Context,
  kind: SettingKind & { kind: "record" },
  expression: Expression,
  at: Spot,
): Value | undefined {
  if (expression.kind !== "settings") return refuse(context, kind, expression, at);
  const entries = new Map<string, { value: Value | undefined; span: Span }>();
  for (const { key, value } of expression.entries) {
    const before = entries.get(key.text);
    if (before)
      context.report(
        report(
          rows.settingTwice,
          { noun: "key", setting: key.text },
          { span: key.span, labels: [{ span: before.span, message: "set here already" }] },
        ),
      );
    else {
      const spot = { ...at, setting: key.text, path: `${at.path}.${key.text}` };
      entries.set(key.text, { value: readValue(context, kind.of, value, spot), span: key.span });
    }
  }
  return recordOf([...entries].map(([key, { value }]) => [key, value]));
}

function readColumn(context: Context, kind: SettingKind, expression: Expression, at: Spot): Value | undefined {
  if (expression.kind === "string") return expression.value;
  if (expression.kind !== "reference") return refuse(context, kind, expression, at);
  if (peekName(context, expression.name.text)?.kind !== "const") return expression.name.text;
  const value = constantValue(context, expression);
  return value === undefined ? undefined : checkConstant(context, kind, value, expression.span, at);
}

// ── One of several kinds ─────────────────────────────────────────────────────────────────────────────────────────────

function readEither(
  context: Context,
  kind: SettingKind & { kind: "either" },
  expression: Expression,
  at: Spot,
): Value | undefined {
  const kinds = alternativesOf(kind);
  const chosen = kinds.find((one) => suits(context, one, expression, at));
  if (chosen) return readValue(context, chosen, expression, at);
  if (expression.kind === "reference" && peekName(context, expression.name.text)?.kind === "const") {
    const value = constantValue(context, expression);
    return value === undefined ? undefined : checkConstant(context, kind, value, expression.span, at);
  }
  if (expression.kind === "string") {
    const isQuoted = kinds.some((one) => withoutQuotes(context, one, expression.value) !== undefined);
    if (isQuoted) return refuse(context, kind, expression, at);
  }
  const choices = kinds.flatMap((one) => (one.kind === "choice" ? one.words : []));
  const table = kinds.find((one) => one.kind === "word");
  if (expression.kind === "reference" || expression.kind === "call") {
    if (table) return reportUnknownWord(context, table.table, choices, expression, at);
    if (choices.length > 0 && expression.kind === "reference")
      return reportUnknownChoice(context, kind, expression.name.text, expression.span, at);
    const numeric = kinds.find((one) => one.kind === "number" || one.kind === "int");
    if (numeric) return readConstant(context, kind, expression, at);
  }
  // `positive: female`, which wants quotes.
  if ((expression.kind === "reference" || expression.kind === "member") && kinds.some(isText))
    return readConstant(context, kind, expression, at);
  return refuse(context, kind, expression, at);
}
