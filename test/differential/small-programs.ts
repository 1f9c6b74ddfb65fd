import { numbersFrom } from "../runtime/small-training.ts";

/** A model with rows of its own, one JSON object a line. */
export interface SmallProgram {
  readonly name: string;
  readonly text: string;
  readonly rows: string;
  /** Weights whose true gradient is 0, so that an optimizer makes whole steps of mere rounding. */
  readonly without?: RegExp;
}

const ROWS = 24;

function rowsOf(seed: number, row: (number: () => number, index: number) => unknown): string {
  const number = numbersFrom(seed);
  return Array.from({ length: ROWS }, (_, index) => JSON.stringify(row(number, index))).join("\n");
}

/** Nested lists of numbers. */
function filled(number: () => number, [size, ...rest]: readonly number[]): unknown {
  return Array.from({ length: size }, () => (rest.length === 0 ? number() : filled(number, rest)));
}

const data = 'data { train: jsonl("rows.jsonl") }';

export const smallPrograms: readonly [SmallProgram, ...SmallProgram[]] = [
  {
    name: "a table: tanh, dropout, three kinds of tasks, uncertainty, missing answers",
    text: `model Table
input x: f32[4]
shared trunk = x -> dense(6) -> tanh -> dropout(0.3)
task kind: class { head: trunk -> dense }
task flag: flag { head: trunk -> dense }
task size: real { head: trunk -> dense(3) -> softplus -> dense }
train { optimizer: adam(rate: 1e-2), balance: uncertainty, batch: 8, epochs: 10, seed: 4 }
${data}`,
    rows: rowsOf(1, (number, index) => ({
      x: filled(number, [4]),
      kind: "abc"[index % 3],
      flag: index % 5 === 0 ? null : number() > 0,
      size: number(),
    })),
  },
  {
    name: "images: padded, strided, dilated, grouped and transposed convolutions, both kinds of pooling",
    text: `model Images
input image: f32[9, 8, 2]
shared trunk = image
  -> conv2d(4, kernel: 3) -> gelu -> max_pool2d(2)
  -> depthwise_conv2d(kernel: 3, multiplier: 2) -> tanh
  -> conv2d(4, kernel: 3, dilation: 2) -> softplus -> avg_pool2d(3, stride: 1)
  -> conv2d_transpose(3, kernel: 3, stride: 2) -> layer_norm -> silu -> flatten -> dropout(0.2)
task kind: class { head: trunk -> dense }
task place: real[2] { head: trunk -> dense, target: ["across", "down"] }
train { optimizer: sgd(rate: 0.05, momentum: 0.9), batch: 8, epochs: 10, seed: 4 }
${data}`,
    rows: rowsOf(2, (number, index) => ({
      image: filled(number, [9, 8, 2]),
      kind: "abc"[index % 3],
      across: number(),
      down: number(),
    })),
  },
  {
    name: "sequences: recurrence both ways, convolution, statistics of a batch",
    // What is added to every score is taken away by softmax.
    without: /attention_pool_1\.bias$/,
    text: `model Sequences
input signal: f32[7, 3]
shared seen = signal -> conv1d(5, kernel: 3, bias: false) -> batch_norm -> tanh -> gru(4, bidirectional: true)
shared read = seen -> lstm(5) -> attention_pool
task kind: class { head: read -> dense }
task level: real { head: seen -> mean(axis: 0) -> dense, loss: huber }
train { optimizer: rmsprop(rate: 3e-3), balance: dwa, batch: 8, epochs: 10, seed: 4, clip: norm(1.0) }
${data}`,
    rows: rowsOf(3, (number, index) => ({ signal: filled(number, [7, 3]), kind: "ab"[index % 2], level: number() })),
  },
  {
    name: "words: embeddings, attention with dropout, a rule on gradients",
    // What is added to every key adds the same to every score, which softmax takes away.
    without: /attention\.key\.bias$/,
    text: `model Words
input words: tokens(6) { tokenizer: words(vocabulary: 12) }
shared encoded = words -> embed(8) -> add_positions(learned) -> transformer(layers: 1, heads: 2, hidden: 12, dropout: 0.1)
task mood: class { head: encoded -> mean(axis: words) -> dense }
task tag: class(3)[words] { head: encoded -> dense, loss: focal }
train { optimizer: adamw(rate: 5e-3, weight_decay: 0.1), balance: pcgrad, batch: 8, epochs: 10, seed: 4 }
${data}`,
    rows: rowsOf(4, (number, index) => {
      const length = 3 + (index % 4);
      const words = Array.from({ length }, () => `w${Math.floor(5 + 5 * number())}`);
      return { words, mood: index % 2 === 0 ? "glad" : "sad", tag: words.map((_, at) => (at + index) % 3) };
    }),
  },
];
