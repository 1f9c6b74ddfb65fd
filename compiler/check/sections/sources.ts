import type { Argument, Call, Expression, Name, Reference, Span } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { sections as rows } from "../../diagnostics/sections.ts";
import { settings as settingRows } from "../../diagnostics/settings.ts";
import type { Source, Value } from "../../ir/model.ts";
import type { SourceRow } from "../../registry/rows.ts";
import type { SettingRows } from "../../registry/settings.ts";
import type { Context } from "../context/context.ts";
import { didYouMean, replaceWord, suggestRow } from "../names/suggest.ts";
import { isNoFile, refuseSource } from "./refused-sources.ts";
import { checkSettings, fromArgument, type SettingPlace } from "../settings/settings.ts";
import { ungrouped } from "../settings/written.ts";

/** Sources of rows: `csv("a.csv") -> join(csv("b.csv"), on: "user")`. */

/** A source, or undefined after reporting. `path` is where searches keep their choices: `data.test`. */
export function readSource(context: Context, written: Expression, path: string): Source | undefined {
  const expression = ungrouped(written);
  switch (expression.kind) {
    case "missing":
      return undefined;
    case "pipeline": {
      const [first, ...steps] = expression.steps;
      let source = readSource(context, first, path);
      for (const step of steps) source = readStep(context, ungrouped(step), source, path);
      return source && { ...source, span: expression.span };
    }
    case "reference":
    case "call":
      return readWord(context, expression, [], 0, path);
    default:
      return refuseSource(context, expression, partOf(path));
  }
}

function readStep(context: Context, step: Expression, before: Source | undefined, path: string): Source | undefined {
  if (step.kind === "missing") return undefined;
  if (step.kind !== "reference" && step.kind !== "call") return refuseSource(context, step, partOf(path));
  return readWord(context, step, before ? [before] : [], 1, path);
}

/** `piped` operands came through an arrow; those that have mistakes still count. */
function readWord(
  context: Context,
  expression: Reference | Call,
  operands: readonly Source[],
  piped: number,
  path: string,
): Source | undefined {
  const { name } = expression;
  const row = context.registry.source.get(name.text) ?? reportUnknownSource(context, name);
  if (row === undefined) return undefined;
  if (row.name === "columns") return refuseSource(context, expression, partOf(path));
  const before = context.errors();
  const given = expression.kind === "call" ? expression.arguments : [];
  const tables = given.filter((argument) => argument.name === undefined && isSource(context, argument.value));
  const read = tables.map((argument) => readSource(context, argument.value, path));
  const all = [...operands, ...read.filter((source) => source !== undefined)];
  const count = piped + tables.length;
  if (count < row.operands.min || count > row.operands.max) reportOperands(context, row, count, expression);
  const part = all.find((source) => source.word === "part");
  if (part)
    context.report(
      report(
        rows.notASource,
        { found: "a part" },
        { span: part.span, help: "a part stands alone, for a whole section: `test: part(0.2, of: train)`" },
      ),
    );
  const rest = given.filter((argument) => !tables.includes(argument));
  const settings = readSettings(context, row, rest, expression, path);
  const isSound = context.errors() === before;
  const lacks = (setting: string): boolean => row.settings[setting].required && settings[setting] === undefined;
  // With all that it needs, its columns can be looked at all the same.
  if (!isSound && (all.length !== count || Object.keys(row.settings).some(lacks))) return undefined;
  const spans = settingSpans(rest);
  return {
    word: row.name,
    settings,
    operands: all,
    span: expression.span,
    ...(!isSound && { doubtful: true as const }),
    ...(Object.keys(spans).length > 0 && { spans }),
  };
}

