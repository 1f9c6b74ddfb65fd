import type { Span } from "../../../grammar/tree.ts";
import type { Cell, Columns, KeySpans, LossTerm, TaskKind, Word } from "../../ir/model.ts";

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
  readonly spans?: KeySpans;
}
