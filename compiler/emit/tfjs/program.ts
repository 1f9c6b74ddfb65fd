import type { Node, TensorType } from "../../graph/graph.ts";
import type { Expression } from "./expression.ts";

/**
 * A tensor graph as statements of TensorFlow.js in an order that runs. Values are numbered from 0 over the whole program; the
 * body of a loop may read values from outside by their numbers.
 */
export type Value = number;

export interface TfjsProgram {
  readonly inputs: readonly NamedValue[];
  readonly statements: readonly Statement[];
  readonly outputs: readonly NamedValue[];
  /** How many numbers are given out. */
  readonly values: number;
}

export interface NamedValue {
  readonly name: string;
  readonly value: Value;
  readonly type: TensorType;
}

export type Statement = Assignment | Loop;

/** `const value = expression`, where operand k of the expression is `operands[k]`. */
export interface Assignment {
  readonly kind: "assignment";
  readonly value: Value;
  readonly operands: readonly Value[];
  readonly expression: Expression;
  readonly node: Node;
}

/**
 * `for` over axis 0 of `sequences`. In each round `element` is the round's part of its sequence and `inside` what a carry is by
 * then (first `initial`, then the last round's `next`). Afterwards `result` is the last `next`, and each of `stacked` what
 * `inside` was in every round, stacked on axis 0 where its element lay. Where `reverse`, rounds go from the last element to
 * the first.
 */
export interface Loop {
  readonly kind: "loop";
  readonly length: number;
  readonly reverse: boolean;
  readonly sequences: readonly { readonly sequence: Value; readonly element: Value }[];
  readonly carries: readonly {
    readonly initial: Value;
    readonly inside: Value;
    readonly next: Value;
    /** Null where nobody reads it. */
    readonly result: Value | null;
  }[];
  readonly stacked: readonly { readonly inside: Value; readonly result: Value }[];
  readonly body: readonly Statement[];
  readonly node: Node;
}
