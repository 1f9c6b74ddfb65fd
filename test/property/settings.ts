import type { Size } from "../../compiler/ir/size.ts";
import type { Value, Word } from "../../compiler/ir/model.ts";
import { wordTable, type Registry } from "../../compiler/registry/registry.ts";
import type { RowBase, SettingKind, SettingRow, SettingRows, WordTable } from "../../compiler/registry/settings.ts";
import type { Draw } from "./draw.ts";

/** Random settings of any row, as text and as the value that checking makes of it. */

/** What settings may refer to, and which rows are looked for at the moment. */
export interface Surroundings {
  readonly registry: Registry;
  readonly draw: Draw;
  /** Token axes. */
  readonly axes: Readonly<Record<string, Size>>;
  /** Heavier rows are chosen more often. */
  weight(table: string, name: string): number;
  /** Learning rates to choose from; any number where absent, and training may leave all bounds. */
  readonly rates?: readonly number[];
}

export interface Written<T = Value> {
  readonly text: string;
  readonly value: T;
}

const wholeNumbers = [0, 1, 2, 3, 4, 6, 8];
const numbers = [0, 0.01, 0.1, 0.25, 0.5, 0.9, 1, 1.5, 2];

/** A value of this kind; null where there is none to be written here. */
export function writeValue(kind: SettingKind, at: Surroundings): Written | null {
  const { draw } = at;
  switch (kind.kind) {
    case "int": {
      const { min = 0, max = 8 } = kind;
      const fitting = wholeNumbers.filter((value) => value >= min && value <= max);
      return fitting.length > 0 ? plain(draw.pick(fitting)) : null;
    }
    case "number": {
      const { min = -Infinity, max = Infinity, above = -Infinity, below = Infinity } = kind;
      const fitting = numbers.filter((value) => value >= min && value <= max && value > above && value < below);
      return fitting.length > 0 ? plain(draw.pick(fitting)) : null;
    }
    case "bool":
      return plain(draw.chance(0.5));
    case "choice":
      return plain(draw.pick(kind.words));
    case "word":
      return writeWord(kind.table, at);
    case "pair": {
      const sizes = [1, 2, 3].filter((size) => size >= kind.min);
      const [high, wide] = [draw.pick(sizes), draw.pick(sizes)];
      return draw.chance(0.5)
        ? { text: String(high), value: [high, high] }
        : { text: `[${high}, ${wide}]`, value: [high, wide] };
    }
    case "list": {
      const items = Array.from({ length: kind.length ?? draw.between(1, 3) }, () => writeValue(kind.of, at));
      const written = items.filter((item) => item !== null);
      if (written.length < items.length) return null;
      return { text: `[${written.map(({ text }) => text).join(", ")}]`, value: written.map(({ value }) => value) };
    }
    case "either": {
      for (const one of draw.shuffled(kind.of)) {
        const written = writeValue(one, at);
        if (written) return written;
      }
      return null;
    }
    case "name": {
      const names = kind.of === "axis" ? Object.keys(at.axes) : [];
      return names.length > 0 ? plain(draw.pick(names)) : null;
    }
    case "string":
    case "column":
    case "columns":
    case "record":
    case "path":
    case "cell":
    case "expression":
      return null;
    default:
      return kind satisfies never;
  }
}

function plain(value: number | boolean | string): Written {
  return { text: String(value), value };
}

/** Settings that stand for what only one of several tasks, a head or a whole program could decide. */
const leftOut: ReadonlySet<string> = new Set(["bias_start", "over", "gradients", "class_weights", "positive_weight"]);

/** A word of a table with settings: `normal(sd: 0.1)`. */
export function writeWord(
  table: WordTable,
  at: Surroundings,
  fits: (row: RowBase) => boolean = () => true,
): Written<Word> | null {
  const rows = [...wordTable(at.registry, table).values()].filter((row) => row.built && fits(row));
  for (const row of at.draw.ordered(rows, ({ name }) => at.weight(table, name))) {
    const settings = writeSettings(row.settings, at);
    if (!settings) continue;
    return {
      text: settings.text === "" ? row.name : `${row.name}(${settings.text})`,
      value: { word: row.name, settings: settings.value },
    };
  }
  return null;
}

/** Settings of a row as they stand between its parentheses, with every default filled in; null where one cannot be written. */
export function writeSettings(
  rows: SettingRows,
  at: Surroundings,
  given: Readonly<Record<string, Written | null>> = {},
  byPlace = true,
): Written<Readonly<Record<string, Value>>> | null {
  const positional: string[] = [];
  const named: string[] = [];
  const value: Record<string, Value> = {};
  for (const [name, row] of Object.entries(rows)) {
    const written = name in given ? given[name] : leftOut.has(name) ? null : chosen(name, row, at);
    if (written) {
      value[name] = written.value;
      if (byPlace && row.first && at.draw.chance(0.6)) positional.push(written.text);
      else named.push(`${name}: ${written.text}`);
    } else {
      if (row.required) return null;
      value[name] = row.fallback === undefined ? null : withDefaults(row, at.registry);
    }
  }
  return { text: [...positional, ...at.draw.shuffled(named)].join(", "), value };
}

function chosen(name: string, row: SettingRow<unknown>, at: Surroundings): Written | null {
  if (!row.required && !at.draw.chance(0.4)) return null;
  return name === "rate" && at.rates ? plain(at.draw.pick(at.rates)) : writeValue(row.kind, at);
}

/** A word that stands as a default has all of its own settings. */
function withDefaults({ kind, fallback = null }: SettingRow<unknown>, registry: Registry): Value {
  const table = tableOf(kind);
  if (!table || !isWord(fallback)) return fallback;
  const row = wordTable(registry, table).get(fallback.word);
  const own = Object.entries(row?.settings ?? {}).map(([name, setting]) => [name, setting.fallback ?? null]);
  return { word: fallback.word, settings: { ...Object.fromEntries(own), ...fallback.settings } };
}

function tableOf(kind: SettingKind): WordTable | null {
  if (kind.kind === "word") return kind.table;
  return kind.kind === "either" ? (kind.of.map(tableOf).find((table) => table !== null) ?? null) : null;
}

function isWord(value: Value): value is Word {
  return typeof value === "object" && value !== null && "word" in value;
}
