import type { Expression, Span } from "../../grammar/tree.ts";
import { report, type Place } from "../diagnostics/diagnostic.ts";
import { settings as rows } from "../diagnostics/settings.ts";
import type { Value } from "../ir/model.ts";
import { describeKind } from "../registry/describe.ts";
import { wordTable } from "../registry/registry.ts";
import type { SettingKind } from "../registry/settings.ts";
import { readColumns } from "./column-names.ts";
import { checkConstant, readConstant } from "./constant-values.ts";
import type { CheckContext } from "./context.ts";
import { readName } from "./declared-names.ts";
import { isRightLength, suits } from "./forms.ts";
import { readSearch } from "./search.ts";
import { readChoice, readTableWord, reportUnknownChoice, reportUnknownWord } from "./words.ts";
import { describeWritten, isSearch, pathOf, ungrouped } from "./written.ts";

/** Where a value stands: for messages and searches. */
export interface Spot {
  /** The setting's name, for messages. */
  readonly setting: string;
  /** Where a search keeps its choices: `train.optimizer.rate`. */
  readonly path: string;
  /** The declaration that tensors given as settings are computed for. */
  readonly owner: string;
  /** True in a source, where columns and cells may stand as plain words. */
  readonly source: boolean;
}

/** A kind's alternatives, those within alternatives too. */
export function alternativesOf(kind: SettingKind): readonly SettingKind[] {
  return kind.kind === "either" ? kind.of.flatMap(alternativesOf) : [kind];
}

/** The value of a setting as plain data; undefined after reporting, or where it is not known yet. */
export function readValue(kind: SettingKind, written: Expression, at: Spot, context: CheckContext): Value | undefined {
  const expression = ungrouped(written);
  if (expression.kind === "missing") return undefined;
  if (isSearch(expression)) return readSearch(expression, kind, at, context);
  switch (kind.kind) {
    case "int":
    case "number":
    case "bool":
    case "string":
    case "cell":
      return readConstant(kind, expression, at, context);
    case "choice":
      return readChoice(kind, expression, at, context);
    case "word":
      return readTableWord(kind, expression, at, context);
    case "list":
      return readList(kind, expression, at, context);
    case "pair":
      return readPair(kind, expression, at, context);
    case "either":
      return readEither(kind, expression, at, context);
    case "column":
      return readColumn(kind, expression, at, context);
    case "columns": {
      const columns = readColumns(expression, at, context);
      if (columns === undefined) return undefined;
      return columns.kind === "names"
        ? { kind: columns.kind, names: columns.names }
        : { kind: columns.kind, first: columns.first, last: columns.last };
    }
    case "name":
      return readName(kind, expression, at, context);
    case "record":
      return readRecord(kind, expression, at, context);
    case "path": {
      const path = pathOf(expression);
      return path ?? refuse(kind, expression, at, context);
    }
    case "expression":
      return undefined;
    default:
      return kind satisfies never;
  }
}

/** "`rate` is a number; this is the text …". */
export function refuse(
  kind: SettingKind,
  expression: Expression,
  at: Spot,
  context: CheckContext,
  place: Place = {},
): undefined {
  const holes = { setting: at.setting, kind: describeKind(kind), found: describeWritten(expression, context) };
  const help = place.help ?? wordsHelp(kind, expression, context);
  context.report(report(rows.wrongKind, holes, { span: expression.span, ...place, help }));
}

