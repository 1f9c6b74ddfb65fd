import { dataElsewhere } from "./elsewhere-data.ts";
import type { ElsewhereRow, Foreign, Home } from "./elsewhere-row.ts";

const bare = (value: string | undefined, usual: string) => value?.replace(/^"(.*)"$/, "$1") ?? usual;
const called = (word: string | undefined) => word ?? "dense";

/**
 * Settings that other libraries have and that are no setting of ours, where they would stand: what is said in another place
 * here, or follows by itself. Those that we only call otherwise are in `setting-aliases.ts`.
 */
export const elsewhere: readonly ElsewhereRow[] = [
  // ── Layers ─────────────────────────────────────────────────────────────────────────────────────────────────────────
  {
    names: ["activation", "activation_fn", "activation_function", "act", "act_layer", "nonlinearity"],
    of: ["layer"],
    say: ({ call, value }) =>
      `an activation is a step of its own: \`${call ?? "dense(64)"} -> ${/^"?[A-Za-z]\w*"?$/.test(value ?? "") ? bare(value, "relu").toLowerCase() : "relu"}\``,
  },
  {
    names: ["dropout", "dropout_rate", "recurrent_dropout", "drop_rate"],
    of: ["layer"],
    say: ({ call, value }) =>
      `dropout is a step of its own: \`${call ?? "dense(64)"} -> dropout(${/^[\d.]+$/.test(value ?? "") ? value : "0.1"})\``,
  },
  {
    names: ["norm_layer", "batch_norm", "use_batch_norm", "normalization"],
    of: ["layer"],
    say: ({ call }) => `a norm is a step of its own: \`${call ?? "dense(64)"} -> batch_norm\``,
  },
  {
    names: ["return_sequences", "return_state", "go_backwards"],
    of: ["layer"],
    words: ["lstm", "gru", "simple_rnn"],
    say: ({ word, value }) =>
      /^(False|false|0)$/.test(value ?? "")
        ? `write \`return: last\``
        : `\`${called(word)}(16)\` gives every step by itself, and the last one with \`return: last\``,
  },
  {
    names: ["num_layers", "n_layers", "depth"],
    of: ["layer"],
    words: ["lstm", "gru", "simple_rnn", "dense"],
    say: ({ word }) => `layers stand one after another: \`${called(word)}(16) -> ${called(word)}(16)\``,
  },
  {
    names: ["num_embeddings", "input_dim", "vocab_size", "num_tokens", "n_categories", "cardinality"],
    of: ["layer"],
    words: ["embed"],
    say: () => "how many codes there are is known from the input: `embed(16)` is enough",
  },
  {
    names: [
      ...["in_features", "in_channels", "input_dim", "input_size", "input_shape", "batch_input_shape", "in_dim"],
      ...["num_features", "normalized_shape", "n_in"],
    ],
    of: ["layer"],
    say: ({ word }) => `the size of what comes in is known: leave it out of \`${called(word)}\``,
  },
  {
    names: ["padding_idx", "mask_zero", "pad_token_id"],
    of: ["layer"],
    say: () => "padding is code 0 and is left out by itself",
  },
  {
    names: ["batch_first", "data_format", "time_major"],
    of: ["layer"],
    say: () => "the batch comes first and is not written, channels come last",
  },
  {
    names: ["name", "label"],
    of: ["layer"],
    say: ({ word }) => `a layer with a name is declared: \`layer project = ${called(word)}(…)\``,
  },
  {
    names: ["kernel_regularizer", "bias_regularizer", "activity_regularizer", "weight_decay", "l2_reg"],
    of: ["layer"],
    say: () => "a penalty on weights stands in the train section: `train { penalty: l2(1e-4) }`",
  },
  {
    names: ["trainable", "requires_grad", "frozen"],
    of: ["layer"],
    say: () => "what holds still is named in the train section: `train { freeze: [trunk] }`",
  },
  {
    names: ["dtype"],
    of: ["layer", "input", "task", "train", "data", "source"],
    say: () => "numbers are 32-bit floats everywhere: leave it out",
  },
  {
    names: ["device"],
    of: ["layer", "input", "task", "train", "data"],
    say: () => "where it runs is asked of the command: `mtlc train --device`",
  },
  // ── Inputs ─────────────────────────────────────────────────────────────────────────────────────────────────────────
  {
    names: ["vocab", "vocab_size", "vocabulary", "vocabulary_size", "max_tokens", "num_words", "max_features"],
    of: ["kind", "input"],
    say: ({ value }) =>
      `the vocabulary is the tokenizer's, in the input's braces: \`tokenizer: words(vocabulary: ${/^[\d_]+$/.test(value ?? "") ? value : "5000"})\``,
  },
  {
    names: ["lowercase", "lower", "do_lower_case"],
    of: ["kind", "input"],
    say: () => "letters are the tokenizer's, in the input's braces: `tokenizer: words(lowercase: true)`",
  },
  {
    names: ["maxlen", "max_len", "max_length", "sequence_length"],
    of: ["input"],
    say: ({ value }) => `the length stands in the kind: \`tokens(${/^\d+$/.test(value ?? "") ? value : "40"})\``,
  },
  {
    names: ["shape", "input_shape", "size"],
    of: ["input"],
    say: () => "the shape stands in the kind: `f32[28, 28, 1]`",
  },
  {
    names: ["embedding_dim", "embedding_size", "embed_dim"],
    of: ["input"],
    say: ({ value }) =>
      `a vector for each code is a layer: \`island -> embed(${/^\d+$/.test(value ?? "") ? value : "4"})\``,
  },
  {
    names: ["one_hot", "encoding", "encoder", "categorical"],
    of: ["input"],
    say: () => "words and codes are of the kind `category`, and `embed` makes vectors of them",
  },
  // ── Tasks ──────────────────────────────────────────────────────────────────────────────────────────────────────────
  {
    names: ["num_classes", "n_classes", "classes", "output_dim", "units", "out_features"],
    of: ["task"],
    say: ({ value }) =>
      `the number of classes stands in the kind: \`class(${/^\d+$/.test(value ?? "") ? value : "3"})\``,
  },
  {
    names: ["activation", "output_activation", "final_activation"],
    of: ["task"],
    say: () => "a head ends in numbers without an activation: the loss and `prediction` apply their own",
  },
  {
    names: ["class_weight", "class_weights"],
    of: ["task"],
    say: () => "weights of classes are the loss's: `loss: cross_entropy(class_weights: balanced)`",
  },
  {
    names: ["pos_weight", "positive_weight", "scale_pos_weight"],
    of: ["task"],
    say: ({ value }) =>
      `the weight of yes is the loss's: \`loss: binary_cross_entropy(positive_weight: ${/^[\d.]+$/.test(value ?? "") ? value : "2"})\``,
  },
  {
    names: ["problem_type", "task_type", "dtype_out"],
    of: ["task"],
    say: () => "the kind of a task stands behind its colon: `task species: class { … }`",
  },
  {
    names: ["optimizer", "epochs", "batch_size", "batch", "learning_rate", "lr", "early_stopping"],
    of: ["task"],
    say: () => "how to train stands in the train section: `train { optimizer: adam(rate: 1e-3), epochs: 10 }`",
  },
  // ── Training ───────────────────────────────────────────────────────────────────────────────────────────────────────
  {
    names: ["lr", "learning_rate", "learning_rate_init", "initial_lr", "base_lr", "eta", "rate"],
    of: ["train"],
    say: ({ value }) =>
      `the learning rate is the optimizer's: \`optimizer: adam(rate: ${/^[\d.e-]+$/.test(value ?? "") ? value : "1e-3"})\``,
  },
  {
    names: ["weight_decay", "wd", "l2"],
    of: ["train"],
    say: ({ value }) =>
      `weight decay is the optimizer's: \`optimizer: adamw(weight_decay: ${/^[\d.e-]+$/.test(value ?? "") ? value : "1e-2"})\``,
  },
  {
    names: ["momentum", "nesterov"],
    of: ["train"],
    say: ({ value }) =>
      `momentum is the optimizer's: \`optimizer: sgd(rate: 0.01, momentum: ${/^[\d.]+$/.test(value ?? "") ? value : "0.9"})\``,
  },
  {
    names: ["betas", "beta_1", "beta_2", "beta1", "beta2", "eps", "epsilon", "amsgrad"],
    of: ["train"],
    say: () => "it is the optimizer's: `optimizer: adam(beta1: 0.9, beta2: 0.999)`",
  },
  {
    names: ["patience", "n_iter_no_change", "early_stopping_patience", "early_stopping_rounds"],
    of: ["train"],
    say: ({ value }) =>
      `patience is that of early stopping: \`stop: early(patience: ${/^\d+$/.test(value ?? "") ? value : "5"})\``,
  },
  {
    names: ["monitor", "metric_for_best_model", "restore_best_weights", "save_best_only", "load_best_model_at_end"],
    of: ["train"],
    say: () => "early stopping watches a number and keeps the best weights: `stop: early(on: validation.loss)`",
  },
  {
    names: ["early_stopping", "early_stop", "use_early_stopping"],
    of: ["train"],
    say: ({ value }) =>
      `write \`${/^\d+$/.test(value ?? "") ? `stop: early(patience: ${value ?? ""})` : "stop: early"}\``,
  },
  {
    names: ["callbacks", "checkpoint", "model_checkpoint"],
    of: ["train"],
    say: () => "`stop`, `schedule` and `average` stand for callbacks; every epoch is kept in the run folder",
  },
  {
    names: ["warmup", "warmup_steps", "num_warmup_steps", "warmup_ratio", "warmup_epochs"],
    of: ["train"],
    say: () => "warmup is the schedule's: `schedule: cosine(warmup: 100)`",
  },
  {
    names: ["lr_decay", "lr_gamma", "gamma", "min_lr", "eta_min", "step_size"],
    of: ["train"],
    say: () => "the schedule changes the rate: `schedule: cosine`",
  },
  {
    names: ["loss_weight", "loss_weights", "loss_weighting", "weight", "weights"],
    of: ["train"],
    say: () => "the weight of a loss stands in its task: `weight: 2`",
  },
  {
    names: ["loss", "losses", "criterion", "objective", "loss_fn"],
    of: ["train"],
    say: () => "a loss stands in its task: `loss: cross_entropy`",
  },
  {
    names: ["metrics", "metric"],
    of: ["train"],
    say: () => "metrics stand in their task: `metrics: [accuracy]`",
  },
  {
    names: ["validation_split", "validation_data", "validation", "val_split", "eval_dataset", "val_size"],
    of: ["train"],
    say: ({ value }) =>
      `what validates stands in the data section: \`validation: part(${/^0?\.\d+$/.test(value ?? "") ? value : "0.1"}, of: train)\``,
  },
  {
    names: ["data", "dataset", "train_data", "train_dataset", "dataloader", "train_loader", "source"],
    of: ["train"],
    say: () => 'rows stand in the data section: `data { train: csv("rows.csv") }`',
  },
  {
    names: ["dropout", "dropout_rate"],
    of: ["train"],
    say: ({ value }) =>
      `dropout is a layer: \`dense(64) -> relu -> dropout(${/^[\d.]+$/.test(value ?? "") ? value : "0.1"})\``,
  },
  {
    names: ["num_workers", "n_jobs", "workers", "pin_memory", "prefetch"],
    of: ["train", "data"],
    say: () => "rows are read once and stay in memory: leave it out",
  },
  {
    names: ["verbose", "logging_steps", "log_every", "progress_bar", "logger"],
    of: ["train"],
    say: () => "what is printed is asked of the command: `mtlc train --help`",
  },
  {
    names: ["gpu", "gpus", "accelerator", "use_gpu", "precision", "fp16", "mixed_precision"],
    of: ["train"],
    say: () => "where it runs is asked of the command: `mtlc train --engine`",
  },
  {
    names: ["output_dir", "save_dir", "log_dir", "checkpoint_dir"],
    of: ["train"],
    say: () => "where a run is kept is asked of the command: `mtlc train --run`",
  },
  {
    names: ["betas"],
    of: ["word"],
    say: ({ word }) => `both have names: \`${word ?? "adam"}(beta1: 0.9, beta2: 0.999)\``,
  },
  {
    names: ["momentum", "nesterov"],
    of: ["word"],
    words: ["adam", "adamw"],
    say: () => "momentum is `sgd`'s: `optimizer: sgd(rate: 0.01, momentum: 0.9)`",
  },
  {
    names: ["params", "parameters", "model", "optimizer"],
    of: ["word"],
    say: ({ word }) => `it holds for the whole network: leave it out of \`${word ?? "adam"}\``,
  },
  {
    names: ["reduction", "from_logits", "size_average"],
    of: ["word"],
    say: () => "a loss takes logits and is a mean over the rows: leave it out",
  },
  {
    names: ["mode", "restore_best_weights", "min_delta", "verbose", "save_best_only"],
    of: ["word"],
    words: ["early", "plateau"],
    say: () => "which way is better is known of every metric, and the best weights are kept: leave it out",
  },
  ...dataElsewhere,
];

const places: Readonly<Record<Home, string>> = {
  layer: "a layer",
  kind: "a kind",
  source: "a source",
  word: "a word",
  input: "`input`",
  task: "`task`",
  train: "`train`",
  data: "`data`",
};

/** Everything that is said of such a setting, with where it would stand: "in `train`". */
export function everywhere(name: string): readonly { readonly where: string; readonly text: string }[] {
  const wanted = name.toLowerCase().replaceAll("-", "_");
  return elsewhere
    .filter(({ names }) => names.includes(wanted))
    .map(({ of, words, say }) => ({
      where: words ? words.map((word) => `\`${word}\``).join(", ") : of.map((home) => places[home]).join(", "),
      text: say({ word: words?.[0] }),
    }));
}

/** What is said of a setting that we have in another place, or not at all; undefined where nothing is known of it. */
export function saidElsewhere(name: string, home: Home, written: Foreign): string | undefined {
  const row = elsewhere.find(
    ({ names, of, words }) =>
      of.includes(home) &&
      names.includes(name.toLowerCase().replaceAll("-", "_")) &&
      (words === undefined || written.word === undefined || words.includes(written.word)),
  );
  return row?.say(written);
}
