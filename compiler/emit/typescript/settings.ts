import type { Value } from "../../ir/model.ts";
import type { SettingRows } from "../../registry/settings.ts";
import type { Quantity } from "./formula.ts";
import { camelCase } from "./names.ts";

/** Settings of layers, losses and rules as arguments of the functions that are written for them. */

/** A setting that a function is told, because its callers differ in it or because the file says it. */
export interface ExposedSetting {
  readonly name: string;
  readonly code: string;
  /** TypeScript's. A word is the union of those that are used. */
  readonly type: string;
}

type Settings = Readonly<Record<string, Value>>;

/** What of the settings a function has to be told, given all of its callers. */
export function exposedSettings(
  rows: SettingRows,
  callers: readonly Settings[],
  /** Names that a setting must not have: of weights. */
  taken: ReadonlySet<string> = new Set(),
): readonly ExposedSetting[] {
  return Object.entries(rows).flatMap(([name, row]): ExposedSetting[] => {
    if (taken.has(name)) return [];
    const values = callers.map((settings) => settings[name]);
    const isEqual = values.every((value) => JSON.stringify(value) === JSON.stringify(values[0]));
    const isDefault = JSON.stringify(values[0]) === JSON.stringify(row.fallback ?? null);
    if (isEqual && isDefault) return [];
    const code = camelCase(name);
    if (values.every((value) => typeof value === "number")) return [{ name, code, type: "number" }];
    if (values.every(isPair)) return [{ name, code, type: "number | [number, number]" }];
    if (!isEqual && values.every((value) => typeof value === "string"))
      return [{ name, code, type: [...new Set(values.map((value) => JSON.stringify(value)))].sort().join(" | ") }];
    return [];
  });
}

/** The same for some of the callers: a word on which they agree is theirs, and a union names their words alone. */
export function narrowed(exposed: readonly ExposedSetting[], callers: readonly Settings[]): readonly ExposedSetting[] {
  return exposed.flatMap((each): ExposedSetting[] => {
    if (!isWord(each)) return [each];
    const words = [...new Set(callers.map((settings) => JSON.stringify(settings[each.name])))];
    return words.length === 1 ? [] : [{ ...each, type: words.sort().join(" | ") }];
  });
}

function isWord({ type }: ExposedSetting): boolean {
  return type.includes('"');
}

export function isPair(value: Value | undefined): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === "number");
}

/** What exposed settings are in each trace. */
export function settingQuantities(exposed: readonly ExposedSetting[], traces: readonly Settings[]) {
  const quantities: Quantity[] = [];
  const pairs: { code: string; values: readonly (readonly number[])[] }[] = [];
  const words: { code: string; values: readonly string[] }[] = [];
  for (const each of exposed) {
    const { name, code, type } = each;
    const values = traces.map((settings) => settings[name]);
    if (type === "number") quantities.push({ code, kind: "setting", values: values.map(Number) });
    else if (isWord(each)) words.push({ code, values: values.map(String) });
    else {
      const list = values.map((value) => (isPair(value) ? value : [NaN, NaN]));
      pairs.push({ code, values: list });
      for (const k of [0, 1])
        quantities.push({ code: `${code}[${k}]`, kind: "setting", values: list.map((pair) => pair[k]) });
    }
  }
  return { quantities, pairs, words };
}

/** Other values of the exposed settings, to see what depends on them; null where there are none to try. */
export function otherSettings(
  rows: SettingRows,
  exposed: readonly ExposedSetting[],
  settings: Settings,
): Settings | null {
  const changed = exposed.flatMap(({ name, type }): [string, Value][] => {
    const value = settings[name];
    if (type === "number" && typeof value === "number") return [[name, otherNumber(value, rows[name].kind)]];
    return type === "number | [number, number]" && isPair(value) ? [[name, [value[0] + 1, value[1] + 2]]] : [];
  });
  return changed.length === 0 ? null : { ...settings, ...Object.fromEntries(changed) };
}

function otherNumber(value: number, kind: SettingRows[string]["kind"]): number {
  if (kind.kind === "int") return value + 1;
  // Towards one half of itself and a little: stays within any range that holds both 0 and 1 at its ends.
  return value * 0.5 + 0.0625;
}
