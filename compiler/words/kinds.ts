import { cell, either, int, list } from "../registry/settings.ts";
import type { SettingRows } from "../registry/settings.ts";
import type { KindRow } from "../registry/rows.ts";

function kind<S extends SettingRows>(row: Omit<KindRow<S>, "table">): KindRow<S> {
  return { ...row, table: "kind" };
}

/** What an input may be. */
export const inputKinds = [
  kind({
    name: "f32",
    of: "input",
    doc: "Numbers. Without brackets one number an example, with brackets a tensor: `f32[8]` is eight columns or a vector, `f32[28, 28, 1]` an image with its channels last. The batch axis is implied.",
    settings: {},
    axes: true,
    built: true,
    aliases: ["float", "float32", "f64", "float64", "double", "number", "numeric", "real", "tensor", "array"],
    example: `input beak: f32[2] { from: ["Beak Length (mm)", "Beak Depth (mm)"], scale: standard, fill: mean }`,
  }),
  kind({
    name: "i32",
    of: "input",
    doc: "Whole numbers, for positions and codes that are already numbers. They are never scaled; `embed(8, codes: 24)` makes vectors of the codes 0 … 23.",
    settings: {},
    axes: true,
    built: true,
    aliases: ["int", "int32", "int64", "i64", "long", "integer", "index"],
    example: `input hour: i32`,
  }),
  kind({
    name: "category",
    of: "input",
    doc: 'A word or code out of a set. The set is written (`category(["red", "white"])`) or learnt on the training rows, and kept with the model. Code 0 means unseen or empty, then come the values, sorted. `embed` makes vectors of the codes.',
    settings: {
      values: list(cell())
        .positional()
        .optional()
        .describe("The values, in the order of their codes. Learnt on the training rows where it is left out."),
    },
    axes: false,
    built: true,
    aliases: [
      "categorical",
      "enum",
      "factor",
      "nominal",
      "CategoryEncoding",
      "StringLookup",
      "bool",
      "boolean",
      "flag",
    ],
    example: `input island: category { from: "Island" }`,
  }),
  kind({
    name: "tokens",
    of: "input",
    doc: "A text, cut into tokens, as codes `i32[length]`: 0 is padding, 1 an unknown token. The axis is named after the input and carries its padding with it. `embed` makes vectors of the codes.",
    settings: {
      length: int({ min: 1 })
        .positional()
        .describe("Tokens kept of each text; longer texts are cut, shorter ones padded."),
    },
    axes: false,
    built: true,
    aliases: ["text", "sequence", "words", "string", "TextVectorization", "sentence"],
    example: `input text: tokens(40) { tokenizer: words(vocabulary: 4000, lowercase: true) }`,
  }),
  kind({
    name: "image",
    of: "input",
    doc: "A picture read from a file, `f32[height, width, channels]`.",
    settings: {
      height: int({ min: 1 }).positional().describe("Rows of pixels."),
      width: int({ min: 1 }).positional().describe("Pixels of a row."),
      channels: int({ min: 1, max: 4 }).positional().describe("1 for grey, 3 for colours, 4 with transparency."),
    },
    axes: false,
    built: false,
    aliases: ["picture", "img", "photo"],
    example: `input photo: image(64, 64, 3) { augment: [flip, crop(4)] }`,
  }),
] as const;

