/** A setting of other libraries, and what is said of it here. */

/** Where a setting was written: in a layer's parentheses, in those of an input's kind, a source or a word, or in a declaration. */
export type Home = "layer" | "kind" | "source" | "word" | "input" | "task" | "train" | "data";

/** What was written, as far as it helps to say what to write instead. */
export interface Foreign {
  /** The layer, kind, source or word that it was given to: `dense`. */
  readonly word?: string;
  /** Its value as written: `"relu"`, `0.2`. */
  readonly value?: string;
  /** The word with what else was given to it: `dense(32)`. */
  readonly call?: string;
}

export interface ElsewhereRow {
  readonly names: readonly string[];
  readonly of: readonly Home[];
  /** Only in the parentheses of these words. */
  readonly words?: readonly string[];
  /** What is written instead, and where. */
  readonly say: (written: Foreign) => string;
}
