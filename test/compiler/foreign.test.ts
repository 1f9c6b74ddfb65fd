import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { otherLanguage } from "../../compiler/check/files/other-languages.ts";
import { applyFixes } from "../../compiler/fix.ts";

/** Forms of other languages: what they are read as, and that `--fix` writes what was meant. */

const program = (trunk: string, rest = "") => `model M
input x: f32[4]
input k: category
shared trunk = ${trunk}
task y: real { head: trunk -> dense }
train { epochs: 1 }
data { train: csv("rows.csv") }
${rest}`;

function said(text: string) {
  const { diagnostics } = compile(text);
  return diagnostics.map(({ code, help }) => `${code} ${help ?? ""}`);
}

/** The text once every fix is made. */
function fixed(text: string): string {
  return applyFixes(
    text,
    compile(text).diagnostics.flatMap(({ fixes }) => fixes.slice(0, 1)),
  );
}

describe("layers applied as in other languages", () => {
  it.each([
    ["relu(dense(16)(relu(dense(32)(x))))", "x -> dense(32) -> relu -> dense(16) -> relu"],
    ["Dense(32, activation='relu')(x)", "x -> dense(32) -> relu"],
    ["x.dense(32).relu()", "x -> dense(32) -> relu"],
    ["F.relu(x)", "x -> relu"],
    ["nn.Linear(4, 32)(x)", "x -> dense(32)"],
    ["tf.keras.layers.Dense(units=32, use_bias=False)(x)", "x -> dense(32, bias: false)"],
    ["Concatenate()([x, Embedding(9, 4)(k)])", "concat(x, k -> embed(4))"],
    ['Sequential([Dense(8, activation="tanh"), Dropout(0.5)])(x)', "x -> dense(8) -> tanh -> dropout(0.5)"],
    ["nn.Sequential(nn.Linear(4, 8), nn.ReLU())(x)", "x -> dense(8) -> relu"],
    ["relu(x + dense(4)(x))", "x + (x -> dense(4)) -> relu"],
    ["(dense(8) -> relu)(x)", "x -> dense(8) -> relu"],
    ["dense(8)(x) -> relu", "x -> dense(8)"],
  ])("%s", (foreign, ours) => {
    const errors = said(program(foreign)).filter((line) => line.startsWith("MTL2018"));
    expect(errors).toEqual([`MTL2018 write \`${ours}\``]);
  });

  it("are one mistake, whose fix leaves none", () => {
    const text = program("relu(dense(16)(concat([x, embed(4)(k)])))");
    expect(said(text)).toEqual(["MTL2018 write `concat(x, k -> embed(4)) -> dense(16) -> relu`"]);
    expect(fixed(text)).toBe(program("concat(x, k -> embed(4)) -> dense(16) -> relu"));
    expect(compile(fixed(text)).diagnostics).toEqual([]);
  });

  it("hide no other mistake inside them", () => {
    expect(said(program("concat(relu(desne(16)(x)), embed(4)(kk))"))).toEqual([
      "MTL2018 write `concat(x -> desne(16) -> relu, kk -> embed(4))`",
      "MTL2002 did you mean `dense`?",
      "MTL2001 ",
    ]);
  });

  it("leave the language's own forms alone", () => {
    expect(said(program("concat(relu(x), embed(k, 4))"))).toEqual([]);
    expect(said(program("x -> tower", "").replace("shared trunk", "layer tower = dense(4)\nshared trunk"))).toEqual([
      "MTL2009 ",
    ]);
  });

  it.each([
    ["optimizer: torch.optim.Adam(lr=0.01)", "write `adam(0.01)`"],
    ["optimizer: AdamW(learning_rate=0.01, weight_decay=0.1)", "write `adamw(0.01, weight_decay: 0.1)`"],
    ['stop: EarlyStopping(monitor="val_loss", patience=5)', "write `early(on: validation.loss, patience: 5)`"],
  ])("%s", (key, help) => {
    const text = program("concat(x, k -> embed(4))").replace("epochs: 1", key);
    expect(said(text).filter((line) => line.startsWith("MTL2018"))).toEqual([`MTL2018 ${help}`]);
  });
});

