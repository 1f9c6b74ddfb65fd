import type { Argument, Call, Entry, Name, Reference, Span, Expression } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { settings as diagnostics } from "../../diagnostics/settings.ts";
import type { Value, Word } from "../../ir/model.ts";
import { describeKind, isWord } from "../../registry/describe.ts";
import { wordTable, type Registry } from "../../registry/registry.ts";
import type { RowBase, SettingKind, SettingRow, SettingRows, WordTable } from "../../registry/settings.ts";
import { saidElsewhere } from "../../words/elsewhere.ts";
import type { Foreign, Home } from "../../words/elsewhere-row.ts";
import type { Context } from "../context/context.ts";
import { alternativesOf, type Spot } from "../context/spot.ts";
import { peekName } from "../names/lookup.ts";
import { didYouMean, replaceWord, settingCalled, suggestSetting } from "../names/suggest.ts";
import { suits } from "./forms.ts";
import { inBrackets } from "./without-brackets.ts";

/** One setting as written; without a name it is the next positional one. */
export interface Written {
  readonly name?: Name;
  readonly value: Expression;
  readonly span: Span;
}
/** What the settings belong to. */
export interface SettingPlace {
  /** What it is in messages, with the marks around what was written: "layer `dense`", "`train`". */
  readonly what: string;
  readonly row?: RowBase;
  /** Where something missing is reported: the word itself. */
  readonly span: Span;
  /** What its settings are called: those of a section are keys. */
  readonly noun?: "setting" | "key";
  /** Where searches keep their choices: `train.optimizer`, `trunk.dense_1`. Its own word where absent. */
  readonly path?: string;
  /** The declaration that tensors given as settings are computed for. */
  readonly owner?: string;
  /** Settings that someone else reads; here only their names are checked. */
  readonly elsewhere?: readonly string[];
  /** True in a source, where columns and cells may stand as plain words. */
  readonly source?: boolean;
  /** How it may be written whole. */
  readonly example?: string;
  /** What the settings stand in, where other libraries set what we say elsewhere. */
  readonly home?: Home;
  /** What is written where nothing more may stand in the parentheses. */
  readonly full?: string;
}

/**
 * Settings as plain data, in the order of their rows: what is written, else the default, else null. Everything unknown,
 * missing, set twice, of the wrong kind or out of range is reported. A setting that is written and has no known value (after
 * a report, or because it is a parameter of a block that is not used yet) is absent, as are those read elsewhere.
 */
export function checkSettings(
  context: Context,
  rows: SettingRows,
  written: readonly Written[],
  place: SettingPlace,
): Record<string, Value> {
  const { taken, guessed } = assign(context, rows, inBrackets(context, rows, written), place);
  const values: Record<string, Value> = {};
  for (const [name, row] of Object.entries(rows)) {
    const item = taken.get(name);
    if (item) {
      if (place.elsewhere?.includes(name)) continue;
      // What is wrong with a value under a name that was only guessed is most likely the guess.
      const reader = guessed.has(name) ? context.quiet() : context;
      const value = reader.value(row.kind, item.value, spot(name, place));
      if (value !== undefined) values[name] = value;
    } else if (row.required) reportMissing(context, name, row, place);
    else if (!place.elsewhere?.includes(name)) values[name] = defaultOf(row, context.registry);
  }
  return values;
}

function spot(setting: string, place: SettingPlace): Spot {
  return {
    setting,
    path: `${place.path ?? place.row?.name ?? "search"}.${setting}`,
    owner: place.owner ?? "",
    source: place.source ?? false,
  };
}

interface Assigned {
  readonly taken: ReadonlyMap<string, Written>;
  /** Settings whose names were misspelt. */
  readonly guessed: ReadonlySet<string>;
}

/** Which setting each written value is for. A misspelt one counts as the one that was meant, so that it is not missed too. */
function assign(context: Context, rows: SettingRows, written: readonly Written[], place: SettingPlace): Assigned {
  const names = Object.keys(rows);
  const positional = names.filter((name) => rows[name].first);
  const taken = new Map<string, Written>();
  // What was only guessed stands back behind what is written.
  const guessed = new Set<string>();
  for (const item of written) {
    const isKnown = item.name === undefined || names.includes(item.name.text);
    const meant = item.name === undefined ? meantFor(context, item, positional[0], rows, taken, place) : undefined;
    const name =
      item.name === undefined
        ? meant === undefined
          ? (positional.shift() ?? reportNameless(context, item, rows, taken, place))
          : reportNameless(context, item, rows, taken, place, meant)
        : isKnown
          ? item.name.text
          : reportUnknown(context, item, item.name, written, names, place);
    if (name === undefined) continue;
    const before = taken.get(name);
    if (before === undefined || guessed.has(name)) taken.set(name, item);
    else if (isKnown) reportTwice(context, name, item, before, place);
    if (isKnown) guessed.delete(name);
    else if (before === undefined) guessed.add(name);
  }
  return { taken, guessed };
}

