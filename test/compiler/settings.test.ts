import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { diagnosed, only, withData, withTask, withTrain } from "./diagnosed.ts";

describe("a setting that is not right is answered once, at its place", () => {
  it.each([
    ["train { epohcs: 3 }", "MTL3001 `train` has no key `epohcs` | epohcs | did you mean `epochs`?"],
    ["train { batch_size: 3 }", "MTL3001 `train` has no key `batch_size` | batch_size | did you mean `batch`?"],
    ["train { optimizer: adam(lr: 1e-3) }", "MTL3001 `adam` has no setting `lr` | lr | did you mean `rate`?"],
    [
      "train { optimizer: adam(colour: 1) }",
      "MTL3001 `adam` has no setting `colour` | colour | its settings are `rate`, `beta1`, `beta2`, `epsilon`, `weight_decay`, `decay`, `amsgrad`",
    ],
    ["train { clip: norm }", "MTL3002 `norm` needs its setting `limit`: a number above 0 | norm | write `norm(…)`"],
    ["train { clip: norm(limt: 1) }", "MTL3001 `norm` has no setting `limt` | limt | did you mean `limit`?"],
    ["train { optimizer: adam(rate: 1, rate: 2) }", "MTL3003 `rate` is set twice | rate | keep one of the two"],
    ["train { optimizer: adam(1, rate: 2) }", "MTL3003 `rate` is set twice | rate | keep one of the two"],
    ["train { epochs: 2.5 }", "MTL3004 `epochs` is a whole number, 0 or more; this is 2.5 | 2.5 | "],
    [
      'train { epochs: "3" }',
      'MTL3004 `epochs` is a whole number, 0 or more; this is the text "3" | "3" | it stands without quotes: `3`',
    ],
    ["train { epochs: -1 }", "MTL3005 `epochs` is a whole number, 0 or more; this is -1 | -1 | "],
    [
      "train { optimizer: adam(rate: cosine) }",
      "MTL3004 `rate` is a number above 0; this is the word `cosine` | cosine | ",
    ],
    [
      "train { optimizer: adam(rate: trunk) }",
      "MTL3004 `rate` is a number above 0; this is the tensor `trunk` | trunk | ",
    ],
    ["train { optimizer: adam(rate: 0) }", "MTL3005 `rate` is a number above 0; this is 0 | 0 | "],
    ["train { optimizer: adam(beta1: 1) }", "MTL3005 `beta1` is a number, 0 or more and below 1; this is 1 | 1 | "],
    [
      'train { optimizer: "adam" }',
      'MTL3004 `optimizer` is an optimizer; this is the text "adam" | "adam" | it stands without quotes: `adam`',
    ],
    ["train { optimizer: adma }", "MTL3006 there is no optimizer `adma` | adma | did you mean `adam`?"],
    ["train { penalty: l3(1) }", "MTL3006 there is no penalty `l3` | l3 | there are `l1`, `l2`"],
    [
      "train { clip: 1.0 }",
      "MTL3004 `clip` is a way to clip or `none`; this is 1.0 | 1.0 | write `norm(1.0)` or `value(1.0)`",
    ],
    [
      "train { shuffle: yes }",
      "MTL3004 `shuffle` is `true` or `false`; this is the word `yes` | yes | did you mean `true`?",
    ],
    [
      "train { freeze: trunk }",
      "MTL3004 `freeze` is a list of names of parts of the network; this is the tensor `trunk` | trunk | a list stands in brackets, even one of a single value",
    ],
    ["train { freeze: [x] }", "MTL3011 there is no part of the network `x` | x | `x` is an input"],
    ["train { rates: { trunk: -0.1 } }", "MTL3005 `trunk` is a number, 0 or more; this is -0.1 | -0.1 | "],
    ["train { rates: { trunk: 1, trunk: 2 } }", "MTL3003 `trunk` is set twice | trunk | "],
    [
      "train { optimizer: adamw(1e-3, 1e-2) }",
      "MTL3008 this setting of `adamw` needs its name | 1e-2 | write `name: …`; it may be `beta1`, `beta2`, `epsilon`, `weight_decay`, `decay`, `amsgrad`",
    ],
  ])("%s", (train, expected) => {
    expect(only(withTrain(train))).toBe(expected);
  });

  it.each([
    [
      "input age: f32 { scale: standart }",
      "MTL3007 `scale` cannot be `standart` | standart | did you mean `standard`?",
    ],
    [
      'input age: f32 { scale: "standard" }',
      'MTL3004 `scale` is one of `none`, `standard`, `minmax`; this is the text "standard" | "standard" | it stands without quotes: `standard`',
    ],
    ["input age: f32 { fill: men }", "MTL3007 `fill` cannot be `men` | men | did you mean `mean`?"],
    ["input age: category[3]", "MTL3013 `category` takes no sizes in brackets | [3] | "],
    [
      "input age: tokens[3]",
      "MTL3013 `tokens` takes no sizes in brackets | [3] | they stand in parentheses: `tokens(…)`",
    ],
    ["input age: float32", "MTL3012 there is no kind of input `float32` | float32 | did you mean `f32`?"],
    ["input age: f32 { tokenizer: words }", "MTL3014 `tokenizer` is for `tokens` inputs; this is `f32` | tokenizer | "],
    [
      "input age: image(64, 64)",
      "MTL3002 `image` needs its setting `channels`: a whole number, 1 or more and at most 4 | image | write `image(…)`",
    ],
    [
      "input age: image(64, 64, 3, 4)",
      "MTL3008 this setting of `image` needs its name | 4 | `image` takes no more settings",
    ],
    [
      "input age: tokens(50) { tokenizer: words(vocab: 100) }",
      "MTL3001 `words` has no setting `vocab` | vocab | did you mean `vocabulary`?",
    ],
    [
      "shared s = x -> dense(8, bias: 3)\ntask z: real { head: s -> dense }",
      "MTL3004 `bias` is `true` or `false`; this is 3 | 3 | ",
    ],
    [
      "shared s = x -> dense(8 / 3)\ntask z: real { head: s -> dense }",
      "MTL4004 8 / 3 does not come out whole, and a size must be a whole number | 8 / 3 | ",
    ],
    [
      "shared s = x -> dense(widht: 8)\ntask z: real { head: s -> dense }",
      "MTL3001 `dense` has no setting `widht` | widht | did you mean `width`?",
    ],
    [
      "shared s = x -> dense(units: 8)\ntask z: real { head: s -> dense }",
      "MTL3001 `dense` has no setting `units` | units | did you mean `width`?",
    ],
    [
      "shared s = x -> dense(8, start: he_unifrom)\ntask z: real { head: s -> dense }",
      "MTL3006 there is no way to start weights `he_unifrom` | he_unifrom | did you mean `he_uniform`?",
    ],
  ])("%s", (text, expected) => {
    const said = diagnosed(withTask(text)).said.filter((one) => one.code !== "MTL2009");
    expect(said.map(({ code, message, at, help }) => [`${code} ${message}`, at, help].join(" | "))).toEqual([expected]);
  });
});

