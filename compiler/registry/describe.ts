import type { Cell, Value } from "../ir/model.ts";
import type { SettingKind, WordTable } from "./settings.ts";

/** Kinds and values of settings in a user's words, for messages, hover and the manual. */

const nouns: Readonly<Record<WordTable, string>> = {
  start: "way to start weights",
  tie: "tie",
  tokenizer: "tokenizer",
  augment: "augmentation",
  balance: "balance rule",
  optimizer: "optimizer",
  schedule: "schedule",
  clip: "way to clip",
  average: "average",
  stop: "rule to stop",
  penalty: "penalty",
  sampling: "way to sample",
  loss: "loss",
  metric: "metric",
};

/** "optimizer": what a word of this table is. */
export function tableNoun(table: WordTable): string {
  return nouns[table];
}

/** "a", or "an" before a vowel. */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}

/** "a, b or c". */
export function alternatives(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} or ${items[items.length - 1]}`;
}

function range(kind: { min?: number; max?: number; above?: number; below?: number }): string {
  const low = kind.above !== undefined ? `above ${kind.above}` : kind.min !== undefined ? `${kind.min} or more` : "";
  const high = kind.below !== undefined ? `below ${kind.below}` : kind.max !== undefined ? `at most ${kind.max}` : "";
  return [low, high].filter((text) => text !== "").join(" and ");
}

/** "a whole number, 1 or more": what a setting of this kind is, to follow "is". */
export function describeKind(kind: SettingKind): string {
  switch (kind.kind) {
    case "int":
    case "number": {
      const noun = kind.kind === "int" ? "a whole number" : "a number";
      const bounds = range(kind);
      return bounds === ""
        ? noun
        : bounds.startsWith("above") || bounds.startsWith("below")
          ? `${noun} ${bounds}`
          : `${noun}, ${bounds}`;
    }
    case "bool":
      return "`true` or `false`";
    case "string":
      return kind.of === undefined
        ? "a text in quotes"
        : alternatives(kind.of.map((text) => `\`${JSON.stringify(text)}\``));
    case "choice":
      return kind.words.length === 1
        ? `\`${kind.words[0]}\``
        : `one of ${kind.words.map((word) => `\`${word}\``).join(", ")}`;
    case "word":
      return withArticle(tableNoun(kind.table));
    case "list":
      return `a list of ${kind.length === undefined ? "" : `${kind.length} `}${describeMany(kind.of)}`;
    case "pair":
      return `a whole number, ${kind.min} or more, or a pair of them`;
    case "either":
      return alternatives(kind.of.map(describeKind));
    case "column":
      return "the name of a column";
    case "columns":
      return 'a column, a list of columns or `columns("first", "last")`';
    case "name":
      return `the name of ${nameNoun(kind.of)}`;
    case "record":
      return `\`{ name: … }\` with ${describeKind(kind.of)} for each name`;
    case "path":
      return "a path such as `validation.loss`";
    case "cell":
      return "a value (number, text in quotes, boolean)";
    case "expression":
      return kind.of === "loss"
        ? "a loss, or a sum of losses"
        : kind.of === "source"
          ? "a source of rows"
          : "a network";
    default:
      return kind satisfies never;
  }
}

/** "whole numbers, 1 or more": several of a kind. */
function describeMany(kind: SettingKind): string {
  switch (kind.kind) {
    case "int":
    case "number":
      return describeKind(kind).replace(/^a (whole )?number/, "$1numbers");
    case "string":
      return "texts in quotes";
    case "choice":
      return `words out of ${kind.words.map((word) => `\`${word}\``).join(", ")}`;
    case "word":
      return plural(tableNoun(kind.table));
    case "column":
    case "columns":
      return "column names";
    case "cell":
      return "values";
    case "name":
      return nameNoun(kind.of).replace(/^an? (\w+)/, (_, noun: string) => `names of ${plural(noun)}`);
    case "either":
      return alternatives(kind.of.map(describeMany));
    case "bool":
    case "list":
    case "pair":
    case "record":
    case "path":
    case "expression":
      return `places, each ${describeKind(kind)}`;
    default:
      return kind satisfies never;
  }
}

/** "losses", "penalties", "ways to clip". */
function plural(noun: string): string {
  const [first, ...rest] = noun.split(" ");
  if (rest[0] === "to") return [`${first}s`, ...rest].join(" ");
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

function nameNoun(of: "task" | "tensor" | "axis" | "declaration" | "source"): string {
  switch (of) {
    case "task":
      return "a task";
    case "tensor":
      return "a tensor";
    case "axis":
      return "an axis";
    case "declaration":
      return "a part of the network";
    case "source":
      return "a source of this section";
    default:
      return of satisfies never;
  }
}

/** A value as it would be written. */
export function writeValue(value: Value): string {
  if (value === null) return "none";
  if (typeof value === "string") return /^[A-Za-z_]\w*$/.test(value) ? value : JSON.stringify(value);
  if (typeof value !== "object") return String(value);
  if (isList(value)) return `[${value.map(writeValue).join(", ")}]`;
  if (isWord(value)) {
    const settings = Object.entries(value.settings).map(([name, setting]) => `${name}: ${writeValue(setting)}`);
    return settings.length === 0 ? value.word : `${value.word}(${settings.join(", ")})`;
  }
  const entries = Object.entries(value).map(([name, entry]) => `${name}: ${writeValue(entry)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

/** A setting's value as it would be written: words, names and paths stand without quotes. */
export function writeSetting(kind: SettingKind, value: Value): string {
  const kinds = kind.kind === "either" ? kind.of : [kind];
  const isBare = kinds.some((one) => one.kind === "path" || one.kind === "name" || one.kind === "choice");
  return typeof value === "string" && isBare ? value : writeValue(value);
}

/** A cell as it would be written: texts always in quotes. */
export function writeCell(cell: Cell): string {
  return typeof cell === "string" ? JSON.stringify(cell) : String(cell);
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Whether a value is a word with settings. */
export function isWord(value: unknown): value is { word: string; settings: Readonly<Record<string, Value>> } {
  return (
    typeof value === "object" &&
    value !== null &&
    "word" in value &&
    typeof value.word === "string" &&
    "settings" in value &&
    typeof value.settings === "object"
  );
}
