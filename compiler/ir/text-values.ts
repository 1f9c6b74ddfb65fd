import { quoted } from "../../grammar/literals.ts";
import type { Columns, Source, Type, Value, Word } from "./model.ts";
import type { Size } from "./size.ts";

/** How single values are written in IR text; `text-reader.ts` reads the same back. */

const bare = /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}\p{N}_]+)*$/u;
const reserved: ReadonlySet<string> = new Set(["true", "false", "none", "Infinity", "NaN"]);

/** A name or plain string without quotes where that reads back as itself. */
export function writeName(name: string): string {
  return bare.test(name) && !reserved.has(name) ? name : quoted(name);
}

export function writeNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

export function writeValue(value: Value): string {
  if (value === null) return "none";
  if (typeof value === "number") return writeNumber(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string") return writeName(value);
  if (isList(value)) return `[${value.map(writeValue).join(", ")}]`;
  if (isWord(value)) return writeWord(value);
  const entries = Object.entries(value).map(([key, each]) => `${writeName(key)}: ${writeValue(each)}`);
  return entries.length > 0 ? `{ ${entries.join(", ")} }` : "{}";
}

function isList(value: object): value is readonly Value[] {
  return Array.isArray(value);
}
/** A record that holds a word and its settings, and nothing else, is a word. */
function isWord(value: Word | { readonly [key: string]: Value }): value is Word {
  const { word, settings } = value;
  const plain = settings !== null && typeof settings === "object" && !Array.isArray(settings);
  return typeof word === "string" && plain && Object.keys(value).length === 2;
}

/** Always with parentheses, which tell a word from a string. */
export function writeWord({ word, settings }: Word): string {
  return `${writeName(word)}(${writeSettings(settings).join(", ")})`;
}
export function writeSettings(settings: Readonly<Record<string, Value>>): string[] {
  return Object.entries(settings).map(([key, value]) => `${writeName(key)}: ${writeValue(value)}`);
}

const plainUnknown = /^[\p{L}_][\p{L}\p{N}_]*\([\p{L}_][\p{L}\p{N}_.]*\)$/u;

/** `64`, `labels(intent) + 200`, `2*codes(user)`. */
export function writeSize(size: Size): string {
  if (typeof size === "number") return writeNumber(size);
  const terms = size.terms.map(({ unknowns, factor }) => {
    const names = unknowns.map((name) => (plainUnknown.test(name) ? name : quoted(name)));
    return factor === 1 && names.length > 0 ? names.join("*") : [writeNumber(factor), ...names].join("*");
  });
  return terms.join(" + ");
}

/** `[_, words: 35, 64]`; without a batch axis no `_`. */
export function writeShape(
  shape: readonly Size[],
  axes: readonly (string | null)[] | undefined,
  batch: boolean,
): string {
  const sizes = shape.map((size, i) => {
    const axis = axes?.[i] ?? null;
    return axis === null ? writeSize(size) : `${writeName(axis)}: ${writeSize(size)}`;
  });
  return `[${[...(batch ? ["_"] : []), ...sizes].join(", ")}]`;
}

/** `f32[_, 32]`, `per_task f32[_, 48]`, `i32[_, words: 50] of 8000`. */
export function writeType(type: Type): string {
  const shape = writeShape(type.shape, type.axes, type.batch ?? true);
  const codes = type.codes === undefined ? "" : ` of ${writeSize(type.codes)}`;
  return `${type.perTask ? "per_task " : ""}${type.element}${shape}${codes}`;
}

export function writeColumns(columns: Columns): string {
  return columns.kind === "names"
    ? `[${columns.names.map(quoted).join(", ")}]`
    : `columns(${quoted(columns.first)}, ${quoted(columns.last)})`;
}

/** Tables first, then settings: `join(csv(path: "a"), csv(path: "b"), on: user)`. */
export function writeSource(source: Source): string {
  const parts = [...source.operands.map(writeSource), ...writeSettings(source.settings)];
  return `${writeName(source.word)}(${parts.join(", ")})`;
}