describe("all mistakes in one go", () => {
  it("a misspelt word is checked as what was meant", () => {
    expect(
      only(withTrain("train { optimizer: Adam(learning_rate: 1e-3, weight_decy: 3), epochs: 2.5 }")).split("\n"),
    ).toEqual([
      "MTL3006 there is no optimizer `Adam` | Adam | did you mean `adam`?",
      "MTL3001 `adam` has no setting `learning_rate` | learning_rate | did you mean `rate`?",
      "MTL3001 `adam` has no setting `weight_decy` | weight_decy | did you mean `weight_decay`?",
      "MTL3004 `epochs` is a whole number, 0 or more; this is 2.5 | 2.5 | ",
    ]);
  });
  it("labels where a setting was set before", () => {
    const text = withTrain("train { epochs: 1, epochs: 2 }");
    const [twice] = diagnosed(text).diagnostics;
    expect(
      twice.labels.map(({ span, message }) => [
        text.slice(span.start, span.end),
        span.start < (twice.span?.start ?? 0),
        message,
      ]),
    ).toEqual([["epochs", true, "set here already"]]);
  });
});

describe("values", () => {
  const phaseOf = (train: string) => {
    const { model, said } = diagnosed(withTrain(train));
    expect(said.filter((one) => !one.code.startsWith("MTL9"))).toEqual([]);
    return model?.phases[0];
  };
  it("fills every default, of words within words too", () => {
    const phase = phaseOf("train { optimizer: sgd(0.1), schedule: cosine, average: ema, stop: early }");
    expect(phase?.optimizer).toEqual({
      word: "sgd",
      settings: { rate: 0.1, momentum: 0, nesterov: false, weight_decay: 0, decay: "kernels" },
    });
    expect(phase?.schedule).toEqual({ word: "cosine", settings: { warmup: 0, floor: 0 } });
    expect(phase?.average).toEqual({ word: "ema", settings: { decay: 0.999, ramp: false } });
    expect(phase?.stop).toEqual({ on: "validation.loss", patience: 3 });
  });
  it("is plain data", () => {
    const phase = phaseOf(
      "train { clip: norm(1.0), penalty: [l2(1e-4), l1(1e-5)], rates: { trunk: 0.1 }, freeze: [digit] }",
    );
    const { span: _, ...data } = phase ?? {};
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
    expect(phase?.clip).toEqual({ word: "norm", settings: { limit: 1 } });
    expect(phase?.penalty).toEqual([
      { word: "l2", settings: { strength: 1e-4 } },
      { word: "l1", settings: { strength: 1e-5 } },
    ]);
    expect(phase?.rates).toEqual({ trunk: 0.1 });
    expect(phase?.freeze).toEqual(["digit"]);
  });
  it("makes pairs of sizes", () => {
    const { model } = diagnosed(`model T
input image: f32[12, 12, 1]
shared a = image -> conv2d(4, kernel: 3) -> conv2d(4, kernel: [1, 3]) -> flatten
task z: real { head: a -> dense }
train { epochs: 1 }
data { train: csv("a") }`);
    const kernels = model?.instructions.filter((one) => one.layer === "conv2d").map((one) => one.settings.kernel);
    expect(kernels).toEqual([
      [3, 3],
      [1, 3],
    ]);
  });
  it("takes constants where numbers, lists and columns stand", () => {
    const { model, said } = diagnosed(`model T
const rows = 2 * 16
const corners = ["x0", "y0"]
input at: f32[2] { from: corners }
task z: real { head: at -> dense }
train { batch: rows }
data { train: csv("a") }`);
    expect(said).toEqual([]);
    expect(model?.phases[0].batch).toBe(32);
    expect(model?.inputs[0].from).toMatchObject({ kind: "names", names: ["x0", "y0"] });
  });
});

