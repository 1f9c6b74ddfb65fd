import type { Argument, Expression, Name, Span } from "../../../grammar/tree.ts";
import type { Value } from "../../ir/model.ts";
import type { LayerRow } from "../../registry/layer.ts";
import type { Context } from "../context/context.ts";
import type { TensorValue } from "../context/scope.ts";

/** A layer, block or chain by name, applied by an arrow or by parentheses. */
export interface Invocation {
  readonly name: Name;
  readonly given: readonly Argument[];
  readonly node: Expression;
  /** What the arrow brings; null where there is none. */
  readonly piped: TensorValue | null;
}

/** A tensor given to a layer; `span` is null for what an arrow brings. */
export interface Operand {
  readonly tensor: TensorValue;
  readonly span: Span | null;
}

/** What stands in a call's parentheses, sorted. */
export interface SortedArguments {
  readonly operands: readonly Operand[];
  readonly chains: readonly Expression[];
  readonly written: readonly Argument[];
  /** False where an operand stands in the wrong place. */
  readonly sound: boolean;
}

/** A layer, its operands worked out and its settings checked. */
export interface Application {
  readonly row: LayerRow;
  readonly node: Expression;
  readonly nameSpan: Span;
  readonly operands: readonly Operand[];
  readonly chains: readonly Expression[];
  /** Undefined where they have mistakes. */
  readonly settings: Readonly<Record<string, Value>> | undefined;
}

/** The block that is being used, for messages about its inside. */
export function useLabels(context: Context) {
  return context.use ? [{ span: context.use.span, message: `in this use of \`${context.use.name}\`` }] : [];
}
