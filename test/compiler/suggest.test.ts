import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
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

describe("many and long names", () => {
  const named = (k: number): string =>
    `${"abcdefghij"[k % 10].repeat(6)}${String(k).replace(/./g, (digit) => "klmnopqrst"[Number(digit)])}`;
  const file = (head: string, declarations = ""): string =>
    `model A\ninput x: f32\n${declarations}\ntask y: real { head: ${head} -> dense }\ntrain { epochs: 1 }\ndata { train: csv("a.csv") }\n`;
  const unknown = (text: string): number =>
    compile(text).diagnostics.filter(({ name }) => name === "unknown-name" || name === "unknown-setting").length;

  it("beyond what anybody mistypes are not guessed, and those within are", () => {
    expect(editDistance("kitten", "sitting", 2)).toBe(Number.POSITIVE_INFINITY);
    expect(editDistance("kitten", "sitting", 3)).toBe(3);
    const long = "a".repeat(16_000);
    expect(suggest(`${long}b`, [long])).toBeUndefined();
    expect(suggest(long, [long.toUpperCase()])).toBe(long.toUpperCase());
    expect(suggest("trnk", ["trunk", long])).toBe("trunk");
  });

  it("as settings of one call are told too, which then is not said again whole for each", () => {
    const settings = (name: (k: number) => string, count: number): string =>
      Array.from({ length: count }, (_, k) => `${name(k)}: ${k}`).join(", ");
    expect(unknown(file(`x -> dense(8, ${settings(named, 8000)})`))).toBe(8000);
    const activations = (count: number): string => file(`x -> dense(8, ${settings(named, count)}, activation: tanh)`);
    const help = (text: string): string | undefined =>
      compile(text).diagnostics.find(({ message }) => message.includes("`activation`"))?.help;
    expect(help(activations(1))).toBe(`an activation is a step of its own: \`dense(8, ${named(0)}: 0) -> tanh\``);
    expect(help(activations(500))).toBe("an activation is a step of its own: `dense(…) -> tanh`");
  });

  it("are told: 8,000 names that mean nothing beside 2,000 that do, and 40 of 16,000 letters", () => {
    const many = Array.from({ length: 8000 }, (_, k) => named(k + 5000)).join(", ");
    const known = Array.from({ length: 2000 }, (_, k) => `input ${named(k)}: f32`).join("\n");
    expect(unknown(file(`concat(${many})`, known))).toBe(8000);
    const long = (letter: string): string[] => Array.from({ length: 40 }, (_, k) => letter.repeat(16_000) + named(k));
    const declared = long("a").map((name) => `input ${name}: f32`);
    expect(unknown(file(`concat(${long("b").join(", ")})`, declared.join("\n")))).toBe(40);
  });
});