describe("search", () => {
  const searches = (train: string) => compile(withTrain(train)).model?.searches;
  it("takes the first of a list, of words too", () => {
    expect(searches("train { batch: search([8, 16]), optimizer: search([sgd(0.5), adam]) }")).toEqual([
      {
        path: "train.optimizer",
        choices: [
          { word: "sgd", settings: { rate: 0.5, momentum: 0, nesterov: false, weight_decay: 0, decay: "kernels" } },
          expect.objectContaining({ word: "adam" }),
        ],
        chosen: {
          word: "sgd",
          settings: { rate: 0.5, momentum: 0, nesterov: false, weight_decay: 0, decay: "kernels" },
        },
      },
      { path: "train.batch", choices: [8, 16], chosen: 8 },
    ]);
  });
  it("takes the middle of a range, geometric on a log scale, whole for whole numbers", () => {
    const found = searches("train { batch: search(16, 64), optimizer: adam(rate: search(1e-4, 1e-2, scale: log)) }");
    expect(found?.map(({ path, choices }) => [path, choices])).toEqual([
      ["train.optimizer.rate", { low: 1e-4, high: 1e-2, scale: "log" }],
      ["train.batch", { low: 16, high: 64, scale: "linear" }],
    ]);
    expect(found?.[0].chosen).toBeCloseTo(1e-3, 12);
    expect(found?.[1].chosen).toBe(40);
  });
  it.each([
    ["search(1e-2, 1e-4)", "its low end 0.01 is not below its high end 0.0001"],
    ["search(0.1, 1, scale: logg)", "its scale is `linear` or `log`"],
    ["search([])", "its list is empty"],
    ["search(1)", "it takes a list of values, or the two ends of a range"],
    ["search([1, 2], scale: log)", "a list of values has no scale"],
    ["search(1, 2, steps: 3)", "it has no setting `steps`"],
  ])("%s", (search, problem) => {
    const { said } = diagnosed(withTrain(`train { optimizer: adam(rate: ${search}) }`));
    expect(said.map((one) => `${one.code} ${one.message}`)).toEqual([`MTL3010 this search cannot be made: ${problem}`]);
  });
  it.each([
    ["optimizer: search(1, 2)", "write `search([sgd, adam])` for words to try"],
    ["shuffle: search(1, 2)", "write `search([true, false])`"],
    ["batch: search(8, 2)", "write `search([1, 2, 4])` for values to try, or `search(1, 8)` for a range"],
  ])("shows one that fits what stands there: %s", (setting, help) => {
    const [{ code, help: said }] = compile(withTrain(`train { ${setting} }`)).diagnostics;
    expect([code, said]).toEqual(["MTL3010", help]);
  });
  it("has no range where a word stands", () => {
    expect(only(withTrain("train { optimizer: search(1, 2) }"))).toMatch(
      /^MTL3010 this search cannot be made: `optimizer` is no number, so it has no range/,
    );
  });
  it("checks every choice", () => {
    expect(only(withTrain("train { batch: search([8, 0]) }"))).toBe(
      "MTL3005 `batch` is a whole number, 1 or more; this is 0 | 0 | ",
    );
  });
});

describe("columns and cells", () => {
  it("may stand as plain words in a source only", () => {
    const { model, said } = diagnosed(
      withData('data { train: csv("a.csv", only: { split: train, n: [1, 2] }) -> join(csv("b.csv"), on: user) }'),
    );
    expect(said).toEqual([]);
    const { train } = model?.data[0] ?? {};
    expect(train?.settings).toEqual({ on: "user", only: {} });
    expect(train?.operands.map((one) => one.settings)).toEqual([
      { path: "a.csv", only: { split: "train", n: [1, 2] }, missing: [], separator: null, decimal: null },
      { path: "b.csv", only: {}, missing: [], separator: null, decimal: null },
    ]);
    expect(only(withTask("task z: flag { head: x -> dense, positive: yes }"))).toBe(
      'MTL3004 `positive` is a value (number, text in quotes, boolean) or a list of values; this is the word `yes` | yes | a text stands in quotes: `"yes"`',
    );
  });
});
