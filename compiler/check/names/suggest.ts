import type { Fix } from "../../diagnostics/diagnostic.ts";
import type { RowBase } from "../../registry/settings.ts";
import type { Span } from "../../../grammar/tree.ts";

/** What things are called elsewhere: other name to ours. Compared without case and marks. */
export type Aliases = ReadonlyMap<string, string>;

/**
 * The candidate that a word was most likely meant to be: the same but for case, blanks and marks, then what another library
 * calls it, then the nearest by edits (insert, delete, replace, swap neighbours; one for short words, three for long ones).
 */
export function suggest(written: string, candidates: readonly string[], aliases?: Aliases): string | undefined {
  if (candidates.includes(written)) return undefined;
  const word = plain(written);
  const same = word === "" ? undefined : candidates.find((candidate) => plain(candidate) === word);
  if (same !== undefined) return same;
  const names = new Map(candidates.map((candidate) => [plain(candidate), candidate]));
  for (const [alias, name] of aliases ?? []) {
    if (!candidates.includes(name)) continue;
    if (plain(alias) === word) return name;
    if (!names.has(plain(alias))) names.set(plain(alias), name);
  }
  let best: { name: string; distance: number } | undefined;
  for (const [text, name] of names) {
    const limit = tolerance(Math.max(text.length, word.length));
    if (Math.abs(text.length - word.length) > limit) continue;
    // Between equals, the one that begins alike.
    const distance = editDistance(word, text) + (text[0] === word[0] ? 0 : 0.5);
    if (distance <= limit + 0.5 && (best === undefined || distance < best.distance)) best = { name, distance };
  }
  return best?.name;
}

