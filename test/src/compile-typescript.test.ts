import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { mtlc, sound } from "../slow/command.ts";

/** `mtlc compile --to typescript` as a command: what it writes where, what it refuses, and its exit codes. */

const folder = mkdtempSync(join(tmpdir(), "mtlc-compile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const model = join(folder, "tiny.mtl");
const text = `model Tiny

input a: f32
task b: real { head: a -> dense(2) -> relu -> dense, target: "b" }

data { train: csv("rows.csv") }
train { epochs: 2 }
`;
writeFileSync(model, text);
const compile = (...words: string[]) => mtlc("compile", ...words, "--to", "typescript");

it("writes the module and its map beside the model, and with --js the script too", async () => {
  const { code, err } = await compile(model, "--js");
  expect({ code, err }).toEqual({
    code: 0,
    err: `Written: ${["tiny.ts", "tiny.ts.map", "tiny.mjs", "tiny.mjs.map"].map((name) => join(folder, name)).join(", ")}\n`,
  });
  const written = readFileSync(join(folder, "tiny.ts"), "utf8");
  expect(written).toContain("//# sourceMappingURL=tiny.ts.map");
  expect(written).toContain("npm install mtlc @tensorflow/tfjs");
  const script = readFileSync(join(folder, "tiny.mjs"), "utf8");
  // Node 20 reads no types: there are none.
  expect(script).not.toMatch(/: tf\.Tensor|^interface|^type /m);
  expect(script).toContain("//# sourceMappingURL=tiny.mjs.map");
  expect((await compile(model, "--js", "--check")).code).toBe(0);
  // What `npm init` writes.
  writeFileSync(join(folder, "package.json"), '{ "type": "commonjs" }');
  execFileSync(process.execPath, ["--check", join(folder, "tiny.mjs")]);
  expect(await sound("compile", model, "--to", "typescript", "-o", "-")).toBe(
    written.replace(/\/\/# sourceMappingURL=.*\n/, ""),
  );
});

it("types answers along tokens as lists of any length, with every flag of a token", async () => {
  const tagged = join(folder, "tagged.mtl");
  writeFileSync(
    tagged,
    `model Tagged
input words: tokens(3) { from: "words", tokenizer: words(vocabulary: 9) }
shared h = words -> embed(4)
task tag: class(2)[words] { head: h -> dense }
task mood: flags(2)[words] { head: h -> dense, target: ["glad", "calm"] }
task marks: flags(2) { head: h -> mean_pool -> dense, target: ["m", "n"] }
task size: real[3] { head: h -> mean_pool -> dense(3) }
data { train: jsonl("rows.jsonl") }
`,
  );
  const written = await sound("compile", tagged, "--to", "typescript", "-o", "-");
  const types = /interface Answers \{\n([^}]*)\}/.exec(written)?.[1].trim().split(/\n */);
  expect(types).toEqual([
    "readonly tag: readonly mtlc.ClassAnswer<0 | 1>[];",
    "readonly mood: readonly (readonly mtlc.FlagAnswer[])[];",
    "readonly marks: readonly mtlc.FlagAnswer[];",
    "readonly size: readonly [number, number, number];",
  ]);
});

it("names what layers compute by what it is: zeros, the mask laid out anew, a transposed tensor", async () => {
  const sequences = join(folder, "sequences.mtl");
  writeFileSync(
    sequences,
    `model Sequences
input words: tokens(6) { from: "words", tokenizer: words(vocabulary: 9) }
task b: real { head: words -> embed(4) -> lstm(3, bidirectional: true) -> mean_pool -> dense, target: "b" }
data { train: csv("rows.csv") }
`,
  );
  const written = await sound("compile", sequences, "--to", "typescript", "-o", "-");
  const names = [...written.matchAll(/ (?:const|let) (\w+) = (?:tf\.)?(\w+)/g)].map(
    ([, name, from]) => `${name} ${from}`,
  );
  expect(names).toEqual(expect.arrayContaining(["zeros fill", "reshapedMask mask", "transposed x"]));
  expect(written).not.toMatch(/const (?:fill|reshaped|where) =/);
});

it("makes the folders that it writes into, and none with --check", async () => {
  const out = join(folder, "a", "b", "tiny.ts");
  expect((await compile(model, "-o", out, "--check")).code).toBe(1);
  expect(existsSync(join(folder, "a"))).toBe(false);
  expect((await compile(model, "-o", out)).code).toBe(0);
  expect(readFileSync(out, "utf8")).toContain("sourceMappingURL");
});

it("tells with --check what is stale or missing, by name and with the command that mends it, and writes nothing", async () => {
  const out = join(folder, "checked.ts");
  const words = [model, "-o", out];
  expect((await compile(...words)).code).toBe(0);
  expect((await compile(...words, "--check")).code).toBe(0);
  const before = readFileSync(out, "utf8");
  writeFileSync(out, `${before}// by hand\n`);
  rmSync(`${out}.map`);
  const { code, err } = await compile(...words, "--check");
  expect(code).toBe(1);
  expect(err).toBe(
    `Not up to date: ${out}, ${out}.map (it is not there)\nWrite anew: mtlc compile ${model} --to typescript -o ${out}\n`,
  );
  expect(readFileSync(out, "utf8")).toBe(`${before}// by hand\n`);
  expect(existsSync(`${out}.map`)).toBe(false);
});

it("refuses what it cannot do, with the code for it", async () => {
  const wrong: [string[], RegExp][] = [
    [[model, "-o", "out.js"], /a module's name ends in \.ts or \.mts, unlike `out\.js`/],
    [[model, "-o", "-", "--check"], /`--check` is about files/],
    [[model, "-o", "-", "--js"], /`--js` is about files/],
    [[model, "--batch", "3"], /`--batch` belongs to `--to onnx`/],
    [[model, "--chek"], /no option `--chek`/],
    [[join(folder, "nowhere.mtl")], /there is no file/],
  ];
  for (const [words, message] of wrong) {
    const { code, err } = await compile(...words);
    expect(err).toMatch(message);
    expect(code, words.join(" ")).toBe(2);
  }
  mkdirSync(join(folder, "taken.ts"));
  mkdirSync(join(folder, "half"));
  writeFileSync(join(folder, "half", "model.mtl"), text);
  writeFileSync(join(folder, "mistaken.mtl"), text.replace("dense(2)", "dens(2)"));
  writeFileSync(join(folder, "later.mtl"), text.replace("-> relu", "-> mtan").replace("mtan", "dropout(2)"));
  const mistakes: [string[], RegExp][] = [
    [[model, "-o", join(model, "out.ts")], /out\.ts` cannot be written: a file stands where its folder should be/],
    [[model, "-o", join(folder, "taken.ts")], /taken\.ts` cannot be written: a folder of that name stands there/],
    [[join(folder, "half")], /half` is no run folder: it holds no run\.json/],
    [[join(folder, "mistaken.mtl")], /`dens`[\s\S]*mistaken\.mtl:4/],
    [[join(folder, "later.mtl")], /later\.mtl:4/],
  ];
  for (const [words, message] of mistakes) {
    const { code, err, out } = await compile(...words);
    expect(`${out}${err}`).toMatch(message);
    expect(code, words.join(" ")).toBe(1);
  }
});
