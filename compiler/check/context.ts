import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type {
  Cell,
  Columns,
  DataSection,
  Input,
  LossTerm,
  Phase,
  Search,
  TaskKind,
  Type,
  Value,
  ValueId,
  Word,
} from "../ir/model.ts";
import type { Size } from "../ir/size.ts";
import type { Registry } from "../registry/registry.ts";
import type { Expression, InputDeclaration, SectionDeclaration, Span, TaskDeclaration } from "../../grammar/tree.ts";

/**
 * What the parts of the checker share. Whatever could not be understood is `undefined` everywhere: it has been reported
 * by whoever found it out (or is not known yet, inside a block's own text), and nobody says anything more about it.
 */
export interface CheckContext {
  readonly registry: Registry;
  /** Sizes that the data told, by name: `labels(species)`, `codes(island)`. */
  readonly sizes: Readonly<Record<string, number>>;
  /** What was declared above, by name. */
  readonly names: Names;
  /** Keeps a diagnostic. A second one of the same code at the same place is dropped. */
  report(diagnostic: Diagnostic): void;
  /** How many errors were reported until now: compare before and after to know whether a part is sound. */
  errors(): number;
  /**
   * The value of an expression of numbers, strings, booleans, lists, records and names of constants, with arithmetic.
   * A `search(…)` is none: whoever may have one looks for it first. Undefined after reporting.
   */
  constant(expression: Expression): Value | undefined;
  /** One axis in brackets: a size, or the name of a token input (`words`), whose length it has. */
  axis(expression: Expression): Axis | undefined;
  /** A tensor given as a setting (`gate: features`), computed where it stands. */
  tensor(expression: Expression, owner: string): Tensor | undefined;
  /** Keeps the choices of a `search(…)`. */
  search(search: Search): void;
}

export interface Axis {
  readonly size: Size;
  readonly axis: string | null;
}
export interface Tensor {
  readonly value: ValueId;
  readonly type: Type;
}

/** A name of the file, whatever declares it. */
export interface Declared {
  readonly name: string;
  readonly kind: "const" | "input" | "layer" | "block" | "shared" | "task" | "penalty";
  /** Where its name stands. */
  readonly span: Span;
}
export interface Names {
  /** What a name means here, if it was declared above; counts as a use of it. */
  use(name: string): Declared | undefined;
  /** The same, and is no use. */
  peek(name: string): Declared | undefined;
  /** Whether a name may be declared by text that could not be read, or with a mistake: nothing is said of its uses. */
  doubtful(name: string): boolean;
  /** Whether a name is declared further down, or by the declaration that it stands in; that is reported. */
  tooEarly(name: string, span: Span): boolean;
  /** Names that may be meant, for suggestions. */
  all(kinds?: readonly Declared["kind"][]): readonly string[];
}

// ── What the sections' own files give to the driver (`check/program.ts`) ─────────────────────────────────────────────
//
//   check/inputs.ts   checkInput:    (declaration, context) => Input | undefined
//   check/tasks.ts    checkTask:     (declaration, context) => TaskDraft
//   check/train.ts    checkTrain:    (declarations, program, context) => Phase[]
//   check/data.ts     checkData:     (declarations, program, context) => DataSection[]
//
// `checkInput` sets `type` whole: `axes` of tokens, `codes` of tokens and categories (`codes(island)` until data is bound).
// Heads and probabilities are left to the driver: it finds the entries `head` and `probability` in the settings itself.

export type CheckInput = (declaration: InputDeclaration, context: CheckContext) => Input | undefined;
export type CheckTask = (declaration: TaskDeclaration, context: CheckContext) => TaskDraft;
export type CheckTrain = (
  declarations: readonly SectionDeclaration[],
  program: ProgramFacts,
  context: CheckContext,
) => readonly Phase[];
export type CheckData = (
  declarations: readonly SectionDeclaration[],
  program: ProgramFacts,
  context: CheckContext,
) => readonly DataSection[];

/** A task without its head. */
export interface TaskDraft {
  readonly name: string;
  readonly doc?: string;
  /** Undefined where it could not be understood. */
  readonly kind?: TaskKind;
  /** Where the kind stands: `class(10)`. */
  readonly kindSpan?: Span;
  readonly target: Columns | null;
  /** The columns of `target: each([…])`, of which each is a task; null elsewhere. */
  readonly each: { readonly names: readonly string[]; readonly spans: readonly Span[] } | null;
  readonly positive?: readonly Cell[];
  readonly scale: "none" | "standard" | "minmax";
  readonly unit: string | null;
  readonly loss: readonly LossTerm[];
  readonly weight: number;
  readonly metrics: readonly Word[];
  /** True where one of its metrics was left out for a mistake. */
  readonly metricsLost?: boolean;
  readonly role: "main" | "auxiliary";
  readonly rowWeight: string | null;
  readonly span?: Span;
}

/** What train and data sections need to know of the rest. Tasks that could not be understood are in `names` all the same. */
export interface ProgramFacts {
  readonly inputs: readonly Input[];
  /** Every task, groups taken apart (`assay.NR-AR`). */
  readonly tasks: readonly TaskDraft[];
  /** Names of groups (`assay`) and how many tasks each has. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Names of declarations that own parameters or may be frozen: layers, shared tensors, tasks. */
  readonly owners: readonly string[];
  /** Every train and data section of the file: they share a set of names, and `stop` watches parts of the data. */
  readonly sections: readonly SectionDeclaration[];
}
