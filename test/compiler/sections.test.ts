import { describe, expect, it } from "vitest";
import { diagnosed, only, withData, withTrain } from "./diagnosed.ts";

describe("train", () => {
  it.each([
    [
      "train { balance: [pcgrad, uncertainty] }",
      "MTL8203 `pcgrad` is a rule on gradients and comes last | pcgrad | write `[uncertainty, pcgrad]`",
    ],
    [
      "train { balance: [mgda, pcgrad] }",
      "MTL8203 only one rule on gradients can be in force, and here are `mgda` and `pcgrad` | [mgda, pcgrad] | keep one of them, in the last place",
    ],
    [
      "train { balance: uncertainty(gradients: representation) }",
      "MTL8207 `uncertainty` cannot work on the gradients of a representation | uncertainty(gradients: representation) | leave `gradients` out",
    ],
    [
      "train { epochs: 3, steps: 4 }",
      "MTL8202 `epochs` and `steps` both say how long to train | 4 | keep one of the two",
    ],
    [
      "train { stop: early(on: validation.digit.acuracy) }",
      "MTL8205 `validation.digit.acuracy` cannot be watched: `digit` does not report `acuracy` | acuracy | did you mean `accuracy`?",
    ],
    [
      "train { stop: early(on: validation.digit.mae) }",
      "MTL8205 `validation.digit.mae` cannot be watched: `digit` does not report `mae` | mae | there are `accuracy`, `f1`, `loss`",
    ],
    [
      "train { stop: early(on: validation.digt.accuracy) }",
      "MTL8205 `validation.digt.accuracy` cannot be watched: there is no task `digt` | digt | did you mean `digit`?",
    ],
    [
      "train { stop: early(on: test.loss) }",
      "MTL8205 `test.loss` cannot be watched: training watches the validation part, not `test` | test | there is `validation`",
    ],
    [
      "train { freeze: [encoder] }",
      "MTL3011 there is no part of the network `encoder` | encoder | there are `trunk`, `digit`, `size`",
    ],
    ["train { rates: { trnk: 0.1 } }", "MTL3011 there is no part of the network `trnk` | trnk | did you mean `trunk`?"],
    ["train a { epochs: 3 } train a { epochs: 2 }", "MTL8206 two sections are called `a` | a | give it another name"],
    [
      "train { epochs: 3 } train { epochs: 2 }",
      "MTL8206 there are two `train` sections without a name | train | give it a name: `train second { … }`",
    ],
    [
      "train { sampling: equal }",
      "MTL9005 `sampling: equal` has nothing to choose from: there is one data section | train | leave `sampling` out",
    ],
    ["train { stop: early(on: validation.size.loss) }", ""],
    ["train { stop: none, clip: none, average: none }", ""],
    ["train { balance: [uncertainty, pcgrad(gradients: representation)] }", ""],
  ])("%s", (train, expected) => {
    expect(only(withTrain(train))).toBe(expected);
  });

  it("needs a part to watch", () => {
    expect(only(withTrain("train { stop: early(patience: 3) }", false))).toBe(
      "MTL8204 `stop` watches the validation part, and no data section has one | early(patience: 3) | add one to the data section: `validation: part(0.1, of: train)`",
    );
  });

  it("says what it would be where it is left out", () => {
    const { said, diagnostics, model } = diagnosed(withTrain(""));
    expect(said.map((one) => `${one.code} ${one.message}`)).toEqual([
      "MTL8201 without a `train` section it is `train { balance: static, optimizer: adam(rate: 0.001), epochs: 10, batch: 32, seed: 0 }`",
    ]);
    expect(diagnostics[0].severity).toBe("info");
    expect(model?.phases).toHaveLength(1);
    expect(model?.phases[0]).toMatchObject({
      name: null,
      balance: [{ word: "static" }],
      optimizer: { word: "adam", settings: { rate: 1e-3 } },
      schedule: { word: "constant" },
      clip: null,
      accumulate: 1,
      average: null,
      epochs: 10,
      steps: null,
      batch: 32,
      shuffle: true,
      seed: 0,
      stop: null,
      rates: {},
      freeze: [],
      penalty: [],
      sampling: null,
    });
  });

  it("has phases that keep what is not repeated", () => {
    const { model, said } = diagnosed(
      withTrain(`train warm { epochs: 5, batch: 8, freeze: [trunk], clip: norm(1), stop: early(patience: 2), seed: 3 }
train main { steps: 100, freeze: [] }
train last { epochs: 2, clip: none, stop: none, optimizer: sgd(rate: 0.01) }`),
    );
    expect(said).toEqual([]);
    const keys = (index: number) => {
      const { name, epochs, steps, batch, freeze, clip, stop, seed, optimizer } = model?.phases[index] ?? {};
      return { name, epochs, steps, batch, freeze, clip: clip?.word, stop, seed, optimizer: optimizer?.word };
    };
    const early = { on: "validation.loss", patience: 2 };
    expect(keys(0)).toEqual({
      name: "warm",
      epochs: 5,
      steps: null,
      batch: 8,
      freeze: ["trunk"],
      clip: "norm",
      stop: early,
      seed: 3,
      optimizer: "adam",
    });
    expect(keys(1)).toEqual({
      name: "main",
      epochs: null,
      steps: 100,
      batch: 8,
      freeze: [],
      clip: "norm",
      stop: early,
      seed: 3,
      optimizer: "adam",
    });
    expect(keys(2)).toEqual({
      name: "last",
      epochs: 2,
      steps: null,
      batch: 8,
      freeze: [],
      clip: undefined,
      stop: null,
      seed: 3,
      optimizer: "sgd",
    });
  });

  it("refuses a loss that can be negative under a rule that needs positive ones, and shows both ends", () => {
    const text = `model T
input x: f32[8]
task strokes: count { head: x -> dense }
task size: real { head: x -> dense, loss: mse }
train { balance: geometric }
data { train: csv("rows.csv") }`;
    const [found, ...rest] = diagnosed(text).diagnostics;
    expect(rest).toEqual([]);
    expect(found.code).toBe("MTL5010");
    expect(found.message).toBe("`geometric` needs losses above 0, and `poisson` of task `strokes` can be negative");
    expect(found.span && text.slice(found.span.start, found.span.end)).toBe("geometric");
    expect(found.labels.map(({ span, message }) => [text.slice(span.start, span.end), message])).toEqual([
      ["strokes", "`poisson` can fall below 0"],
    ]);
  });

  it.each([
    ["train { balance: nash }", "task a: flag { head: x -> dense, weight: 2 }", ["MTL9002"]],
    ["train { balance: nash }", "task a: flag { head: x -> dense }", []],
    ["train { balance: upgrad }", "task a: flag { head: x -> dense, weight: 2 }", []],
  ])("%s with %s advises %j", (train, task, codes) => {
    const { said } = diagnosed(
      `model T\ninput x: f32[8]\n${task}\ntask b: real { head: x -> dense }\n${train}\ndata { train: csv("a") }`,
    );
    expect(said.map((one) => one.code)).toEqual(codes);
  });
});

