import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Morph } from "./ts-morph.ts";

/**
 * The sources of `mtlc/runtime`, from which a module takes what it needs. The build writes them beside the command; run from
 * source they are put together when they are asked for.
 */
export interface RollUp {
  /** In an order in which they can run. */
  readonly statements: readonly Statement[];
  /** What the runtime offers, with the name that it has among the statements. */
  readonly exported: Readonly<Record<string, string>>;
}

export interface Statement {
  /** What it declares; overloads of a function share a name. */
  readonly names: readonly string[];
  readonly parts: readonly Part[];
}

export type Part =
  | string
  /** The name of a statement, which must come along. */
  | { readonly use: string }
  /** Where this stands, what has that key is needed. */
  | { readonly need: string }
  /** Stands there only where the key is needed. */
  | { readonly key: string; readonly parts: readonly Part[] };

const known = new Map<Entry, RollUp>();

/** What texts take in: generated modules the runtime, loaders of graphs the rules of cells. The build reads this and writes each to `FILE`. */
export const entries = {
  runtime: { entry: "src/runtime.ts", file: "runtime-source.json" },
  loader: { entry: "src/loader.ts", file: "loader-source.json" },
} as const;
type Entry = keyof typeof entries;

export async function runtimeSource(morph: Morph, name: Entry = "runtime"): Promise<RollUp> {
  const { entry, file } = entries[name];
  const source =
    known.get(name) ??
    written(file) ??
    (await import("./roll-up.ts")).rollUp(morph, fileURLToPath(new URL("../..", import.meta.url)), entry);
  known.set(name, source);
  return source;
}

function written(file: string): RollUp | undefined {
  const path = new URL(`../${file}`, import.meta.url);
  if (!existsSync(path)) return undefined;
  const source: RollUp = JSON.parse(readFileSync(path, "utf8"));
  return source;
}