function reportUnknown(
  context: Context,
  item: Written,
  name: Name,
  written: readonly Written[],
  names: readonly string[],
  place: SettingPlace,
): string | undefined {
  const alias = settingCalled(name.text, names);
  const instead =
    alias === undefined && place.home
      ? saidElsewhere(name.text, place.home, foreignOf(context, item, written, place))
      : undefined;
  const suggestion = alias ?? (instead === undefined ? suggestSetting(name.text, names) : undefined);
  const noun = place.noun ?? "setting";
  const braces = place.home === "kind" && alias === undefined ? keyOfBraces(context, name.text, place) : undefined;
  const known =
    names.length === 0
      ? `${place.what} takes no ${noun}s`
      : `its ${noun}s are ${names.map((one) => `\`${one}\``).join(", ")}`;
  context.report(
    report(
      diagnostics.unknownSetting,
      { what: place.what, noun, setting: name.text },
      {
        span: name.span,
        help: braces ?? instead ?? didYouMean(suggestion) ?? known,
        fixes: suggestion === undefined ? [] : [replaceWord(name.span, suggestion)],
      },
    ),
  );
  return suggestion;
}

/** `flag (head: …)`: keys of the declaration in the parentheses of its kind. */
function keyOfBraces({ registry }: Context, key: string, { row }: SettingPlace): string | undefined {
  if (row === undefined) return undefined;
  const of = registry.taskKind.get(row.name) === row ? "task" : "input";
  if (!Object.hasOwn(registry.section.get(of)?.keys ?? {}, key)) return undefined;
  return `keys stand in braces: \`${row.name} { ${key}: … }\``;
}

function foreignOf(context: Context, item: Written, written: readonly Written[], { row }: SettingPlace): Foreign {
  const value = context.textAt(item.value.span);
  if (row === undefined) return { value };
  const others = written.filter((other) => other !== item);
  const texts = others.length > MOST_REPEATED ? ["…"] : others.map(({ span }) => context.textAt(span));
  return { value, word: row.name, call: texts.length === 0 ? row.name : `${row.name}(${texts.join(", ")})` };
}

/** A call of more settings than these is not said again whole. */
const MOST_REPEATED = 12;

/** A value without a name whose place is another setting's, that it cannot be: the one that must be written, where it can be that. */
function meantFor(
  context: Context,
  { value }: Written,
  first: string | undefined,
  rows: SettingRows,
  taken: ReadonlyMap<string, Written>,
  place: SettingPlace,
): string | undefined {
  const fits = (name: string): boolean => suits(context, rows[name].kind, value, spot(name, place));
  if (first === undefined || fits(first)) return undefined;
  const needed = Object.keys(rows).filter((name) => name !== first && rows[name].required && !taken.has(name));
  const isClear =
    value.kind !== "reference" || !["const", undefined].includes(peekName(context, value.name.text)?.kind);
  return needed.length === 1 && isClear && fits(needed[0]) ? needed[0] : undefined;
}

/** A value without a name where none may stand; gives the setting that it must be if only one is left. */
function reportNameless(
  context: Context,
  item: Written,
  rows: SettingRows,
  taken: ReadonlyMap<string, Written>,
  place: SettingPlace,
  meant?: string,
): string | undefined {
  const names = Object.keys(rows);
  const free = names.filter((name) => !taken.has(name));
  const needed = free.filter((name) => rows[name].required);
  const only = meant ?? (needed.length === 1 ? needed[0] : free.length === 1 ? free[0] : undefined);
  const { file, start } = item.span;
  context.report(
    report(
      diagnostics.needsItsName,
      { what: place.what },
      {
        span: item.span,
        help:
          free.length === 0
            ? (place.full ?? `${place.what} takes ${names.length === 0 ? "no settings" : "no more settings"}`)
            : (activationHelp(context, item, taken, place) ??
              sizeComesIn(item, taken, place, only) ??
              `write \`${only ?? "name"}: …\`${only === undefined ? `; it may be ${free.map((name) => `\`${name}\``).join(", ")}` : ""}`),
        fixes:
          only === undefined
            ? []
            : [{ title: `write \`${only}:\``, edits: [{ span: { file, start, end: start }, text: `${only}: ` }] }],
      },
    ),
  );
  return only;
}

