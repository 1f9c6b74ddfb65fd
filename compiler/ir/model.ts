import type { Span } from "../../grammar/tree.ts";
import type { Size } from "./size.ts";

/**
 * The model IR: what a file means. Blocks, layers and constants are gone; one instruction a layer; every type and every
 * setting (defaults too) is explicit. `printModel` writes it as text, `parseModel` reads that text back to an equal value.
 * Spans are kept for diagnostics but are no part of the meaning: printing leaves them out, comparing ignores them.
 */

export type Element = "f32" | "i32";

/** Type of a value in the IR. The batch axis is implied and not part of `shape`. */
export interface Type {
  readonly element: Element;
  readonly shape: readonly Size[];
  /** For each axis of `shape` the token input it runs along (`words`), or null. All null where absent. */
  readonly axes?: readonly (string | null)[];
  /** True for a tensor that exists once for every task that reads it. */
  readonly perTask?: boolean;
  /** False for what no batch axis belongs to: penalties, reduced scalars. True where absent. */
  readonly batch?: boolean;
  /**
   * For `i32`: how many codes there are, the reserved ones counted (`codes(island)` of a category, the vocabulary of tokens).
   * `embed` makes a row for each. Codes along a token axis have padding at 0; a category's 0 is an ordinary code.
   */
  readonly codes?: Size;
}

/** A setting's value once checked: plain data. */
export type Value = number | boolean | string | null | readonly Value[] | Word | { readonly [key: string]: Value };

/** A word of the registry with all of its settings: `{ word: "cosine", settings: { warmup: 100, floor: 0 } }`. */
export interface Word {
  readonly word: string;
  readonly settings: Readonly<Record<string, Value>>;
}

/** Names a value: an input's name or an instruction's id. */
export type ValueId = string;

export interface Instruction {
  /** Unique in its model. The value of `shared bird` is `bird`, of task species' head `species`; others are `bird.1`, `bird.2` … in order. */
  readonly id: ValueId;
  /** Name of the layer row. */
  readonly layer: string;
  readonly inputs: readonly ValueId[];
  readonly settings: Readonly<Record<string, Value>>;
  /** Where its parameters stand: `trunk.conv2d_1`, `project.dense_1`. Instructions that share weights share the path. */
  readonly path: string;
  /** The declaration that this instruction belongs to. */
  readonly owner: string;
  readonly type: Type;
  /** Chains given to the layer, each applied with this instruction's own weights. `repeat(3, c)` has three, `residual(c)` one. */
  readonly regions?: readonly Region[];
  readonly span?: Span;
}

/** A chain as a function of one value. */
export interface Region {
  /** The id of its argument inside. */
  readonly argument: ValueId;
  readonly argumentType: Type;
  readonly instructions: readonly Instruction[];
  readonly result: ValueId;
}

/** Where keys and the words of their values stand: `kind`, `balance`, `balance.1`, `balance.1.over`. */
export type KeySpans = Readonly<Record<string, Span>>;

/** A cell's value as a file names it: `4`, `"ham"`, `true`. */
export type Cell = string | number | boolean;

/** Which columns a declaration reads. */
export type Columns =
  | { readonly kind: "names"; readonly names: readonly string[]; readonly spans?: readonly Span[] }
  | { readonly kind: "range"; readonly first: string; readonly last: string };

export interface Input {
  readonly name: string;
  readonly doc?: string;
  readonly kind:
    | { readonly word: "f32" | "i32" }
    | { readonly word: "category"; readonly values?: readonly Cell[] }
    | { readonly word: "tokens"; readonly length: number }
    | { readonly word: "image"; readonly height: number; readonly width: number; readonly channels: number };
  readonly type: Type;
  readonly from: Columns;
  readonly scale: "none" | "standard" | "minmax";
  /** What an empty cell becomes; null where an empty cell is an error. */
  readonly fill: "mean" | "median" | number | null;
  readonly tokenizer?: Word;
  readonly augment: readonly Word[];
  readonly span?: Span;
  readonly spans?: KeySpans;
}

export interface LossTerm {
  readonly factor: number;
  readonly loss: Word;
  readonly span?: Span;
}

