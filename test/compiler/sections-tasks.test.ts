import { describe, expect, it } from "vitest";
import { showSize } from "../../compiler/ir/size.ts";
import { diagnosed, only, withTask } from "./diagnosed.ts";

describe("tasks", () => {
  it.each([
    [
      "task z: clas(3) { head: x -> dense }",
      "MTL3012 there is no kind of target `clas` | clas | did you mean `class`?",
    ],
    [
      "task z: class(3) { head: x -> dense, metrics: [accuracy, top_k(2), accuracy] }",
      "MTL9008 `accuracy` is listed twice | accuracy | leave one of them out",
    ],
    ["task z: class(3) { head: x -> dense, metrics: [accuracy, top_k(1), top_k(2)] }", ""],
    ["task z: class(1) { head: x -> dense }", "MTL3005 `labels` is a whole number, 2 or more; this is 1 | 1 | "],
    [
      'task z: class(["a"]) { head: x -> dense }',
      'MTL5005 the list has only 1 value, and at least 2 are needed | class(["a"]) | ',
    ],
    ['task z: class(["a", "a"]) { head: x -> dense }', 'MTL5005 "a" is in the list twice | class(["a", "a"]) | '],
    [
      "task z: flags { head: x -> dense }",
      "MTL3002 `flags` needs its setting `count`: a whole number, 1 or more | flags | write `flags(…)`",
    ],
    [
      "task z: flag(3) { head: x -> dense }",
      "MTL3008 this setting of `flag` needs its name | 3 | several flags are `flags(3)`",
    ],
    [
      'task z: real[4] { head: x -> dense, target: ["a", "b"] }',
      'MTL5006 `z` is `real[4]` and reads 4 columns; its `target` names 2 | ["a", "b"] | write `real[2]`',
    ],
    // Along tokens each column has a list: one for each answer that a token has.
    ['task z: flags(2)[words] { head: words -> embed(4) -> dense, target: ["a", "b"] }', ""],
    ['task z: real[words, 2] { head: words -> embed(4) -> dense(2), target: ["a", "b"] }', ""],
    [
      'task z: flags(3)[words] { head: words -> embed(4) -> dense, target: ["a", "b"] }',
      'MTL5006 `z` is `flags(3)[words]` and reads 3 columns; its `target` names 2 | ["a", "b"] | write `flags(2)[words]`',
    ],
    [
      'task z: real[words] { head: words -> embed(4) -> dense, target: ["a", "b"] }',
      'MTL5006 `z` is `real[words]` and reads 1 column; its `target` names 2 | ["a", "b"] | write `real[words, 2]`',
    ],
    [
      'task z: flag[words] { head: words -> embed(4) -> dense, target: ["a", "b"] }',
      'MTL5006 `z` is `flag[words]` and reads 1 column; its `target` names 2 | ["a", "b"] | several answers at once are `flags(2)[words]`',
    ],
    [
      'task z: real { head: x -> dense, target: each(["a", "a"]) }',
      'MTL5009 the column "a" is named twice | ["a", "a"] | write `each(["a", "b"])`',
    ],
    [
      'task z: real { head: x -> dense, target: each("a") }',
      'MTL5009 `each` takes a list of columns; this is the text "a" | "a" | write `each(["a", "b"])`',
    ],
    [
      "task z: real { head: x -> dense, positive: 3 }",
      "MTL3014 `positive` is for `flag` or `flags` targets; this is `real` | positive | ",
    ],
    [
      "task z: class(3) { head: x -> dense, scale: standard }",
      "MTL3014 `scale` is for `real` targets; this is `class` | scale | ",
    ],
    [
      "task z: class(3) { head: x -> dense, loss: cross_entropy(class_weights: [1, 2]) }",
      "MTL3009 `class_weights` takes 3 values; this list has 2 | cross_entropy(class_weights: [1, 2]) | ",
    ],
    [
      "task z: class(3) { head: x -> dense, loss: cross_entropy + 0.5 * focl }",
      "MTL3006 there is no loss `focl` | focl | did you mean `focal`?",
    ],
    [
      "task z: class(3) { head: x -> dense, loss: cross_entropy - focal }",
      "MTL5008 a loss is a word or a sum of words; this is a difference | cross_entropy - focal | write a sum such as `cross_entropy + 0.1 * focal(gamma: 2)`",
    ],
    [
      "task z: class(3) { head: x -> dense, loss: -1 * focal }",
      "MTL3005 the factor of a loss is a number above 0; this is -1 | -1 | ",
    ],
    [
      "task z: class(3) { head: x -> dense, loss: bce }",
      "MTL3006 there is no loss `bce` | bce | did you mean `binary_cross_entropy`?",
    ],
    [
      "task z: class(3) { head: x -> dense, loss: mse }",
      "MTL5001 the loss `mse` does not fit `z`, which is `class(3)`: it is for `real` or `count` targets | mse | the loss of `class` is `cross_entropy`",
    ],
    [
      "task z: real[3] { head: x -> dense, loss: giou }",
      "MTL5001 the loss `giou` does not fit `z`, which is `real[3]`: a box is four numbers: it needs real[4] | giou | the loss of `real` is `mse`",
    ],
    [
      "task z: real { head: x -> dense, metrics: [mae, accuracy] }",
      "MTL5002 the metric `accuracy` does not fit `z`, which is `real`: it is for `class`, `flag`, `flags` or `ordinal` targets | accuracy | `real` is measured by `mae` or `r2`, among others",
    ],
    [
      "task z: class(3) { head: x -> dense, weight: -1 }",
      "MTL3005 `weight` is a number, 0 or more; this is -1 | -1 | ",
    ],
    [
      "task z: class(3) { head: x -> dense, loss_weight: 2 }",
      "MTL3001 task `z` has no key `loss_weight` | loss_weight | did you mean `weight`?",
    ],
    [
      "task z: class(3) { head: x -> dense, role: aux }",
      "MTL3007 `role` cannot be `aux` | aux | it is one of `main`, `auxiliary`",
    ],
    [
      "task z: class(3) { weight: 2 }",
      "MTL5003 task `z` has no head | z | write `head: trunk -> dense`, with the tensor it starts from",
    ],
    [
      "task z: class(3)[wrods] { head: words -> embed(3) -> dense }",
      "MTL2001 there is no `wrods` here | wrods | did you mean `words`?",
    ],
    [
      "task z: flag { head: x -> dense, probability: other.prediction }",
      "MTL5004 task `z` has both a head and a probability | probability | keep one of the two",
    ],
    [
      "task z: real { probability: other.prediction }",
      "MTL5011 a probability makes a flag; `z` is `real` | real | write `task z: flag`",
    ],
    [
      "task z: flag { head: x -> dense, target: none, weight: 2 }",
      "MTL5007 task `z` has no target, so `weight` has nothing to act on | weight | ",
    ],
  ])("%s", (task, expected) => {
    expect(only(withTask(task))).toBe(expected);
  });

  const taskOf = (text: string) => {
    const { model, said } = diagnosed(withTask(text));
    expect(said).toEqual([]);
    return model?.tasks.find((task) => task.name === "z");
  };
  it("has a kind's own loss and metrics", () => {
    const words = (task: ReturnType<typeof taskOf>) => [
      task?.loss.map((term) => term.loss.word),
      task?.metrics.map((metric) => metric.word),
    ];
    expect(words(taskOf("task z: class(3) { head: x -> dense }"))).toEqual([["cross_entropy"], ["accuracy", "f1"]]);
    expect(words(taskOf("task z: flag { head: x -> dense }"))).toEqual([["binary_cross_entropy"], ["accuracy", "auc"]]);
    expect(words(taskOf("task z: flags(3) { head: x -> dense }"))).toEqual([["binary_cross_entropy"], ["auc", "f1"]]);
    expect(words(taskOf("task z: real { head: x -> dense }"))).toEqual([["mse"], ["mae", "r2"]]);
    expect(words(taskOf("task z: count { head: x -> dense }"))).toEqual([["poisson"], ["mae"]]);
    expect(words(taskOf("task z: ordinal(4) { head: x -> dense }"))).toEqual([["ordinal"], ["mae", "accuracy"]]);
    expect(words(taskOf('task z: class(["O", "B-x", "I-x"])[words] { head: words -> embed(3) -> dense }'))).toEqual([
      ["cross_entropy"],
      ["accuracy", "f1", "span_f1"],
    ]);
    expect(words(taskOf("task z: class(3)[words] { head: words -> embed(3) -> dense }"))).toEqual([
      ["cross_entropy"],
      ["accuracy", "f1"],
    ]);
  });
  it("adds losses up, factors multiplied out", () => {
    const terms = taskOf(
      "task z: class(3) { head: x -> dense, loss: cross_entropy + 0.5 * (focal(gamma: 1) + 2 * focal) }",
    )?.loss;
    expect(terms?.map(({ factor, loss }) => [factor, loss.word, loss.settings.gamma])).toEqual([
      [1, "cross_entropy", undefined],
      [0.5, "focal", 1],
      [1, "focal", 2],
    ]);
  });
  it("learns from a teacher by one loss more", () => {
    const terms = taskOf('task z: class(3) { head: x -> dense, distill: "runs/big" }')?.loss;
    expect(terms?.map(({ factor, loss }) => [factor, loss.word, loss.settings.of])).toEqual([
      [1, "cross_entropy", undefined],
      [1, "distillation", "runs/big"],
    ]);
    expect(only(withTask('task z: real { head: x -> dense, distill: "runs/big" }'))).toMatch(
      /^MTL5001 the loss `distillation` does not fit/,
    );
  });
  it("knows kinds with their labels and axes", () => {
    expect(taskOf("task z: class { head: x -> dense }")?.kind).toMatchObject({
      word: "class",
      learnt: true,
      shape: [],
    });
    expect(taskOf('task z: class(["a", 2]) { head: x -> dense }')?.kind).toEqual({
      word: "class",
      size: 2,
      labels: ["a", 2],
      learnt: false,
      shape: [],
    });
    expect(taskOf("task z: class(5)[words] { head: words -> embed(3) -> dense }")?.kind).toEqual({
      word: "class",
      size: 5,
      learnt: false,
      shape: [10],
      axes: ["words"],
    });
    expect(taskOf("task z: real[2] { head: x -> dense }")?.kind).toEqual({
      word: "real",
      size: 1,
      learnt: false,
      shape: [2],
    });
  });
  it("learns labels column by column in a group", () => {
    const { model } = diagnosed(withTask('task z: class { head: x -> dense, target: each(["a", "b"]) }'));
    const sizes = model?.tasks.filter((task) => task.group === "z").map((task) => showSize(task.kind.size));
    expect(sizes).toEqual(["labels(z.a)", "labels(z.b)"]);
  });
  it("has no loss, metric or weight without a target", () => {
    const task = taskOf("task z: flag { head: x -> dense, target: none }");
    expect([task?.target, task?.loss, task?.metrics]).toEqual([null, [], []]);
  });
});

