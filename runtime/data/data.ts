import type { Cell } from "../../compiler/ir/model.ts";

/** What data becomes once a model is bound to it: plain arrays, and all that was learnt from the training rows. */

/** How a column of numbers was scaled: (x - shift) / factor. */
export interface Scale {
  readonly shift: readonly number[];
  readonly factor: readonly number[];
}

/** Everything learnt from training rows: kept with the model as `codes.json`. */
export interface Codes {
  readonly schema: 1;
  readonly inputs: Readonly<
    Record<
      string,
      {
        readonly scale?: Scale;
        /** What an empty cell of each column became. */
        readonly fill?: readonly number[];
        /** Categories: code k + 1 is values[k]; 0 is unseen or empty. */
        readonly categories?: readonly Cell[];
        /** Vocabulary: code k is tokens[k]; 0 padding, 1 unknown. */
        readonly tokens?: readonly string[];
      }
    >
  >;
  readonly tasks: Readonly<
    Record<
      string,
      {
        /** Labels by code (class). */
        readonly labels?: readonly Cell[];
        readonly scale?: Scale;
        /** How often each label (class), or [no, yes] of each flag, occurs in the training rows. */
        readonly counts?: readonly number[];
        /** The columns that a range stands for, where each holds a number of the answers. */
        readonly columns?: readonly string[];
      }
    >
  >;
}

export interface Target {
  /** [rows × elements]: Int32Array label codes for class and ordinal; Float32Array else (scaled where the task is scaled). Missing places hold 0. */
  readonly values: Float32Array | Int32Array;
  /** [rows × elements]: 1 present, 0 missing or padding, times the row's weight. */
  readonly weight: Float32Array;
}

/** Encoded rows, ready for batches. */
export interface RowSet {
  readonly rows: number;
  /** [rows × elements] by input name: f32 and image Float32Array; category, tokens, i32 Int32Array. */
  readonly inputs: Readonly<Record<string, Float32Array | Int32Array>>;
  readonly targets: Readonly<Record<string, Target>>;
  /** What trained runs say of the rows, [rows × elements × classes] logits, by the term of a loss that learns from them (`0/digit`). */
  readonly lessons?: Readonly<Record<string, Float32Array>>;
  /** The inputs of other networks that look at the same rows, by the network's name. */
  readonly seen?: Readonly<Record<string, RowSet["inputs"]>>;
  /** Where the rows come from, for messages: the number of each in its file, from 1. */
  readonly origin?: { readonly file: string; readonly rows: Int32Array };
}

/** One data section's parts. */
export interface BoundSection {
  readonly name: string | null;
  /** Tasks that have answers here. */
  readonly tasks: readonly string[];
  readonly train: RowSet;
  readonly validation: RowSet | null;
  readonly test: RowSet | null;
}

export interface BoundData {
  readonly sections: readonly BoundSection[];
  readonly codes: Codes;
  /** Sizes that only the data know, by the names that the checker uses: `labels(species)`, `codes(island)`. */
  readonly sizes: Readonly<Record<string, number>>;
}
