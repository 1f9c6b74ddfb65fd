import type { Cell, Columns, Value, Word } from "../ir/model.ts";

/**
 * Settings described as data: what a layer, loss, rule or source may be told, with kinds, ranges, defaults and docs.
 * Checker, hover, completion, documentation and `mtlc explain` all read these rows.
 */

export type SettingKind =
  | { readonly kind: "int"; readonly min?: number; readonly max?: number }
  | {
      readonly kind: "number";
      readonly min?: number;
      readonly max?: number;
      readonly above?: number;
      readonly below?: number;
    }
  | { readonly kind: "bool" }
  /** A text; one of these where they are listed. */
  | { readonly kind: "string"; readonly of?: readonly string[] }
  /** One of some plain words. */
  | { readonly kind: "choice"; readonly words: readonly string[] }
  /** A word of a table of the registry, with settings of its own: `start: normal(0.02)`, `tie: l2(1e-3)`. */
  | { readonly kind: "word"; readonly table: WordTable }
  /** `filled`: it is never empty. */
  | { readonly kind: "list"; readonly of: SettingKind; readonly length?: number; readonly filled?: true }
  /** A size or a pair of sizes: `kernel: 3`, `kernel: [3, 5]`. Always a pair once checked. */
  | { readonly kind: "pair"; readonly min: number }
  /** Any of several kinds. */
  | { readonly kind: "either"; readonly of: readonly SettingKind[] }
  /** A column's name: a string, or a plain word. */
  | { readonly kind: "column" }
  /** A list of columns, one column, or `columns("a", "z")`. */
  | { readonly kind: "columns" }
  /** Names of declarations of the file. */
  | { readonly kind: "name"; readonly of: "task" | "tensor" | "axis" | "declaration" | "source" }
  /** `{ name: … }` with free keys. */
  | { readonly kind: "record"; readonly of: SettingKind }
  /** A path such as `validation.digit.accuracy`. */
  | { readonly kind: "path" }
  /** A cell's value: number, string or boolean. */
  | { readonly kind: "cell" }
  /** Not a value but something that the checker elaborates: a head, a source, a sum of losses. For documentation. */
  | { readonly kind: "expression"; readonly of: "tensor" | "source" | "loss" };

/** Tables of words that may stand as a setting's value. */
export type WordTable =
  | "start"
  | "tie"
  | "tokenizer"
  | "augment"
  | "balance"
  | "optimizer"
  | "schedule"
  | "clip"
  | "average"
  | "stop"
  | "penalty"
  | "sampling"
  | "loss"
  | "metric";

export interface SettingRow<T = Value> {
  readonly kind: SettingKind;
  readonly doc: string;
  /** True for the one setting that may stand without its name. */
  readonly first: boolean;
  /** False where it must be written. A setting with `required: false` and no default is null when it is not written. */
  readonly required: boolean;
  readonly fallback?: Value;
  /** Carries the type; never read. */
  readonly _type?: T;
}
export type SettingRows = Readonly<Record<string, SettingRow<unknown>>>;
/** The plain data that a layer's functions receive. */
export type SettingValues<S extends SettingRows> = {
  readonly [K in keyof S]: S[K] extends SettingRow<infer T> ? T : never;
};

/** A setting under construction: `int({ min: 1 }).first().doc("…")`. Immutable. */
export class SettingBuilder<T> implements SettingRow<T> {
  readonly kind: SettingKind;
  readonly doc: string;
  readonly first: boolean;
  readonly required: boolean;
  readonly fallback?: Value;
  declare readonly _type?: T;
  private constructor(row: SettingRow<unknown>) {
    this.kind = row.kind;
    this.doc = row.doc;
    this.first = row.first;
    this.required = row.required;
    if (row.fallback !== undefined) this.fallback = row.fallback;
  }
  static of<T>(kind: SettingKind): SettingBuilder<T> {
    return new SettingBuilder<T>({ kind, doc: "", first: false, required: true });
  }
  /** May stand without its name. */
  positional(): SettingBuilder<T> {
    return new SettingBuilder<T>({ ...this.row(), first: true });
  }
  describe(doc: string): SettingBuilder<T> {
    return new SettingBuilder<T>({ ...this.row(), doc });
  }
  /** What it is when it is not written. */
  default(fallback: T & Value): SettingBuilder<T> {
    return new SettingBuilder<T>({ ...this.row(), required: false, fallback });
  }
  /** May be left out, and is null then. */
  optional(): SettingBuilder<T | null> {
    return new SettingBuilder<T | null>({ ...this.row(), required: false });
  }
  private row(): SettingRow<unknown> {
    return { kind: this.kind, doc: this.doc, first: this.first, required: this.required, fallback: this.fallback };
  }
}

export const int = (range: { min?: number; max?: number } = {}) => SettingBuilder.of<number>({ kind: "int", ...range });
export const number = (range: { min?: number; max?: number; above?: number; below?: number } = {}) =>
  SettingBuilder.of<number>({ kind: "number", ...range });
export const bool = (fallback: boolean) => SettingBuilder.of<boolean>({ kind: "bool" }).default(fallback);
export const string = (...of: readonly string[]) =>
  SettingBuilder.of<string>({ kind: "string", ...(of.length > 0 && { of }) });
export const choice = <const W extends readonly string[]>(...words: W) =>
  SettingBuilder.of<W[number]>({ kind: "choice", words });
export const word = (table: WordTable) => SettingBuilder.of<Word>({ kind: "word", table });
export const pair = (min = 1) => SettingBuilder.of<readonly [number, number]>({ kind: "pair", min });
export function list<T>(of: SettingBuilder<T>, length?: number) {
  return SettingBuilder.of<readonly T[]>({ kind: "list", of: of.kind, length });
}
/** A list that says something. */
export function filledList<T>(of: SettingBuilder<T>) {
  return SettingBuilder.of<readonly T[]>({ kind: "list", of: of.kind, filled: true });
}
export const either = <A, B>(a: SettingBuilder<A>, b: SettingBuilder<B>) =>
  SettingBuilder.of<A | B>({ kind: "either", of: [a.kind, b.kind] });
export const nameOf = (of: "task" | "tensor" | "axis" | "declaration" | "source") =>
  SettingBuilder.of<string>({ kind: "name", of });
export const column = () => SettingBuilder.of<string>({ kind: "column" });
/** The value is a `Columns` of the IR. */
export const columns = () => SettingBuilder.of<Columns>({ kind: "columns" });
export const path = () => SettingBuilder.of<string>({ kind: "path" });
export const cell = () => SettingBuilder.of<Cell>({ kind: "cell" });
/** For keys of sections only: never part of checked settings. */
export const expression = (of: "tensor" | "source" | "loss") => SettingBuilder.of<never>({ kind: "expression", of });
export function record<T>(of: SettingBuilder<T>) {
  return SettingBuilder.of<Readonly<Record<string, T>>>({ kind: "record", of: of.kind });
}

/** What every row of every table says of itself. */
export interface RowBase<S extends SettingRows = SettingRows> {
  readonly name: string;
  /** What it is, in a sentence or a few; formulas in plain text. First sentence is its summary. */
  readonly doc: string;
  readonly settings: S;
  /** False: known to check and describe, but nothing can run it yet; `train` stops with one diagnostic that names it. */
  readonly built: boolean;
  /** The paper, where there is one: an arXiv number or a title. */
  readonly source?: string;
  /** What it is called elsewhere (`Linear`, `bce`): only for suggestions. */
  readonly aliases?: readonly string[];
}
