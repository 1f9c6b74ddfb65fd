import { describe, expect, test } from "vitest";
import type { Model, Word } from "../../compiler/ir/model.ts";
import { parseModel } from "../../compiler/ir/parse.ts";
import { plainModel } from "../../compiler/ir/plain.ts";
import { printModel } from "../../compiler/ir/print.ts";
import { unknownSize } from "../../compiler/ir/size.ts";

const span = { file: "a.mtl", start: 0, end: 1 };
const word = (name: string, settings: Word["settings"] = {}): Word => ({ word: name, settings });

const birds: Model = {
  name: "Birds",
  doc: "Two lines,\n\nand a blank.",
  inputs: [
    {
      name: "beak",
      kind: { word: "f32" },
      type: { element: "f32", shape: [2], axes: [null] },
      from: { kind: "names", names: ["Beak Length (mm)", "depth"], spans: [span, span] },
      scale: "standard",
      fill: "mean",
      augment: [],
      span,
    },
    {
      name: "text",
      kind: { word: "tokens", length: 35 },
      type: { element: "i32", shape: [35], axes: ["text"], codes: 8000 },
      from: { kind: "names", names: ["text"] },
      scale: "none",
      fill: null,
      tokenizer: word("words", { vocabulary: 8000, lowercase: true }),
      augment: [],
    },
  ],
  instructions: [
    {
      id: "bird",
      layer: "dense",
      inputs: ["beak"],
      settings: { width: 32, bias: true, start: word("glorot_uniform"), name: "none" },
      path: "bird.dense_1",
      owner: "bird",
      type: { element: "f32", shape: [32] },
      span,
    },
    {
      id: "species.1",
      layer: "residual",
      inputs: ["bird"],
      settings: {},
      path: "species.residual_1",
      owner: "species",
      type: { element: "f32", shape: [32], perTask: true },
      regions: [
        {
          argument: "x",
          argumentType: { element: "f32", shape: [32] },
          instructions: [
            {
              id: "species.2",
              layer: "relu",
              inputs: ["x"],
              settings: {},
              path: "species.residual_1.relu_1",
              owner: "species",
              type: { element: "f32", shape: [32] },
            },
          ],
          result: "species.2",
        },
      ],
    },
    {
      id: "species",
      layer: "dense",
      inputs: ["species.1"],
      settings: { width: null },
      path: "species.dense_1",
      owner: "species",
      type: { element: "f32", shape: [unknownSize("labels(species)")] },
    },
  ],
  shared: [{ name: "bird", value: "bird", doc: "What they share." }],
  tasks: [
    {
      name: "species",
      kind: { word: "class", size: unknownSize("labels(species)"), learnt: true, shape: [] },
      head: "species",
      probability: null,
      target: { kind: "names", names: ["Species"] },
      scale: "none",
      unit: null,
      loss: [
        { factor: 1, loss: word("cross_entropy", { label_smoothing: 0 }), span },
        { factor: 0.5, loss: word("focal", { gamma: 2 }) },
      ],
      weight: 1,
      metrics: [word("accuracy"), word("f1", { average: "macro" })],
      role: "main",
      rowWeight: null,
    },
  ],
  penalties: [{ name: "apart", value: "bird" }],
  phases: [
    {
      name: null,
      balance: [word("static")],
      optimizer: word("adamw", { rate: 1e-3, weight_decay: 1e-2 }),
      schedule: word("constant"),
      clip: null,
      accumulate: 1,
      average: null,
      epochs: 10,
      steps: null,
      batch: 32,
      shuffle: true,
      seed: 0,
      stop: { on: "validation.species.accuracy", patience: 3 },
      rates: { bird: 0.1 },
      freeze: ["bird"],
      penalty: [],
      sampling: null,
    },
  ],
  data: [
    {
      name: null,
      train: {
        word: "join",
        settings: { on: "user" },
        operands: [
          { word: "csv", settings: { path: "a.csv", only: { split: "train" } }, operands: [] },
          { word: "csv", settings: { path: "../b.csv" }, operands: [] },
        ],
        spans: { on: span },
      },
      validation: null,
      test: { word: "part", settings: { share: 0.2, of: "train" }, operands: [] },
      tasks: null,
      order: ["train", "test"],
    },
  ],
  searches: [
    { path: "train.optimizer.rate", choices: { low: 1e-4, high: 1e-2, scale: "log" }, chosen: 1e-3 },
    { path: "species.weight", choices: [0.1, 1, 10], chosen: 0.1 },
  ],
};