/** `Body Mass (g)` and `body_mass_g` are alike. */
function plain(word: string): string {
  return word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

function tolerance(length: number): number {
  return length < 3 ? 0 : length < 6 ? 1 : length < 9 ? 2 : 3;
}

/** Optimal string alignment: inserts, deletions, replacements and swaps of neighbours, one each. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      let least = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2] + 1);
      row.push(least);
    }
    before = above;
    above = row;
  }
  return above[b.length];
}

/** Every row's other names. */
export function rowAliases(rows: Iterable<Pick<RowBase, "name" | "aliases">>): Aliases {
  const aliases = new Map<string, string>();
  for (const row of rows) for (const alias of row.aliases ?? []) if (!aliases.has(alias)) aliases.set(alias, row.name);
  return aliases;
}

/** The row of a table that a word was meant to be. */
export function suggestRow(written: string, table: ReadonlyMap<string, Pick<RowBase, "name" | "aliases">>) {
  return suggest(written, [...table.keys()], rowAliases(table.values()));
}

/** The setting that a name was meant to be, knowing what Keras and PyTorch call it. */
export function suggestSetting(written: string, settings: readonly string[]): string | undefined {
  const rows = settings.map((name) => ({ name, aliases: settingAliases[name] }));
  return suggest(written, settings, rowAliases(rows));
}

/** The setting that is called so by its own name or by one of Keras and PyTorch, but for case and marks. */
export function settingCalled(written: string, settings: readonly string[]): string | undefined {
  const word = plain(written);
  return (
    settings.find((name) => plain(name) === word) ??
    settings.find((name) => settingAliases[name]?.some((alias) => plain(alias) === word))
  );
}

/** Replaces a word by what was meant. */
export function replaceWord(span: Span, text: string): Fix {
  return { title: `write \`${text}\``, edits: [{ span, text }] };
}

/** "did you mean `x`?", or undefined without a suggestion. */
export function didYouMean(suggestion: string | undefined): string | undefined {
  return suggestion === undefined ? undefined : `did you mean \`${suggestion}\`?`;
}

/** What could have been meant, where nothing is near. */
export function thereAre(candidates: readonly string[]): string | undefined {
  const some = candidates.slice(0, MOST_NAMED).map((each) => `\`${each}\``);
  if (some.length === 0) return undefined;
  const more = candidates.length > some.length ? `, … (${candidates.length} in all)` : "";
  return `there ${candidates.length === 1 ? "is" : "are"} ${some.join(", ")}${more}`;
}

const MOST_NAMED = 12;

/** The word that was meant to open a declaration. */
export function suggestDeclaration(written: string): string | undefined {
  return suggestRow(written, declarations);
}

const declarations = new Map(
  [
    { name: "import", aliases: ["include", "use", "require", "using"] },
    { name: "model", aliases: ["network", "net", "program"] },
    { name: "const", aliases: ["let", "var", "final", "define", "param", "constant"] },
    { name: "input", aliases: ["feature", "features", "inputs", "placeholder", "x"] },
    { name: "layer", aliases: ["layers", "chain", "sequential", "module"] },
    { name: "block", aliases: ["function", "def", "fn", "func", "macro", "template"] },
    { name: "shared", aliases: ["trunk", "backbone", "tensor", "encoder", "hidden", "body"] },
    { name: "task", aliases: ["head", "output", "outputs", "target", "label", "predict"] },
    { name: "penalty", aliases: ["regularizer", "regularization", "loss"] },
    { name: "train", aliases: ["training", "fit", "trainer", "phase", "optimize"] },
    { name: "data", aliases: ["dataset", "source", "sources", "datasets"] },
  ].map((row) => [row.name, row]),
);

const settingAliases: Readonly<Record<string, readonly string[]>> = {
  accumulate: ["gradient_accumulation", "accumulation_steps", "accumulate_grad_batches", "grad_accum"],
  augment: ["augmentation", "transform", "transforms"],
  average: ["ema", "use_ema", "swa", "moving_average"],
  balance: ["weighting", "balancer", "mtl", "loss_balancing", "aggregator"],
  batch: ["batch_size", "minibatch", "mini_batch"],
  beta1: ["beta_1", "betas"],
  beta2: ["beta_2"],
  bias: ["use_bias"],
  bias_start: ["bias_initializer"],
  class_weights: ["class_weight", "weight", "weights"],
  clip: ["clipnorm", "clipvalue", "grad_clip", "gradient_clip", "gradient_clip_val", "max_grad_norm"],
  decay: ["rho", "alpha"],
  dilation: ["dilation_rate"],
  epochs: ["num_epochs", "n_epochs", "max_epochs", "nb_epoch"],
  epsilon: ["eps"],
  experts: ["num_experts", "n_experts"],
  fill: ["impute", "fillna", "na", "default"],
  filters: ["out_channels", "channels", "width", "num_filters"],
  floor: ["eta_min", "min_lr", "alpha"],
  freeze: ["frozen", "trainable", "requires_grad"],
  from: ["column", "columns", "source", "key"],
  groups: ["num_groups"],
  head: ["output", "network", "layers", "model", "tower"],
  heads: ["num_heads", "n_heads", "nhead"],
  hidden: ["hidden_dim", "hidden_size", "dim_feedforward", "d_ff"],
  kernel: ["kernel_size", "ksize", "window", "filter_size"],
  label_smoothing: ["smoothing", "smooth"],
  layers: ["num_layers", "n_layers"],
  length: ["max_length", "maxlen", "sequence_length", "output_sequence_length"],
  loss: ["criterion", "objective", "loss_fn"],
  metrics: ["metric", "score", "scores"],
  missing: ["na_values", "null", "nan", "na"],
  momentum: ["mu"],
  on: ["monitor", "key", "by", "watch"],
  only: ["filter", "where", "query", "select"],
  optimizer: ["opt", "optim", "solver"],
  over: ["layers", "parameters"],
  path: ["file", "filename", "url"],
  patience: ["wait"],
  penalty: ["regularizer", "regularization", "kernel_regularizer", "activity_regularizer"],
  positive: ["pos_label", "positive_label", "positive_class", "true"],
  positive_weight: ["pos_weight"],
  rate: ["lr", "learning_rate", "eta", "step_size", "p", "prob", "drop", "dropout_rate"],
  rates: ["learning_rates", "lr_multipliers", "param_groups", "layer_rates"],
  role: ["kind", "type"],
  row_weight: ["sample_weight", "row_weights", "example_weight"],
  scale: ["normalize", "normalise", "standardize", "scaler", "scaling", "normalization"],
  schedule: ["scheduler", "lr_scheduler", "lr_schedule", "learning_rate_schedule"],
  seed: ["random_state", "random_seed", "manual_seed"],
  share: ["fraction", "frac", "ratio", "size", "test_size"],
  size: ["pool_size", "pool", "kernel_size", "kernel"],
  start: ["kernel_initializer", "initializer", "init", "weight_init", "embeddings_initializer"],
  steps: ["max_steps", "iterations", "max_iter", "num_steps"],
  stop: ["early_stopping", "callbacks", "early_stop", "patience"],
  stratify: ["stratify_by", "stratified"],
  stride: ["strides"],
  strength: ["lambda", "l"],
  target: ["label", "labels", "y", "column", "columns", "answer"],
  tasks: ["heads", "targets", "outputs"],
  temperature: ["temp", "tau", "T"],
  test: ["testing", "holdout"],
  train: ["training", "fit"],
  unit: ["units"],
  validation: ["val", "valid", "dev", "eval", "validation_data", "validation_split"],
  vocabulary: ["vocab", "vocab_size", "max_tokens", "num_words", "vocabulary_size"],
  warmup: ["warmup_steps", "num_warmup_steps", "warm_up"],
  weight: ["loss_weight", "loss_weights", "coefficient", "lambda", "weights"],
  weight_decay: ["wd", "l2", "decay"],
  width: [
    ...["units", "out_features", "output_dim", "embedding_dim", "embed_dim", "hidden_size", "num_units", "dim"],
    ...["filters", "out_channels", "channels", "features", "size", "d_model"],
  ],
};