describe("data", () => {
  it.each([
    [
      'data { train: csv("a"), validation: part(0.5, of: train), test: part(0.5, of: train) }',
      "MTL8031 test leaves no row of train | part(0.5, of: train) | the parts of train add up to 1",
    ],
    [
      'data { train: csv("a"), test: part(0.5, of: trian) }',
      "MTL8032 test cannot be cut from trian: a section has `train`, `validation`, `test` | trian | did you mean `train`?",
    ],
    [
      'data { train: csv("a"), test: part(0.5, of: validation) }',
      "MTL8032 test cannot be cut from validation: this section has no such key | validation | write `of: train`",
    ],
    [
      'data { train: csv("a"), validation: part(0.2, of: train), test: part(0.2, of: validation) }',
      "MTL8032 test cannot be cut from validation: that is a part itself | validation | write `of: train`",
    ],
    [
      'data { train: csv("a"), test: part(0.2, of: train, stratify: digt) }',
      "MTL3011 there is no task `digt` | digt | did you mean `digit`?",
    ],
    [
      'data { train: csv("a"), test: part(0.2, of: train, stratify: size) }',
      "MTL8034 the rows cannot be stratified by size: it is real | size | ",
    ],
    [
      'data { train: csv("a"), test: part(0.2, of: train, stratify: digit, group: patient) }',
      "MTL8033 test cannot keep both a mixture of labels and whole groups | part(0.2, of: train, stratify: digit, group: patient) | keep one of the two",
    ],
    ['data { train: cvs("a") }', "MTL3006 there is no source `cvs` | cvs | did you mean `csv`?"],
    ["data { train: csv }", "MTL3002 `csv` needs its setting `path`: a text in quotes | csv | write `csv(…)`"],
    [
      'data { train: "a.csv" }',
      'MTL8208 rows come from a source; this is the text "a.csv" | "a.csv" | write `csv("a.csv")`',
    ],
    [
      'data { train: join(csv("a"), on: user) }',
      'MTL8209 `join` takes 2 tables; here is 1 | join(csv("a"), on: user) | write `csv("ratings.csv") -> join(csv("users.csv"), on: "user")`',
    ],
    [
      'data { train: csv("a") -> csv("b") }',
      'MTL8209 `csv` takes no tables; here is 1 | csv("b") | write `csv("adult.csv.gz", only: { split: "train" })`',
    ],
    [
      'data { train: beside(csv("a"), part(0.1)) }',
      "MTL8208 rows come from a source; this is a part | part(0.1) | a part stands alone, for a whole section: `test: part(0.2, of: train)`",
    ],
    [
      "data { train: idx() }",
      'MTL3002 `idx` needs its setting `name`: an array and its file | idx | write `idx(image: "train-images-idx3-ubyte.gz", digit: "train-labels-idx1-ubyte.gz")`',
    ],
    [
      'data { test: csv("a") }',
      'MTL3002 `data` needs its key `train`: a source of rows | data | write `train: csv("rows.csv")`',
    ],
    ['data { train: csv("a"), val: csv("b") }', "MTL3001 `data` has no key `val` | val | did you mean `validation`?"],
    [
      'data { train: csv("a"), tasks: [digit] }',
      "MTL8210 no data section has answers for task `size` | size | add it to the `tasks:` of a data section",
    ],
    ['data { train: csv("a"), tasks: [digit, sze] }', "MTL3011 there is no task `sze` | sze | did you mean `size`?"],
    ['data a { train: csv("a"), tasks: [digit] } data b { train: csv("a"), tasks: [size] }', ""],
    [
      'data a { train: csv("a") } data a { train: csv("b") }',
      "MTL8206 two sections are called `a` | a | give it another name",
    ],
  ])("%s", (data, expected) => {
    expect(only(withData(data))).toBe(expected);
  });

  it("keeps the order of its parts, pipelines of tables, and arrays by name", () => {
    const { model, said } = diagnosed(
      withData(`data {
  train: beside(idx(x: "images.gz", digit: "labels.gz", missing: [-1]), csv("a") -> join(csv("b"), on: "user"))
  test: part(0.2, of: train, group: "drawer")
  validation: part(0.1, of: train, stratify: digit)
}`),
    );
    expect(said).toEqual([]);
    const [section] = model?.data ?? [];
    expect(section.order).toEqual(["train", "test", "validation"]);
    expect(section.tasks).toBeNull();
    expect(section.train.word).toBe("beside");
    expect(
      section.train.operands.map(({ word, settings, operands }) => [
        word,
        settings,
        operands.map((one) => one.settings.path),
      ]),
    ).toEqual([
      ["idx", { x: "images.gz", digit: "labels.gz", only: {}, missing: [-1] }, []],
      ["join", { on: "user", only: {} }, ["a", "b"]],
    ]);
    expect(section.test?.settings).toEqual({ share: 0.2, of: "train", stratify: null, group: "drawer" });
    expect(section.validation?.settings).toEqual({ share: 0.1, of: "train", stratify: "digit", group: null });
  });

  it("takes groups of tasks apart", () => {
    const { model, said } = diagnosed(`model T
input x: f32[8]
task assay: flag { head: x -> dense, target: each(["NR-AR", "SR-p53"]) }
task size: real { head: x -> dense }
train { stop: early(on: validation.assay."NR-AR".auc) }
data a { train: csv("a"), validation: part(0.1, of: train), tasks: [assay] }
data b { train: csv("b"), tasks: [size, assay."SR-p53"] }`);
    expect(said).toEqual([]);
    expect(model?.data.map((section) => section.tasks)).toEqual([
      ["assay.NR-AR", "assay.SR-p53"],
      ["size", "assay.SR-p53"],
    ]);
    expect(model?.phases[0].stop).toEqual({ on: "validation.assay.NR-AR.auc", patience: 3 });
    expect(
      model?.tasks.map(({ name, group, target }) => [name, group, target?.kind === "names" && target.names]),
    ).toEqual([
      ["assay.NR-AR", "assay", ["NR-AR"]],
      ["assay.SR-p53", "assay", ["SR-p53"]],
      ["size", undefined, ["size"]],
    ]);
  });
});
