import type { Span } from "../../../grammar/tree.ts";
import type { Task, TaskKind } from "../../ir/model.ts";

/** A task without its head. */
export interface TaskDraft extends Omit<Task, "kind" | "head" | "probability" | "group"> {
  /** Undefined where it could not be understood. */
  readonly kind?: TaskKind;
  /** Where the kind stands: `class(10)`. */
  readonly kindSpan?: Span;
  /** The columns of `target: each([…])`, of which each is a task; null elsewhere. */
  readonly each: { readonly names: readonly string[]; readonly spans: readonly Span[] } | null;
  /** True where one of its metrics was left out for a mistake. */
  readonly metricsLost?: boolean;
}