describe("inputs", () => {
  const inputOf = (text: string, reads = "age -> dense") => {
    const { model, said } = diagnosed(withTask(`${text}\ntask z: real { head: ${reads} }`));
    expect(said).toEqual([]);
    const input = model?.inputs.find((one) => one.name === "age");
    if (!input) throw new Error("the input was expected");
    return input;
  };
  it("is read from its own name unless it says otherwise", () => {
    expect(inputOf("input age: f32")).toMatchObject({
      from: { kind: "names", names: ["age"] },
      scale: "none",
      fill: null,
      augment: [],
    });
    expect(inputOf('input age: f32 { from: "Age", scale: minmax, fill: median }')).toMatchObject({
      from: { kind: "names", names: ["Age"] },
      scale: "minmax",
      fill: "median",
    });
    expect(inputOf('input age: f32[3] { from: columns("a", "c"), fill: 0 }')).toMatchObject({
      from: { kind: "range", first: "a", last: "c" },
      fill: 0,
    });
  });
  it("says how many codes there are", () => {
    expect(inputOf('input age: category(["red", "white"])', "age -> embed(2) -> dense").type).toEqual({
      element: "i32",
      shape: [],
      codes: 3,
    });
    expect(inputOf("input age: category", "age -> embed(2) -> dense").type).toEqual({
      element: "i32",
      shape: [],
      codes: { terms: [{ unknowns: ["codes(age)"], factor: 1 }] },
    });
  });
  it("names the axis of tokens, whose tokenizer is `words` unless it says otherwise", () => {
    const { type, tokenizer } = inputOf("input age: tokens(7)", "age -> embed(2) -> mean_pool -> dense");
    expect(type).toMatchObject({ element: "i32", shape: [7], axes: ["age"] });
    expect(tokenizer).toEqual({ word: "words", settings: { vocabulary: null, lowercase: false } });
    expect(
      inputOf("input age: tokens(7) { tokenizer: characters(vocabulary: 90) }", "age -> embed(2) -> mean_pool -> dense")
        .type?.codes,
    ).toBe(90);
  });
  it("wants as many columns as it has numbers", () => {
    const { said } = diagnosed(
      withTask('input age: f32[2] { from: ["a", "b", "c"] }\ntask z: real { head: age -> dense }'),
    );
    expect(said.map(({ code, message, at }) => [code, message, at])).toEqual([
      ["MTL5006", "`age` is `f32[2]` and reads 2 columns; its `from` names 3", '["a", "b", "c"]'],
    ]);
  });
});
