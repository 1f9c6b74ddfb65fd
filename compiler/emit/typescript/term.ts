import type { ElementType } from "../../graph/graph.ts";
import type { Literal } from "../tfjs/expression.ts";

/**
 * A computation as source will show it: a few constants, and an expression for each result. What is used once stands where it
 * is used; what is used more often is a constant of its own.
 */
export interface Body {
  /** In an order that runs. */
  readonly statements: readonly Statement[];
  readonly results: ReadonlyMap<string, Term>;
}

export type Statement = Constant | Loop;

/** `const … = …` */
export interface Constant {
  readonly kind: "constant";
  /** What terms call it by; source finds a name for it. */
  readonly id: string;
  readonly term: Term;
  /** The operation behind it, for its name. */
  readonly operation: string;
}

/** `for` over axis 0 of `sequences`: each round gives every carry its next value, and something to be stacked. */
export interface Loop {
  readonly kind: "loop";
  readonly reverse: boolean;
  readonly sequences: readonly { readonly element: string; readonly term: Term }[];
  readonly length: number;
  readonly carries: readonly { readonly id: string; readonly initial: Term; readonly next: Term }[];
  /** Lists that grow with the rounds; only those that are read. */
  readonly lists: readonly { readonly id: string; readonly term: Term }[];
  readonly body: readonly Statement[];
}

export type Term = Given | Named | Numbers | CallTerm;

interface Typed {
  /** Null where it is not known: inside of an operation's spelling. */
  readonly shape: readonly number[] | null;
}

/** A tensor from outside. */
export interface Given extends Typed {
  readonly kind: "given";
  readonly name: string;
}

/** The constant of a statement. */
export interface Named extends Typed {
  readonly kind: "named";
  readonly id: string;
}

/** Known values, row-major. */
export interface Numbers extends Typed {
  readonly kind: "constant";
  readonly element: ElementType;
  readonly shape: readonly number[];
  readonly values: number | Float64Array;
}

/** `tf.NAME(…)`, or a function of the module itself where `own`. */
export interface CallTerm extends Typed {
  readonly kind: "call";
  readonly name: string;
  readonly own: boolean;
  readonly arguments: readonly TermArgument[];
}

export type TermArgument = Term | Literal | { readonly kind: "tensors"; readonly items: readonly Term[] };