/** Says that there is no such source; gives the one that was meant, so that its settings are checked as well. */
function reportUnknownSource(context: Context, name: Name): SourceRow | undefined {
  const sources = context.registry.source;
  const suggestion = suggestRow(name.text, sources);
  const known = [...sources.keys()].map((word) => `\`${word}\``).join(", ");
  context.report(
    report(
      settingRows.unknownWord,
      { table: "source", word: name.text },
      {
        span: name.span,
        help: didYouMean(suggestion) ?? `sources are ${known}`,
        fixes: suggestion === undefined ? [] : [replaceWord(name.span, suggestion)],
      },
    ),
  );
  return suggestion === undefined ? undefined : sources.get(suggestion);
}

function isSource(context: Context, written: Expression): boolean {
  const expression = ungrouped(written);
  if (expression.kind === "pipeline") return true;
  return (
    (expression.kind === "call" || expression.kind === "reference") && context.registry.source.has(expression.name.text)
  );
}

function reportOperands(context: Context, row: SourceRow, found: number, at: Expression): void {
  const { min, max } = row.operands;
  const wanted = max === 0 ? "no tables" : min === max ? `${min} tables` : `${min} tables or more`;
  context.report(
    report(
      rows.sourceOperands,
      { source: row.name, wanted, found },
      { span: at.span, help: `write \`${row.example}\`` },
    ),
  );
}

function readSettings(
  context: Context,
  row: SourceRow,
  given: readonly Argument[],
  expression: Reference | Call,
  path: string,
): Record<string, Value> {
  const place: SettingPlace = {
    what: `\`${row.name}\``,
    row,
    span: expression.name.span,
    path,
    source: true,
    home: "source",
    ...(row.operands.max > 0 && { example: row.example }),
  };
  if (!row.freeFiles) {
    // A file that can be none is told so; what else is written is checked.
    const none = given.filter(
      ({ name, value }, at) =>
        isFilePlace(row, name?.text, at) && isNoFile(context, value, at > 0 && name === undefined),
    );
    const rows = none.includes(given[0]) ? withoutPath(row.settings) : row.settings;
    return checkSettings(context, rows, given.filter((argument) => !none.includes(argument)).map(fromArgument), place);
  }
  const isFile = (argument: Argument) =>
    argument.name !== undefined && !Object.hasOwn(row.settings, argument.name.text);
  const files = new Map<string, Value>();
  for (const { name, value } of given.filter(isFile)) {
    if (name === undefined) continue;
    const at = { setting: name.text, path: `${path}.${name.text}`, owner: "", source: true };
    const file = isNoFile(context, value) ? undefined : context.value({ kind: "string" }, value, at);
    if (files.has(name.text))
      context.report(report(settingRows.settingTwice, { noun: "setting", setting: name.text }, { span: name.span }));
    if (file !== undefined) files.set(name.text, file);
  }
  const rest = given.filter((argument) => !isFile(argument));
  if (rest.length === given.length)
    context.report(
      report(
        settingRows.missingSetting,
        { what: place.what, noun: "setting", setting: "name", kind: "an array and its file" },
        { span: place.span, help: `write \`${row.example}\`` },
      ),
    );
  return { ...Object.fromEntries(files), ...checkSettings(context, row.settings, rest.map(fromArgument), place) };
}

/** Where columns and parts are named: `on`, `group`, `of`, `stratify`, `only.split`. */
function settingSpans(given: readonly Argument[]): Readonly<Record<string, Span>> {
  const spans: Record<string, Span> = {};
  for (const { name, value } of given) {
    if (name && ["on", "group", "of", "stratify"].includes(name.text)) spans[name.text] = value.span;
    const inner = ungrouped(value);
    if (name?.text === "only" && inner.kind === "settings")
      for (const { key } of inner.entries) spans[`only.${key.text}`] = key.span;
  }
  return spans;
}

/** The key that a path of searches ends in: `data.test`. */
function partOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

/** Whether a file's name stands here: the first setting of most sources. */
function isFilePlace({ settings }: SourceRow, name: string | undefined, at: number): boolean {
  return (
    settings.path !== undefined &&
    (name === "path" || (name === undefined && (at === 0 || settings.columns === undefined)))
  );
}

function withoutPath({ path: _, ...others }: SettingRows): SettingRows {
  return others;
}
