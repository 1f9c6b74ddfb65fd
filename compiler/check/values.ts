import type { Expression, Span } from "../../grammar/tree.ts";
import { report, type Place } from "../diagnostics/diagnostic.ts";
import { settings as rows } from "../diagnostics/settings.ts";
import type { Value } from "../ir/model.ts";
import { describeKind, tableNoun, withArticle } from "../registry/describe.ts";
import { wordTable } from "../registry/registry.ts";
import type { SettingKind, WordTable } from "../registry/settings.ts";
import type { CheckContext } from "./context.ts";
import { readColumns } from "./column-names.ts";
import { readName } from "./declared-names.ts";
import { readSearch } from "./search.ts";
import { readWord } from "./settings.ts";
import { didYouMean, replaceWord, rowAliases, suggest } from "./suggest.ts";
import { describeValue, describeWritten, isSearch, pathOf, ungrouped } from "./written.ts";

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
  context.report(report(rows.wrongKind, holes, { span: expression.span, ...place }));
}

// ── Constants ────────────────────────────────────────────────────────────────────────────────────────────────────────

function readConstant(kind: SettingKind, expression: Expression, at: Spot, context: CheckContext): Value | undefined {
  if (expression.kind === "reference") {
    const name = expression.name.text;
    const declared = context.names.peek(name);
    if (declared === undefined && kind.kind === "cell" && at.source) return name;
    const word = declared === undefined && isKnownWord(name, context);
    if (word || (declared === undefined && (kind.kind === "string" || kind.kind === "cell"))) {
      const quotes = kind.kind === "string" || kind.kind === "cell";
      const text = JSON.stringify(name);
      return refuse(
        kind,
        expression,
        at,
        context,
        quotes ? { help: `a text stands in quotes: \`${text}\``, fixes: [replaceWord(expression.span, text)] } : {},
      );
    }
    if (declared !== undefined && declared.kind !== "const") {
      context.names.use(name);
      return refuse(kind, expression, at, context);
    }
  } else if (expression.kind === "list" || expression.kind === "settings" || expression.kind === "pipeline") {
    return refuse(kind, expression, at, context);
  } else if (expression.kind === "call" && isKnownWord(expression.name.text, context)) {
    return refuse(kind, expression, at, context);
  }
  const value = context.constant(expression);
  return value === undefined ? undefined : checkConstant(kind, value, expression.span, at, context);
}

/** Words that are no names of the file: of any table, and the layers. */
function isKnownWord(name: string, { registry }: CheckContext): boolean {
  return (
    registry.layer.has(name) ||
    registry.source.has(name) ||
    tables.some((table) => wordTable(registry, table).has(name))
  );
}
const tables = [
  ...["start", "tie", "tokenizer", "augment", "balance", "optimizer", "schedule"],
  ...["clip", "average", "stop", "penalty", "sampling", "loss", "metric"],
] as const satisfies readonly WordTable[];

/** A constant's value against a kind and its range. */
export function checkConstant(
  kind: SettingKind,
  value: Value,
  span: Span,
  at: Spot,
  context: CheckContext,
): Value | undefined {
  const misfit = (row: typeof rows.wrongKind | typeof rows.outOfRange): undefined =>
    void context.report(
      report(row, { setting: at.setting, kind: describeKind(kind), found: describeValue(value) }, { span }),
    );
  switch (kind.kind) {
    case "int":
    case "number":
      if (typeof value !== "number") return misfit(rows.wrongKind);
      if (kind.kind === "int" && !Number.isInteger(value)) return misfit(rows.wrongKind);
      return isWithin(kind, value) ? value : misfit(rows.outOfRange);
    case "bool":
      return typeof value === "boolean" ? value : misfit(rows.wrongKind);
    case "string":
    case "column":
      return typeof value === "string" ? value : misfit(rows.wrongKind);
    case "cell":
      return typeof value === "string" || typeof value === "boolean" || typeof value === "number"
        ? value
        : misfit(rows.wrongKind);
    case "choice":
      return typeof value === "string" && kind.words.includes(value) ? value : misfit(rows.wrongKind);
    case "list": {
      if (!Array.isArray(value)) return misfit(rows.wrongKind);
      const items: readonly Value[] = value;
      const checked = items.map((item) => checkConstant(kind.of, item, span, at, context));
      if (!checked.every((item) => item !== undefined)) return undefined;
      return isRightLength(kind.length, checked.length, span, at, context) ? checked : undefined;
    }
    case "pair":
      if (typeof value === "number") {
        const size = checkConstant({ kind: "int", min: kind.min }, value, span, at, context);
        return size === undefined ? undefined : [size, size];
      }
      return checkConstant({ kind: "list", of: { kind: "int", min: kind.min }, length: 2 }, value, span, at, context);
    case "either": {
      const kinds = alternativesOf(kind);
      const fitting = kinds.find((one) => fits(one, value));
      return fitting === undefined ? misfit(rows.wrongKind) : checkConstant(fitting, value, span, at, context);
    }
    case "word":
    case "columns":
    case "name":
    case "record":
    case "path":
    case "expression":
      return misfit(rows.wrongKind);
    default:
      return kind satisfies never;
  }
}

