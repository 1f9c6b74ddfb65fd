import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Value } from "../../compiler/ir/model.ts";
import type { RowBase } from "../../compiler/registry/settings.ts";

/** Expected numbers made by other programs; the README of their folder says by which, and how they are compared. */
const folder = new URL("../golden/", import.meta.url);

/** A golden file's content. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, folder), "utf8"));
}

/** Numbers nested in lists, null where one is missing. */
export type Nested = number | null | readonly Nested[];

export function flatten(nested: Nested): (number | null)[] {
  return typeof nested === "number" || nested === null ? [nested] : nested.flatMap(flatten);
}
export function numbers(nested: Nested): number[] {
  return flatten(nested).map((value) => value ?? NaN);
}
export function shapeOf(nested: Nested): number[] {
  return typeof nested === "number" || nested === null ? [] : [nested.length, ...shapeOf(nested[0])];
}

/** |y - e| ≤ tolerance · max(1, |e|), element by element. */
export function expectClose(got: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(got.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const off = Math.abs(got[i] - expected[i]);
    if (!(off <= tolerance * Math.max(1, Math.abs(expected[i])))) {
      expect.fail(`element ${i}: ${got[i]} instead of ${expected[i]} (tolerance ${tolerance})`);
    }
  }
}

/** A row's settings: those given, defaults for the rest. Unknown names are mistakes of the test. */
export function settingsOf(row: RowBase, given: Readonly<Record<string, Value>>): Record<string, Value> {
  for (const name of Object.keys(given)) {
    if (!(name in row.settings)) throw new Error(`${row.name} has no setting ${name}`);
  }
  const fallbacks = Object.entries(row.settings).map(([name, setting]) => [name, setting.fallback ?? null]);
  return { ...Object.fromEntries(fallbacks), ...given };
}

/** Prints what a golden test left out; tests that leave something out call it. */
export function printUnbuilt(file: string, names: readonly string[]): void {
  if (names.length === 0) return;
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const list = [...counts].map(([name, count]) => `${name} ${count}`).join(", ");
  console.info(`${file}: ${names.length} entries of what is not built: ${list}`);
}
