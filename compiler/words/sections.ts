import {
  bool,
  cell,
  choice,
  columns,
  either,
  expression,
  int,
  list,
  nameOf,
  number,
  record,
  string,
  column,
  word,
  filledList,
} from "../registry/settings.ts";
import type { SettingRows } from "../registry/settings.ts";
import type { SectionRow } from "../registry/rows.ts";

function section<S extends SettingRows>(row: SectionRow<S>): SectionRow<S> {
  return row;
}

export const inputSection = section({
  section: "input",
  doc: "A named tensor that every example brings along. Its batch axis is implied.",
  keys: {
    from: columns().optional().describe("The column, or columns, that it is read from; its own name where left out."),
    scale: choice("none", "standard", "minmax")
      .default("none")
      .describe(
        "`standard` is (x - mean) / standard deviation, `minmax` maps to 0 … 1; both are learnt on the training rows, column by column.",
      ),
    fill: either(choice("mean", "median"), number())
      .optional()
      .describe("What an empty cell becomes. Without it an empty cell is an error that counts the rows."),
    tokenizer: word("tokenizer")
      .optional()
      .describe("How a text is cut into tokens (of `tokens` inputs): `words` where left out."),
    augment: list(word("augment")).default([]).describe("Random changes of the training images (of `image` inputs)."),
  },
});

export const taskSection = section({
  section: "task",
  doc: "What is to be predicted: a kind of target, a head, a loss, a weight, metrics.",
  keys: {
    head: expression("tensor")
      .optional()
      .describe(
        "The network of this task alone: logits for class and flag, values for real, log rates for count. Its last `dense` may leave its width out.",
      ),
    probability: expression("tensor")
      .optional()
      .describe("Instead of a head, for a flag: a product of other flags' predictions."),
    target: either(columns(), choice("none"))
      .optional()
      .describe(
        "The column, or columns, of the answer; the task's own name where left out. `each([…])` makes one task a column; `none` gives it a head without a loss.",
      ),
    positive: either(cell(), filledList(cell()))
      .optional()
      .describe("Which values of a flag's column mean yes; every other value that is not empty is no."),
    scale: choice("none", "standard", "minmax")
      .default("none")
      .describe("Trains on the scaled target (of `real`); metrics stay in its own units."),
    unit: string()
      .optional()
      .describe("Printed behind metrics that are in the target's units (of `real` and `count`)."),
    loss: expression("loss")
      .optional()
      .describe(
        "The loss, or a sum of losses: `cross_entropy + 0.1 * focal(gamma: 2)`. The kind's own where left out.",
      ),
    weight: number({ min: 0 }).default(1).describe("Multiplies the loss before any balance rule sees it."),
    metrics: list(word("metric"))
      .optional()
      .describe("What is reported, the main one first. The kind's own where left out."),
    role: choice("main", "auxiliary")
      .default("main")
      .describe(
        "`auxiliary` keeps a task out of `validation.loss`, by which training is judged. It is trained and measured like the others.",
      ),
    row_weight: column().optional().describe("A column of weights ≥ 0, one for each example."),
    distill: either(string(), nameOf("task"))
      .optional()
      .describe(
        "A trained run, or another task, that this task also learns from: adds `distillation(of: …)` to the loss.",
      ),
  },
});

export const trainSection = section({
  section: "train",
  doc: "How the network is trained. Several named sections are phases that run in order; a key that is not repeated keeps its value.",
  keys: {
    balance: either(word("balance"), list(word("balance")))
      .default({ word: "static", settings: {} })
      .describe(
        "How the tasks' losses or gradients are combined. A list applies in turn: loss rules first, one gradient rule last.",
      ),
    optimizer: word("optimizer").default({ word: "adam", settings: {} }).describe("The rule that moves the weights."),
    schedule: word("schedule")
      .default({ word: "constant", settings: {} })
      .describe("How the rate changes over the steps of the phase."),
    clip: either(word("clip"), choice("none"))
      .default("none")
      .describe("Bounds the gradient before the optimizer sees it."),
    accumulate: int({ min: 1 }).default(1).describe("Batches whose gradients are averaged into one step."),
    average: either(word("average"), choice("none"))
      .default("none")
      .describe("Keeps a running average of the weights, used for evaluation and kept as the model."),
    epochs: int({ min: 0 }).default(10).describe("Passes over the training rows. Or write `steps`."),
    steps: int({ min: 0 }).optional().describe("Steps of the phase, instead of `epochs`."),
    batch: int({ min: 1 }).default(32).describe("Rows of one step."),
    shuffle: bool(true).describe("Whether the training rows come in a new order in each epoch."),
    seed: int({ min: 0, max: 4294967295 }).default(0).describe("Decides everything that is random."),
    stop: either(word("stop"), choice("none"))
      .default("none")
      .describe("Stops early and keeps the best weights; without it the last weights are kept."),
    rates: record(number({ min: 0 }))
      .default({})
      .describe("Multiplies the learning rate of named parts: `{ trunk: 0.1 }`."),
    freeze: list(nameOf("declaration")).default([]).describe("Named parts that hold still: `[trunk]`."),
    penalty: either(word("penalty"), list(word("penalty")))
      .default([])
      .describe("Adds a norm of the kernels and embeddings to the loss."),
    sampling: word("sampling")
      .optional()
      .describe(
        "In which mixture several data sections are drawn: `every` under a gradient rule, else `proportional`, where left out.",
      ),
  },
});

export const dataSection = section({
  section: "data",
  doc: "Where the rows come from: to train on, to validate with, to test with at the end.",
  keys: {
    train: expression("source").describe("The rows to train on."),
    validation: expression("source").optional().describe("Rows watched during training, for early stopping."),
    test: expression("source").optional().describe("Rows for the final table; nothing is learnt from them."),
    tasks: list(nameOf("task"))
      .optional()
      .describe("The tasks that have answers in these rows; all of them where left out."),
  },
});

export const sectionRows: readonly SectionRow[] = [inputSection, taskSection, trainSection, dataSection];