/** Whether a value is of this kind, its range left aside. */
function fits(kind: SettingKind, value: Value): boolean {
  switch (kind.kind) {
    case "int":
      return typeof value === "number" && Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "bool":
      return typeof value === "boolean";
    case "string":
    case "column":
      return typeof value === "string";
    case "cell":
      return typeof value === "string" || typeof value === "boolean" || typeof value === "number";
    case "choice":
      return typeof value === "string" && kind.words.includes(value);
    case "list":
      return Array.isArray(value);
    case "pair":
      return typeof value === "number" || Array.isArray(value);
    default:
      return false;
  }
}

function isWithin(kind: SettingKind & { kind: "int" | "number" }, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (kind.min !== undefined && value < kind.min) return false;
  if (kind.max !== undefined && value > kind.max) return false;
  if (kind.kind === "int") return true;
  return (kind.above === undefined || value > kind.above) && (kind.below === undefined || value < kind.below);
}

// ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────────────

function readChoice(
  kind: SettingKind & { kind: "choice" },
  expression: Expression,
  at: Spot,
  context: CheckContext,
): Value | undefined {
  if (expression.kind === "reference") {
    const word = expression.name.text;
    if (kind.words.includes(word)) return word;
    if (context.names.peek(word)?.kind === "const") {
      const value = context.constant(expression);
      return value === undefined ? undefined : checkConstant(kind, value, expression.span, at, context);
    }
    return reportUnknownChoice(kind.words, word, expression.span, at, context);
  }
  if (expression.kind === "string" && kind.words.includes(expression.value))
    return refuse(kind, expression, at, context, {
      help: `it stands without quotes: \`${expression.value}\``,
      fixes: [replaceWord(expression.span, expression.value)],
    });
  return refuse(kind, expression, at, context);
}

function reportUnknownChoice(
  words: readonly string[],
  word: string,
  span: Span,
  at: Spot,
  context: CheckContext,
): undefined {
  const suggestion = suggest(word, words);
  const list = `it is ${words.length === 1 ? "" : "one of "}${words.map((one) => `\`${one}\``).join(", ")}`;
  context.report(
    report(
      rows.unknownChoice,
      { setting: at.setting, word },
      {
        span,
        help: didYouMean(suggestion) ?? list,
        fixes: suggestion === undefined ? [] : [replaceWord(span, suggestion)],
      },
    ),
  );
}

function readTableWord(
  kind: SettingKind & { kind: "word" },
  expression: Expression,
  at: Spot,
  context: CheckContext,
): Value | undefined {
  if (expression.kind === "string" && wordTable(context.registry, kind.table).has(expression.value))
    return refuse(kind, expression, at, context, {
      help: `it stands without quotes: \`${expression.value}\``,
      fixes: [replaceWord(expression.span, expression.value)],
    });
  if (expression.kind !== "reference" && expression.kind !== "call") return refuse(kind, expression, at, context);
  if (!wordTable(context.registry, kind.table).has(expression.name.text)) {
    if (expression.kind === "reference" && context.names.peek(expression.name.text)?.kind === "const") {
      context.names.use(expression.name.text);
      return refuse(kind, expression, at, context);
    }
    return reportUnknownWord(kind.table, [], expression, at, context);
  }
  return readWord(kind.table, expression, at, context);
}

/** A word that is in no table: says which there are, or which was meant. `choices` may stand there too. */
export function reportUnknownWord(
  table: WordTable,
  choices: readonly string[],
  expression: Expression & { kind: "reference" | "call" },
  at: Spot,
  context: CheckContext,
): undefined {
  const words = wordTable(context.registry, table);
  const { name } = expression;
  const candidates = [...words.keys(), ...choices];
  const suggestion = suggest(name.text, candidates, rowAliases(words.values()));
  const known = candidates.map((word) => `\`${word}\``).join(", ");
  context.report(
    report(
      rows.unknownWord,
      { table: tableNoun(table), word: name.text },
      {
        span: name.span,
        help:
          didYouMean(suggestion) ??
          (known === "" ? undefined : `${at.setting} is ${withArticle(tableNoun(table))}: ${known}`),
        fixes: suggestion === undefined ? [] : [replaceWord(name.span, suggestion)],
      },
    ),
  );
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

function isRightLength(
  wanted: number | undefined,
  found: number,
  span: Span,
  at: Spot,
  context: CheckContext,
): boolean {
  if (wanted === undefined || wanted === found) return true;
  context.report(report(rows.wrongLength, { setting: at.setting, wanted, found }, { span }));
  return false;
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

/** Whether an expression has the form of a kind; says nothing. */
function suits(kind: SettingKind, written: Expression, at: Spot, context: CheckContext): boolean {
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
        (expression.kind === "reference" && at.source && context.names.peek(expression.name.text) === undefined)
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
        (expression.kind === "reference" && context.names.peek(expression.name.text)?.kind !== "const") ||
        expression.kind === "member"
      );
    case "record":
      return expression.kind === "settings";
    case "path":
      return pathOf(expression) !== undefined;
    case "either":
      return kind.of.some((one) => suits(one, expression, at, context));
    case "expression":
      return true;
    default:
      return kind satisfies never;
  }
}