/** `clip: 1.0`: the words that take such a value, or all that may stand there. */
function wordsHelp(kind: SettingKind, expression: Expression, { registry }: CheckContext): string | undefined {
  const table = alternativesOf(kind).find((one) => one.kind === "word");
  if (!table) return undefined;
  const rows = [...wordTable(registry, table.table).values()];
  const text = expression.kind === "number" ? expression.text : undefined;
  const taking = rows.filter(({ settings }) =>
    Object.values(settings).some(({ first, kind: { kind: one } }) => first && (one === "number" || one === "int")),
  );
  if (text !== undefined && taking.length > 0 && taking.length <= 4)
    return `write ${taking.map(({ name }) => `\`${name}(${text})\``).join(" or ")}`;
  return rows.length > 12 ? undefined : `there are ${rows.map(({ name }) => `\`${name}\``).join(", ")}`;
}

// ── Lists, pairs, records ────────────────────────────────────────────────────────────────────────────────────────────

function readList(
  kind: SettingKind & { kind: "list" },
  expression: Expression,
  at: Spot,
  context: CheckContext,
): Value | undefined {
  if (expression.kind === "reference" && context.names.peek(expression.name.text)?.kind === "const") {
    const value = context.constant(expression);
    return value === undefined ? undefined : checkConstant(kind, value, expression.span, at, context);
  }
  if (expression.kind !== "list") {
    const { file, start, end } = expression.span;
    return refuse(kind, expression, at, context, {
      help: "a list stands in brackets, even one of a single value",
      fixes: suits(kind.of, expression, at, context)
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
  const items = expression.items.map((item) => readValue(kind.of, item, at, context));
  if (!items.every((item) => item !== undefined)) return undefined;
  return isRightLength(kind.length, items.length, expression.span, at, context) ? items : undefined;
}

function readPair(
  kind: SettingKind & { kind: "pair" },
  expression: Expression,
  at: Spot,
  context: CheckContext,
): Value | undefined {
  const size: SettingKind = { kind: "int", min: kind.min };
  if (expression.kind === "list") return readList({ kind: "list", of: size, length: 2 }, expression, at, context);
  const isConstant = expression.kind === "reference" && context.names.peek(expression.name.text)?.kind === "const";
  if (isConstant) {
    const value = context.constant(expression);
    return value === undefined ? undefined : checkConstant(kind, value, expression.span, at, context);
  }
  const value = readConstant(size, expression, at, context);
  return value === undefined ? undefined : [value, value];
}

function readRecord(
  kind: SettingKind & { kind: "record" },
  expression: Expression,
  at: Spot,
  context: CheckContext,
): Value | undefined {
  if (expression.kind !== "settings") return refuse(kind, expression, at, context);
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
      entries.set(key.text, { value: readValue(kind.of, value, spot, context), span: key.span });
    }
  }
  const known: Record<string, Value> = {};
  for (const [key, { value }] of entries) {
    if (value === undefined) return undefined;
    known[key] = value;
  }
  return known;
}

function readColumn(kind: SettingKind, expression: Expression, at: Spot, context: CheckContext): Value | undefined {
  if (expression.kind === "string") return expression.value;
  if (expression.kind !== "reference") return refuse(kind, expression, at, context);
  if (context.names.peek(expression.name.text)?.kind !== "const") return expression.name.text;
  const value = context.constant(expression);
  return value === undefined ? undefined : checkConstant(kind, value, expression.span, at, context);
}

// ── One of several kinds ─────────────────────────────────────────────────────────────────────────────────────────────

function readEither(
  kind: SettingKind & { kind: "either" },
  expression: Expression,
  at: Spot,
  context: CheckContext,
): Value | undefined {
  const kinds = alternativesOf(kind);
  const chosen = kinds.find((one) => suits(one, expression, at, context));
  if (chosen) return readValue(chosen, expression, at, context);
  if (expression.kind === "reference" && context.names.peek(expression.name.text)?.kind === "const") {
    const value = context.constant(expression);
    return value === undefined ? undefined : checkConstant(kind, value, expression.span, at, context);
  }
  if (expression.kind === "string") {
    const quoted = kinds.find((one) => isWordOf(one, expression.value, context));
    if (quoted) return readValue(quoted, expression, at, context);
  }
  const choices = kinds.flatMap((one) => (one.kind === "choice" ? one.words : []));
  const table = kinds.find((one) => one.kind === "word");
  if (expression.kind === "reference" || expression.kind === "call") {
    if (table) return reportUnknownWord(table.table, choices, expression, at, context);
    if (choices.length > 0 && expression.kind === "reference")
      return reportUnknownChoice(choices, expression.name.text, expression.span, at, context);
    const numeric = kinds.find((one) => one.kind === "number" || one.kind === "int");
    if (numeric) return readConstant(kind, expression, at, context);
  }
  return refuse(kind, expression, at, context);
}

function isWordOf(kind: SettingKind, word: string, { registry }: CheckContext): boolean {
  if (kind.kind === "choice") return kind.words.includes(word);
  return kind.kind === "word" && wordTable(registry, kind.table).has(word);
}