/** `dense(32, relu)`: an activation among the settings of a layer. */
function activationHelp(
  context: Context,
  { value }: Written,
  taken: ReadonlyMap<string, Written>,
  { row, home }: SettingPlace,
): string | undefined {
  if (home !== "layer" || row === undefined) return undefined;
  const word = value.kind === "string" ? value.value : value.kind === "reference" ? value.name.text : "";
  if (context.registry.layer.get(word)?.group !== "activations") return undefined;
  const others = [...taken.values()].map(({ span }) => context.textAt(span)).join(", ");
  return saidElsewhere("activation", "layer", { word: row.name, value: word, call: `${row.name}(${others})` });
}

/** `dense(6, 32)`: other programs are told how wide what comes in is. */
function sizeComesIn(
  { value }: Written,
  taken: ReadonlyMap<string, Written>,
  { row }: SettingPlace,
  only: string | undefined,
): string | undefined {
  const before = (taken.get("width") ?? taken.get("filters"))?.value.kind;
  if (!row || only !== undefined || value.kind !== "number" || before !== "number") return undefined;
  return `the size of what comes in is known: \`${row.name}(${value.text})\` is enough`;
}

function reportTwice(context: Context, name: string, item: Written, before: Written, place: SettingPlace): void {
  context.report(
    report(
      diagnostics.settingTwice,
      { noun: place.noun ?? "setting", setting: name },
      {
        span: item.name?.span ?? item.span,
        labels: [{ span: before.name?.span ?? before.span, message: "set here already" }],
        help: "keep one of the two",
      },
    ),
  );
}

function reportMissing(context: Context, name: string, row: SettingRow<unknown>, place: SettingPlace): void {
  context.report(
    report(
      diagnostics.missingSetting,
      { what: place.what, noun: place.noun ?? "setting", setting: name, kind: describeKind(row.kind) },
      {
        span: place.span,
        help: `write \`${place.noun === "key" ? `${name}: ${row.kind.kind === "expression" && row.kind.of === "source" ? 'csv("rows.csv")' : "…"}` : (place.example ?? `${place.row?.name ?? "…"}(${row.first ? "…" : `${name}: …`})`)}\``,
      },
    ),
  );
}

/** What a setting is when it is not written: words of tables with all of their own settings. */
export function defaultOf(row: SettingRow<unknown>, registry: Registry): Value {
  return row.fallback === undefined ? null : complete(row.kind, row.fallback, registry);
}

function complete(kind: SettingKind, value: Value, registry: Registry): Value {
  if (!isWord(value)) return value;
  for (const one of alternativesOf(kind)) {
    if (one.kind !== "word") continue;
    const rows = wordTable(registry, one.table).get(value.word)?.settings;
    if (rows === undefined) continue;
    const settings: Record<string, Value> = {};
    for (const [name, row] of Object.entries(rows)) settings[name] = value.settings[name] ?? defaultOf(row, registry);
    return { word: value.word, settings };
  }
  return value;
}

/** A word of a table with all of its settings at their defaults. */
export function defaultWord(table: WordTable, name: string, registry: Registry): Word {
  const row = wordTable(registry, table).get(name);
  const settings: Record<string, Value> = {};
  for (const [key, setting] of Object.entries(row?.settings ?? {})) settings[key] = defaultOf(setting, registry);
  return { word: name, settings };
}

/** A word that its table has, with its settings. */
export function readWord(context: Context, table: WordTable, expression: Reference | Call, at: Spot): Word | undefined {
  const row = wordTable(context.registry, table).get(expression.name.text);
  if (row === undefined) return undefined;
  const before = context.errors();
  const settings = checkSettings(
    context,
    row.settings,
    expression.kind === "call" ? expression.arguments.map(fromArgument) : [],
    {
      what: `\`${row.name}\``,
      row,
      span: expression.name.span,
      path: at.path,
      owner: at.owner,
      source: at.source,
      home: "word",
    },
  );
  return context.errors() === before ? { word: row.name, settings } : undefined;
}

export function fromArgument(argument: Argument): Written {
  return { name: argument.name, value: argument.value, span: argument.span };
}
export function fromEntry(entry: Entry): Written {
  return { name: entry.key, value: entry.value, span: entry.span };
}