describe("marks of other languages", () => {
  const whole = program("concat(x, k -> embed(4)) -> dense(8)");

  it("semicolons are one message, hide nothing, and are taken away", () => {
    const text = whole
      .replace(/(?<=.)\n/g, ";\n")
      .replace("dense(8)", "Dense(8)")
      .replace("epochs", "epoch");
    expect(said(text)).toEqual([
      "MTL1001 nothing stands at the end of a line",
      "MTL2002 did you mean `dense`?",
      "MTL3001 did you mean `epochs`?",
    ]);
    expect(fixed(text)).toBe(whole);
  });
  it.each([
    ["x, k", "x; k"],
    ["->", "→"],
    ["->", "–>"],
    ["->", "=>"],
    ["->", "|>"],
    ['"rows.csv"', "“rows.csv”"],
    ['"rows.csv"', "'rows.csv'"],
    ['"rows.csv"', '"rows.csv”'],
    ["trunk = ", "trunk <- "],
    ["epochs:", "epochs："],
    ["epochs: 1", "optimizer: adam(rate: 1e−3)"],
    ["epochs: 1", "optimizer: adam(rate: 0,001)"],
  ])("for %s stands %s", (ours, theirs) => {
    const text = whole.replaceAll(ours, theirs);
    expect(compile(text).diagnostics.filter(({ severity }) => severity === "error")).toHaveLength(1);
    const right = theirs.includes("adam") ? whole.replaceAll(ours, "optimizer: adam(rate: 1e-3)") : whole;
    expect(fixed(text).replace("0.001", "1e-3").replace("x , k", "x, k")).toBe(right);
  });
});

describe("names with marks", () => {
  it("are one mistake wherever they are used, and one fix", () => {
    const text = program("concat(x, k -> embed(4))").replaceAll("trunk", "my-trunk");
    expect(said(text)).toEqual(["MTL1012 names are letters, digits and `_`: `my_trunk`"]);
    expect(fixed(text)).toBe(text.replaceAll("my-trunk", "my_trunk"));
  });
  it("are subtractions where both are names", () => {
    const text = program("a-b").replace(
      "shared trunk",
      "shared a = concat(x, k -> embed(4))\nshared b = relu(a)\nshared trunk",
    );
    expect(said(text)).toEqual([]);
  });
});

describe("channels first", () => {
  const images = (shape: string, head: string) => `model M
input image: f32[${shape}]
task y: class(10) { head: image -> ${head} -> dense }
train { epochs: 1 }
data { train: npz("rows.npz") }
`;
  it("is said where a layer cannot be applied for it", () => {
    expect(said(images("1, 28, 28", "conv2d(8, kernel: 3) -> max_pool2d(2) -> flatten"))).toEqual([
      "MTL4002 channels stand last: `f32[28, 28, 1]`",
    ]);
  });
  it("is a warning where one can", () => {
    expect(said(images("3, 32, 32", "conv2d(8, kernel: 3) -> flatten"))).toEqual([
      "MTL4012 channels stand last, in the arrays too: `f32[32, 32, 3]`",
    ]);
    expect(said(images("32, 32, 3", "conv2d(8, kernel: 3) -> flatten"))).toEqual([]);
    expect(said(images("4, 4, 3", "conv2d(8, kernel: 3) -> flatten"))).toEqual([]);
  });
});

describe("files of other languages", () => {
  it.each([
    ["YAML", "input_features:\n  - name: age\n    type: number\noutput_features:\n  - name: y\n    type: category\n"],
    ["YAML", "---\nmodel: mlp\nlayers: 3\n"],
    ["JSON", '{ "inputs": [{ "name": "age" }], "epochs": 3 }\n'],
    ["Python", "import torch\nfrom torch import nn\n\nmodel = nn.Linear(3, 4)\n"],
    ["Python", "def build(x):\n    return x\n"],
    ["TOML", "[train]\nepochs = 3\nbatch = 32\n"],
    ["a notebook", '{ "cells": [], "nbformat": 4 }'],
    ["a table of data", "age,island,species\n3,Dream,Gentoo\n4,Biscoe,Adelie\n"],
  ])("%s is one message", (language, text) => {
    expect(otherLanguage(text)).toBe(language);
    const { diagnostics, model } = compile(text);
    expect(model).toBeNull();
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
      `MTL1013 this is ${language}, not a program of mtlc`,
    ]);
  });
  it("no program is one, whole or broken", () => {
    const broken = [
      "model M\ninput x: f32[",
      "task y real\n",
      "train\n epochs: 3\n",
      "const width = 3\nlayer a = dense(width)\n",
      "",
    ];
    for (const text of [program("x"), ...broken]) expect(otherLanguage(text)).toBeUndefined();
  });
});

it("a constant that is called as a layer elsewhere is a constant", () => {
  const text = `model A
const lstm = 3
input x: f32[4]
layer wide = dense(lstm) -> relu
task y: real { head: x -> wide -> dense(lstm) -> dense }
train { epochs: 1 }
data { train: csv("a.csv") }
`;
  expect(compile(text).diagnostics.map(({ message }) => message)).toEqual([]);
});
