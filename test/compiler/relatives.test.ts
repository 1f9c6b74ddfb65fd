import { expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";

/** Further slips of people who come from other libraries: what is written for what, and all that is said of it. */

const base = `model Wine
input chem: f32[11] { from: columns("acidity", "alcohol"), scale: standard }
shared trunk = chem -> dense(32) -> relu
task quality: real { head: trunk -> dense, scale: standard }
task colour: flag { head: trunk -> dense, positive: "red" }
train { optimizer: adam(rate: 1e-3), epochs: 2 }
data {
  train: csv("wine.csv")
  validation: part(0.1, of: train)
}
`;

function said(text: string): string[] {
  return compile(text).diagnostics.map(
    ({ code, message, help }) => `${code} ${message}${help === undefined ? "" : ` | ${help}`}`,
  );
}

it("is right as it stands", () => {
  expect(said(base)).toEqual([]);
});

it.each([
  [
    "chem -> dense(32) -> relu",
    "[chem, dense(32), relu]",
    "MTL2018 layers follow one another by `->` | write `chem -> dense(32) -> relu`",
  ],
  [
    "chem -> dense(32) -> relu",
    "chem, dense(32), relu",
    "MTL1007 `,` does not belong here | what is fed on is written `->`",
  ],
  ["-> relu\n", "-> dropout(rate: 0.2)\n", "MTL3001 `dropout` has no setting `rate` | did you mean `p`?"],
  [
    "-> relu\n",
    "-> embed(num_embeddings: 9, width: 4)\n",
    "MTL3001 `embed` has no setting `num_embeddings` | how many codes there are is known from the input: `embed(16)` is enough",
  ],
  [
    "dense(32)",
    "dense(32, trainable: false)",
    "MTL3001 `dense` has no setting `trainable` | what holds still is named in the train section: `train { freeze: [trunk] }`",
  ],
  ["chem ->", '"chem" ->', 'MTL2006 "chem" is a text, and a tensor is needed here | it stands without quotes: `chem`'],
  [
    "chem -> dense(32)",
    'concat("chem", chem)',
    'MTL2006 "chem" is a text, and a tensor is needed here | it stands without quotes: `chem`',
  ],
  ["chem -> dense(32)", "add(chem, chem)", "MTL2002 there is no layer `add` | write `a + b`"],
  ["f32[11]", "f32[None, 11]", "MTL4013 the batch is no axis of `f32` | leave it out: `f32[11]`"],
  ["f32[11]", "f32[-1, 11]", "MTL4013 the batch is no axis of `f32` | leave it out: `f32[11]`"],
  ["f32[11]", "f32(11,)", "MTL3008 this setting of `f32` needs its name | sizes stand in brackets: `f32[11]`"],
  [
    'columns("acidity", "alcohol")',
    "fixed-acidity",
    'MTL3004 `from` is a column, a list of columns or `columns("first", "last")`; this is a difference | the name of a column stands in quotes: `"fixed-acidity"`',
  ],
  ["colour: flag", "colour: binary", "MTL3012 there is no kind of target `binary` | did you mean `flag`?"],
  [
    "epochs: 2",
    'epochs: "2"',
    'MTL3004 `epochs` is a whole number, 0 or more; this is the text "2" | it stands without quotes: `2`',
  ],
  ["epochs: 2", "stop: 5", "MTL3004 `stop` is a rule to stop or `none`; this is 5 | write `early(patience: 5)`"],
  ["epochs: 2", "early_stopping: true", "MTL3001 `train` has no key `early_stopping` | write `stop: early`"],
  [
    "epochs: 2",
    "stop: early(on: val_loss)",
    "MTL8205 `val_loss` cannot be watched: it is called otherwise | did you mean `validation.loss`?",
  ],
  [
    "epochs: 2",
    "stop: early(on: val_mae)",
    "MTL8205 `val_mae` cannot be watched: it is called otherwise | did you mean `validation.quality.mae`?",
  ],
  [
    "epochs: 2",
    'stop: early(on: "val_loss")',
    'MTL3004 `on` is a path such as `validation.loss`; this is the text "val_loss" | it stands without quotes: `validation.loss`',
  ],
  [
    "epochs: 2",
    'freeze: "trunk"',
    'MTL3004 `freeze` is a list of names of parts of the network; this is the text "trunk" | a list stands in brackets, and words without quotes: `[trunk]`',
  ],
  ["epochs: 2", "freeze: [trnk]", "MTL3011 there is no part of the network `trnk` | did you mean `trunk`?"],
  [
    "epochs: 2",
    "callbacks: [early]",
    "MTL3001 `train` has no key `callbacks` | `stop`, `schedule` and `average` stand for callbacks; every epoch is kept in the run folder",
  ],
  [
    "epochs: 2",
    "num_workers: 4",
    "MTL3001 `train` has no key `num_workers` | rows are read once and stay in memory: leave it out",
  ],
  [
    "epochs: 2",
    "warmup_steps: 100",
    "MTL3001 `train` has no key `warmup_steps` | warmup is the schedule's: `schedule: cosine(warmup: 100)`",
  ],
  [
    "adam(rate: 1e-3)",
    "adam(rate: 1e-3, betas: 0.9)",
    "MTL3001 `adam` has no setting `betas` | both have names: `adam(beta1: 0.9, beta2: 0.999)`",
  ],
  [
    'positive: "red"',
    "positive: null",
    "MTL3004 `positive` is a value (number, text in quotes, boolean) or a list of values; this is the word `null` | what says nothing is left out",
  ],
  [
    'positive: "red"',
    'positive: "red", num_classes: 2',
    "MTL3001 task `colour` has no key `num_classes` | the number of classes stands in the kind: `class(2)`",
  ],
  [
    'csv("wine.csv")',
    '"wine.xlsx"',
    'MTL8208 rows come from a source; this is the text "wine.xlsx" | save it as a table of text: `csv("wine.csv")`',
  ],
  [
    'csv("wine.csv")',
    'csv("www.example.org/wine.csv")',
    'MTL3015 one file of this machine belongs here; "www.example.org/wine.csv" is an address | download it, and name the file: `"wine.csv"`',
  ],
  [
    'csv("wine.csv")',
    'csv(r"wine.csv")',
    "MTL1001 `r` has no meaning in the language | a text stands in double quotes",
  ],
  [
    'csv("wine.csv")',
    'csv("""wine.csv""")',
    'MTL1001 `"""` has no meaning in the language | a text stands in double quotes',
  ],
  ["part(0.1, of: train)", "10", "MTL8208 rows come from a source; this is 10 | write `part(0.1, of: train)`"],
  ["model Wine\n", "-- wine\nmodel Wine\n", "MTL1001 `--` has no meaning in the language | a comment begins with `//`"],
  [
    "model Wine\n",
    "model Wine:\n",
    "MTL1007 `:` does not belong here | `model Name` stands alone; its declarations follow",
  ],
  ["train {", "train = {", "MTL1007 `=` does not belong here | its keys stand in braces: `train { … }`"],
  [
    "shared trunk =",
    "shared trunk: f32[32] =",
    "MTL1007 `:` does not belong here | what it is follows by itself: a name, `=`, and what it is made of",
  ],
])("%s -> %s", (ours, theirs, expected) => {
  expect(said(base.replace(ours, () => theirs))).toEqual([expected].flat());
});