describe("a model as text", () => {
  test("is one layer a line, with every default and type", () => {
    expect(printModel(birds)).toBe(
      `/// Two lines,
///
/// and a blank.
model Birds

input beak: f32 : f32[_, 2] {
  from: ["Beak Length (mm)", "depth"]
  scale: standard
  fill: mean
  augment: []
}

input text: tokens(35) : i32[_, text: 35] of 8000 {
  from: ["text"]
  scale: none
  fill: none
  tokenizer: words(vocabulary: 8000, lowercase: true)
  augment: []
}

bird = dense(beak, width: 32, bias: true, start: glorot_uniform(), name: "none") at bird.dense_1 : f32[_, 32]

species.1 = residual(bird) at species.residual_1 : per_task f32[_, 32] {
  chain x : f32[_, 32] {
    species.2 = relu(x) at species.residual_1.relu_1 : f32[_, 32]
    return species.2
  }
}
species = dense(species.1, width: none) at species.dense_1 : f32[_, labels(species)]

/// What they share.
shared bird = bird

task species: class {
  size: labels(species)
  learnt: true
  shape: []
  head: species
  probability: none
  target: ["Species"]
  scale: none
  unit: none
  loss: 1 * cross_entropy(label_smoothing: 0) + 0.5 * focal(gamma: 2)
  weight: 1
  metrics: [accuracy(), f1(average: macro)]
  role: main
  row_weight: none
}

penalty apart = bird

train {
  balance: [static()]
  optimizer: adamw(rate: 0.001, weight_decay: 0.01)
  schedule: constant()
  clip: none
  accumulate: 1
  average: none
  epochs: 10
  steps: none
  batch: 32
  shuffle: true
  seed: 0
  stop: early(on: validation.species.accuracy, patience: 3)
  rates: { bird: 0.1 }
  freeze: [bird]
  penalty: []
  sampling: none
}

data {
  train: join(csv(path: a.csv, only: { split: train }), csv(path: "../b.csv"), on: user)
  validation: none
  test: part(share: 0.2, of: train)
  tasks: none
  order: [train, test]
}

search train.optimizer.rate = 0.001 of 0.0001 to 0.01 log
search species.weight = 0.1 of [0.1, 1, 10]
`,
    );
  });

  test("reads back as the same model, without spans", () => {
    const read = parseModel(printModel(birds));
    expect(read).toEqual(plainModel(birds));
    expect(JSON.stringify(read)).not.toContain("a.mtl");
    expect(plainModel(birds).inputs[0].type).not.toHaveProperty("axes");
  });

  test("that was changed by hand reads as changed", () => {
    const text = printModel(birds).replace("width: 32, bias: true", "width: 48 , bias:false");
    expect(parseModel(text).instructions[0].settings).toMatchObject({ width: 48, bias: false });
  });

  test.each([
    ["model Birds", "network Birds", /line 4: expected `model`/],
    ["width: 32, bias", "width: 32 bias", /line 21: expected `,`/],
    ["f32[_, labels(species)]", "f64[_]", /line 29: expected `f32` or `i32`/],
    ["role: main", "role: side", /line 46: expected `main` or `auxiliary`/],
    ["  shuffle: true\n", "", /expected `shuffle:`/],
    ["species.weight = 0.1 of [0.1, 1, 10]\n", "species.weight = 0.1 of [0.1", /expected `,`/],
  ])("with %s written %s is an error with its line", (before, after, message) => {
    const text = printModel(birds);
    expect(text).toContain(before);
    expect(() => parseModel(text.replace(before, after))).toThrow(message);
  });
});