/** What a task may predict. */
export const taskKinds = [
  kind({
    name: "class",
    of: "task",
    doc: 'One of several classes. `class(10)` reads the whole numbers 0 … 9, `class(["ham", "spam"])` the written labels, a bare `class` learns its labels from the training rows. The head gives one logit a class. Brackets ask for one class along axes: `class(17)[words]`.',
    settings: {
      labels: either(int({ min: 2 }), list(cell()))
        .positional()
        .optional()
        .describe("The number of classes, or their labels. Learnt on the training rows where it is left out."),
    },
    axes: true,
    built: true,
    losses: ["cross_entropy"],
    metrics: ["accuracy", "f1"],
    aliases: ["classes", "categorical", "multiclass", "classification", "label", "softmax", "category", "enum"],
    example: `task species: class { head: x -> dense, target: "Species" }`,
  }),
  kind({
    name: "flag",
    of: "task",
    doc: "Yes or no. The head gives one logit; `positive:` says which values of the column mean yes (without it 1, true and yes do).",
    settings: {},
    axes: true,
    built: true,
    losses: ["binary_cross_entropy"],
    metrics: ["accuracy", "auc"],
    aliases: ["binary", "bool", "boolean", "logical", "yesno", "bit"],
    example: `task sex: flag { head: x -> dense, positive: "FEMALE" }`,
  }),
  kind({
    name: "flags",
    of: "task",
    doc: "Several independent yes/no answers that share one head: a list of columns or an array. The head gives one logit a flag. (`target: each([…])` makes a task of its own of each column instead.) Brackets ask for them along axes: `flags(4)[words]` four of each token, from lists in a list or a list in each of four columns.",
    settings: { count: int({ min: 1 }).positional().describe("How many flags.") },
    axes: true,
    built: true,
    losses: ["binary_cross_entropy"],
    metrics: ["auc", "f1"],
    aliases: ["multilabel", "multi_label", "multihot", "tags", "bools"],
    example: `task topics: flags(3) { head: x -> dense, target: ["sport", "politics", "film"] }`,
  }),
  kind({
    name: "real",
    of: "task",
    doc: "Numbers. `real` is one, `real[4]` four, `real[28, 28, 1]` an array: the brackets are the target's whole shape. `scale: standard` trains on the scaled target while metrics stay in its own units.",
    settings: {},
    axes: true,
    built: true,
    losses: ["mse"],
    metrics: ["mae", "r2"],
    aliases: ["regression", "float", "number", "numeric", "continuous", "f32", "float32"],
    example: `task mass: real { head: x -> dense, target: "Body Mass (g)", scale: standard, unit: "g" }`,
  }),
  kind({
    name: "count",
    of: "task",
    doc: "How many: 0, 1, 2 … The head gives the logarithm of the expected number.",
    settings: {},
    axes: true,
    built: true,
    losses: ["poisson"],
    metrics: ["mae"],
    aliases: ["counts", "poisson", "int", "integer"],
    example: `task strokes: count { head: x -> dense }`,
  }),
  kind({
    name: "ordinal",
    of: "task",
    doc: 'Ordered classes, such as ratings. `ordinal(5)` reads the whole numbers 0 … 4, `ordinal([1, 2, 3, 4, 5])` and `ordinal(["low", "mid", "high"])` the written levels, the lowest first. The head gives a logit for each step from a level to the next.',
    settings: {
      levels: either(int({ min: 2 }), list(cell()))
        .positional()
        .describe("The number of levels, or the levels in their order, the lowest first."),
    },
    axes: true,
    built: true,
    losses: ["ordinal"],
    metrics: ["mae", "accuracy"],
    aliases: ["rank", "rating", "ordered", "corn", "coral"],
    example: `task rating: ordinal(5) { head: x -> dense }`,
  }),
] as const;

/** What a setting of a block may be. */
export const blockKinds = [
  kind({
    name: "int",
    of: "block",
    doc: "A whole number: a width, a size, how many.",
    settings: {},
    axes: false,
    built: true,
    aliases: ["integer", "i32", "size", "long"],
    example: `block wide(x, width: int) { return x -> dense(width) }`,
  }),
  kind({
    name: "number",
    of: "block",
    doc: "Any number: a rate, a factor.",
    settings: {},
    axes: false,
    built: true,
    aliases: ["float", "f32", "real", "double"],
    example: `block dropped(x, rate: number = 0.1) { return x -> dropout(rate) }`,
  }),
  kind({
    name: "bool",
    of: "block",
    doc: "`true` or `false`.",
    settings: {},
    axes: false,
    built: true,
    aliases: ["boolean", "flag"],
    example: `block fitted(x, bias: bool = true) { return x -> dense(8, bias: bias) }`,
  }),
  kind({
    name: "string",
    of: "block",
    doc: "A word or a text in quotes, handed on to a layer's setting.",
    settings: {},
    axes: false,
    built: true,
    aliases: ["str", "text", "word"],
    example: `block padded(x, padding: string = "same") { return x -> conv2d(8, kernel: 3, padding: padding) }`,
  }),
  kind({
    name: "chain",
    of: "block",
    doc: "A pipeline of layers that the block applies where it likes; each place has weights of its own.",
    settings: {},
    axes: false,
    built: true,
    aliases: ["layer", "layers", "module", "sequential"],
    example: `block around(x, body: chain) { return x + (x -> body) }`,
  }),
] as const;

export const kindRows: readonly KindRow[] = [...inputKinds, ...taskKinds, ...blockKinds];
