import { describe, expect, it } from "vitest";
import { editDistance, rowAliases, suggest, suggestSetting } from "../../compiler/check/names/suggest.ts";

describe("edit distance", () => {
  it.each([
    ["dense", "dense", 0],
    ["dnese", "dense", 1],
    ["dens", "dense", 1],
    ["denses", "dense", 1],
    ["danse", "dense", 1],
    ["", "dense", 5],
    ["kitten", "sitting", 3],
  ])("%s and %s are %i apart", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});

describe("suggest", () => {
  const layers = [
    { name: "dense", aliases: ["Linear", "fully_connected"] },
    { name: "conv2d", aliases: ["Conv2D"] },
    { name: "max_pool2d", aliases: ["MaxPooling2D"] },
    { name: "batch_norm", aliases: ["BatchNormalization"] },
    { name: "tanh", aliases: [] },
  ];
  const names = layers.map((row) => row.name);
  it.each([
    ["Dense", "dense"],
    ["BatchNorm", "batch_norm"],
    ["batchnorm", "batch_norm"],
    ["Linear", "dense"],
    ["linear", "dense"],
    ["Linaer", "dense"],
    ["dnese", "dense"],
    ["MaxPooling2D", "max_pool2d"],
    ["MaxPool2d", "max_pool2d"],
    ["conv2", "conv2d"],
    ["banana", undefined],
    ["xy", undefined],
    ["tahn", "tanh"],
  ])("%s → %s", (written, expected) => {
    expect(suggest(written, names, rowAliases(layers))).toBe(expected);
  });
  it("prefers the one that begins alike", () => {
    expect(suggest("rete", ["fete", "rate"])).toBe("rate");
  });
  it("never suggests what was written", () => {
    expect(suggest("train", ["train"])).toBeUndefined();
  });
  it("leaves out aliases of rows that are no candidates", () => {
    expect(suggest("Linear", ["conv2d"], rowAliases(layers))).toBeUndefined();
  });
});

describe("suggest a setting", () => {
  it.each([
    ["lr", ["rate", "momentum"], "rate"],
    ["learning_rate", ["rate", "momentum"], "rate"],
    ["units", ["width", "bias"], "width"],
    ["filters", ["width", "kernel"], "width"],
    ["filters", ["filters", "kernel"], undefined],
    ["kernel_size", ["width", "kernel"], "kernel"],
    ["loss_weight", ["head", "weight", "loss"], "weight"],
    ["batch_size", ["batch", "epochs"], "batch"],
    ["epoch", ["batch", "epochs"], "epochs"],
    ["widht", ["width", "bias"], "width"],
    ["rate", ["p"], "p"],
    ["colour", ["width", "bias"], undefined],
  ])("%s among %j → %s", (written, settings, expected) => {
    expect(suggestSetting(written, settings)).toBe(expected);
  });
});
