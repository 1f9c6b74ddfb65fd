import type { Span } from "../../../grammar/tree.ts";

/** An expression of the network's own code, with what decides whether it may stand inside of another. */
export interface Expr {
  readonly code: string;
  /** Whether a method may be called on it as it stands. */
  readonly isPrimary: boolean;
  /** Layers with weights in it: source shows one of them a line. */
  readonly weighted: number;
  /** Where the calls of the module's own functions in it come from, in the order in which they run. */
  readonly places: readonly (Span | undefined)[];
}

export function plainExpr(code: string, isPrimary = true): Expr {
  return { code, isPrimary, weighted: 0, places: [] };
}