export interface TaskKind {
  readonly word: "class" | "flag" | "flags" | "real" | "count" | "ordinal";
  /** Number of classes, flags, ordered levels; unknown for a bare `class` until data is bound. 1 elsewhere. */
  readonly size: Size;
  /** Labels written in the file; absent for `class` (learnt) and `class(n)` (0 … n - 1). */
  readonly labels?: readonly Cell[];
  /** True where labels are learnt from the training rows. */
  readonly learnt: boolean;
  /** Shape of one answer without the class axis: `[words]` has one axis, `real[4]` one of 4, `class(10)` none. */
  readonly shape: readonly Size[];
  readonly axes?: readonly (string | null)[];
}

export interface Task {
  readonly name: string;
  readonly doc?: string;
  readonly kind: TaskKind;
  /** The value of its head (logits, values, log rates), or null for a task that is a product of probabilities. */
  readonly head: ValueId | null;
  /** The value of `probability:`, else null. */
  readonly probability: ValueId | null;
  /** `{ kind: "names", … }`, or null for `target: none`. */
  readonly target: Columns | null;
  /** True when `target: each([...])` made this one of several tasks of a group, whose name comes before the dot. */
  readonly group?: string;
  readonly positive?: readonly Cell[];
  readonly scale: "none" | "standard" | "minmax";
  readonly unit: string | null;
  readonly loss: readonly LossTerm[];
  readonly weight: number;
  readonly metrics: readonly Word[];
  readonly role: "main" | "auxiliary";
  readonly rowWeight: string | null;
  readonly span?: Span;
  readonly spans?: KeySpans;
}

export interface Penalty {
  readonly name: string;
  readonly value: ValueId;
  readonly span?: Span;
}

export interface Phase {
  /** Null for an unnamed `train`. */
  readonly name: string | null;
  readonly balance: readonly Word[];
  readonly optimizer: Word;
  readonly schedule: Word;
  readonly clip: Word | null;
  readonly accumulate: number;
  readonly average: Word | null;
  /** Exactly one of `epochs` and `steps` is not null. */
  readonly epochs: number | null;
  readonly steps: number | null;
  readonly batch: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly stop: { readonly on: string; readonly patience: number } | null;
  /** Learning-rate factors by declaration name. */
  readonly rates: Readonly<Record<string, number>>;
  readonly freeze: readonly string[];
  readonly penalty: readonly Word[];
  readonly sampling: Word | null;
  readonly span?: Span;
  readonly spans?: KeySpans;
}

/** Where rows come from. */
export interface Source {
  /** `csv`, `npz`, `join`, `part` …: a row of the sources table. */
  readonly word: string;
  readonly settings: Readonly<Record<string, Value>>;
  /** Tables this one is made of (`join`, `beside`). `part` names its section's source in `settings.of`. */
  readonly operands: readonly Source[];
  readonly span?: Span;
  /** Where columns are named in its settings: `on`, `group`, `only.split`. */
  readonly spans?: Readonly<Record<string, Span>>;
  /** Some of its settings have mistakes and are left out: never in a sound model. */
  readonly doubtful?: true;
}

export interface DataSection {
  readonly name: string | null;
  readonly train: Source;
  readonly validation: Source | null;
  readonly test: Source | null;
  /** Names of tasks, or null for all. */
  readonly tasks: readonly string[] | null;
  /** The keys in the order written: parts are cut in that order. */
  readonly order: readonly ("train" | "validation" | "test")[];
  readonly span?: Span;
}

/** A `search(…)`: where its value went (`train.optimizer.rate`) and what it may be. */
export interface Search {
  readonly path: string;
  readonly choices:
    readonly Value[] | { readonly low: number; readonly high: number; readonly scale: "linear" | "log" };
  readonly chosen: Value;
}

export interface Model {
  readonly name: string;
  readonly doc?: string;
  readonly inputs: readonly Input[];
  readonly instructions: readonly Instruction[];
  /** Named tensors in the order of the file: name to value. Holds shared tensors. */
  readonly shared: readonly { readonly name: string; readonly value: ValueId; readonly doc?: string }[];
  readonly tasks: readonly Task[];
  readonly penalties: readonly Penalty[];
  readonly phases: readonly Phase[];
  readonly data: readonly DataSection[];
  readonly searches: readonly Search[];
}
