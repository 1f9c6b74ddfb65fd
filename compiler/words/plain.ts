import { bool, int, number, path, string } from "../registry/settings.ts";
import type { SettingRows } from "../registry/settings.ts";
import type { PlainRow } from "../registry/rows.ts";

function plain<S extends SettingRows>(row: PlainRow<S>): PlainRow<S> {
  return row;
}

const strength = number({ min: 0 }).positional().describe("λ, the factor of the penalty.");
const vocabulary = int({ min: 3 })
  .optional()
  .describe(
    "Size of the whole table, padding and unknown included: the most frequent tokens are kept. All tokens of the training rows where left out.",
  );

export const plainRows: readonly PlainRow[] = [
  plain({
    table: "clip",
    name: "norm",
    doc: "Shortens the gradient of the whole model to this length where it is longer: all gradients × min(1, limit / (‖g‖ + 1e-6)).",
    settings: { limit: number({ above: 0 }).positional().describe("The greatest length.") },
    built: true,
    aliases: ["clipnorm", "global_clipnorm", "clip_grad_norm_", "max_norm", "max_grad_norm"],
  }),
  plain({
    table: "clip",
    name: "value",
    doc: "Cuts each element of the gradient to ± this value.",
    settings: { limit: number({ above: 0 }).positional().describe("The greatest absolute value.") },
    built: true,
    aliases: ["clipvalue", "clip_grad_value_"],
  }),
  plain({
    table: "average",
    name: "ema",
    doc: "An exponential moving average of the weights, a ← δa + (1 - δ)p after every step; evaluation, the best model and export use it. Running statistics of norms are copied.",
    settings: {
      decay: number({ min: 0, below: 1 }).positional().default(0.999).describe("δ, how slowly it follows."),
      ramp: bool(false).describe("Begins with a smaller δ: min(decay, (1 + k) / (10 + k)) at step k."),
    },
    built: true,
    aliases: ["use_ema", "AveragedModel", "moving_average", "swa", "polyak"],
  }),
  plain({
    table: "stop",
    name: "early",
    doc: "Stops when the watched value has not improved for some epochs, and keeps the best weights.",
    settings: {
      on: path()
        .default("validation.loss")
        .describe("What is watched: `validation.loss`, or a metric such as `validation.digit.accuracy`."),
      patience: int({ min: 1 }).default(3).describe("Epochs without an improvement before it stops."),
    },
    built: true,
    aliases: ["EarlyStopping", "early_stopping", "patience"],
  }),
  plain({
    table: "tie",
    name: "l1",
    doc: "Draws the tasks' copies together: adds λ Σ over pairs of tasks and kernels of ‖W_i - W_j‖₁.",
    settings: { strength },
    built: false,
  }),
  plain({
    table: "tie",
    name: "l2",
    doc: "Draws the tasks' copies together: adds λ Σ over pairs of tasks and kernels of ‖W_i - W_j‖².",
    settings: { strength },
    built: false,
  }),
  plain({
    table: "tie",
    name: "trace",
    doc: "Draws the tasks' copies into few directions: adds λ times the sum of the singular values of the tasks' stacked kernels.",
    settings: { strength },
    built: false,
    aliases: ["nuclear", "trace_norm"],
  }),
  plain({
    table: "sampling",
    name: "every",
    doc: "A batch of each data section in every step, run as one. The default under a gradient rule.",
    settings: {},
    built: false,
    aliases: ["all", "joint"],
  }),
  plain({
    table: "sampling",
    name: "proportional",
    doc: "One data section a step, drawn with chances that follow their numbers of rows. The default otherwise.",
    settings: {},
    built: false,
    aliases: ["size", "weighted"],
  }),
  plain({
    table: "sampling",
    name: "equal",
    doc: "One data section a step, each as likely as the others.",
    settings: {},
    built: false,
    aliases: ["uniform"],
  }),
  plain({
    table: "sampling",
    name: "temperature",
    doc: "One data section a step, drawn with chances n^(1/T) for n rows: 1 is proportional, large T is equal.",
    settings: {
      temperature: number({ above: 0 }).positional().default(2).describe("T, from proportional at 1 towards equal."),
    },
    built: false,
    aliases: ["annealed"],
  }),
  plain({
    table: "sampling",
    name: "in_turn",
    doc: "One data section a step, one after the other.",
    settings: {},
    built: false,
    aliases: ["round_robin", "alternate", "cycle"],
  }),
  plain({
    table: "augment",
    name: "flip",
    doc: "Mirrors a training image from left to right, every second time.",
    settings: {},
    built: false,
    aliases: ["RandomFlip", "RandomHorizontalFlip", "mirror", "horizontal_flip"],
  }),
  plain({
    table: "augment",
    name: "crop",
    doc: "Shifts a training image by up to this many pixels in both directions; what comes in from outside is 0.",
    settings: { margin: int({ min: 1 }).positional().describe("Pixels.") },
    built: false,
    aliases: ["RandomCrop", "RandomTranslation", "shift"],
  }),
  plain({
    table: "tokenizer",
    name: "words",
    doc: "Cuts a text into runs of letters, digits and _, and single marks; a list is taken as it is, one token an element.",
    settings: { vocabulary, lowercase: bool(false).describe("Whether capital letters are made small first.") },
    built: true,
    aliases: ["word", "whitespace", "basic", "spacy", "split"],
  }),
  plain({
    table: "tokenizer",
    name: "characters",
    doc: "Cuts a text into its characters (code points).",
    settings: { vocabulary, lowercase: bool(false).describe("Whether capital letters are made small first.") },
    built: true,
    aliases: ["chars", "character", "letters", "char"],
  }),
  plain({
    table: "tokenizer",
    name: "wordpiece",
    doc: "Cuts words into the pieces of a ready vocabulary, read from the `vocab.txt` of a folder.",
    settings: {
      folder: string().positional().describe("The folder, relative to this file."),
      lowercase: bool(true).describe("Whether capital letters are made small first."),
    },
    built: false,
    aliases: ["bpe", "WordPieceTokenizer", "bert", "subword", "sentencepiece"],
  }),
];
