import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { csv, folderOf, numbersFrom } from "../runtime/small-training.ts";
import { mtlc, sound } from "../slow/command.ts";

/** A command that was used wrongly says what was meant: words in the wrong place, of other programs, or nearly right. */

const a = Array.from({ length: 24 }, numbersFrom(8));
let folder = "";
beforeAll(async () => {
  folder = folderOf({
    "birds.mtl": `model Birds
input a: f32
task kind: class { head: a -> dense }
train { epochs: 1 }
data { train: csv("birds.csv") }`,
    "birds.csv": csv({ a, kind: a.map((x) => (x > 0.3 ? "p" : "q")) }),
  });
  mkdirSync(join(folder, "empty"));
  await sound("train", join(folder, "birds.mtl"), "--run", join(folder, "runs/birds-1"));
});

/** `@` is the folder; what stands between quotes is one word. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => (quoted ?? bare).replaceAll("@", folder));
}

async function said(line: string): Promise<string> {
  const { code, out, err } = await mtlc(...wordsOf(line));
  expect(out).toBe("");
  expect(code).toBe(2);
  return err
    .replaceAll(folder, "@")
    .replace(/^mtlc: /, "")
    .trimEnd();
}

const run = "@/runs/birds-1";

describe("a command that there is none of", () => {
  it.each([
    ["fit @/birds.mtl", "there is no command `fit`; here it is `mtlc train @/birds.mtl`"],
    ["test x", "there is no command `test`; here it is `mtlc evaluate x`"],
    ["run x", "there is no command `run`; here it is `mtlc train x`"],
    ["lint x", "there is no command `lint`; here it is `mtlc check x`"],
    ["validate x", "there is no command `validate`; here it is `mtlc check x`"],
    ["export x", "there is no command `export`; here it is `mtlc compile x`"],
    ["Infer x", "there is no command `Infer`; here it is `mtlc predict x`"],
    ["trian x", "there is no command `trian`; did you mean `mtlc train`?"],
    ["Train x", "there is no command `Train`; did you mean `mtlc train`?"],
    ["dense", "there is no command `dense`; `mtlc explain dense` tells about the word"],
    ["help dense", "there is no command `dense`; `mtlc explain dense` tells about the word"],
    ["xylophone", "there is no command `xylophone` (`mtlc help` lists them)"],
    ["constructor", "there is no command `constructor` (`mtlc help` lists them)"],
    ["--check x", "commands have no dashes: `mtlc check x`"],
    ["--seed 3 train x", "`--seed` stands where the command does; options follow it: mtlc COMMAND [options]"],
    ["@/birds.mtl train", "the command stands first: `mtlc train @/birds.mtl`"],
    [`${run} predict x.csv`, `the command stands first: \`mtlc predict ${run} x.csv\``],
    ["@/birds.mtl", "a command stands in front of the file: `mtlc check @/birds.mtl`, `mtlc train @/birds.mtl`"],
    [run, `a command stands in front of the run: \`mtlc evaluate ${run}\`, \`mtlc predict ${run} FILE\``],
  ])("mtlc %s", async (line, message) => {
    expect(await said(line)).toBe(message);
  });
});

describe("an operand of another sort", () => {
  it.each([
    [
      `predict @/birds.csv ${run}`,
      `\`mtlc predict\` takes the folder of a run, then a file of rows: \`mtlc predict ${run} @/birds.csv\``,
    ],
    [
      "predict @/birds.mtl @/birds.csv",
      "@/birds.mtl is a model, and `mtlc predict` takes the folder of a run: `mtlc train @/birds.mtl` makes one",
    ],
    [
      "evaluate @/birds.mtl",
      "@/birds.mtl is a model, and `mtlc evaluate` takes the folder of a run: `mtlc train @/birds.mtl` makes one",
    ],
    ["evaluate @/birds.csv", "@/birds.csv is a file of rows, and `mtlc evaluate` takes the folder of a run"],
    [
      `evaluate ${run}/model.safetensors`,
      `${run}/model.safetensors is a file of a run, and \`mtlc evaluate\` takes the folder of a run: \`${run}\``,
    ],
    [
      `train ${run}`,
      `${run} is the folder of a run, and \`mtlc train\` takes a .mtl file: \`mtlc train FILE --resume --run ${run}\` goes on with it`,
    ],
    [
      `check ${run}`,
      `${run} is the folder of a run, and \`mtlc check\` takes a .mtl file: \`mtlc check ${run}/model.mtl\` is about its model`,
    ],
    ["check @", "@ is a folder, and `mtlc check` takes a .mtl file, such as `@/birds.mtl`"],
    ["check @/empty", "@/empty is a folder, and `mtlc check` takes a .mtl file"],
    [
      "train @/birds.csv",
      "@/birds.csv is a file of rows, and `mtlc train` takes a .mtl file, whose `data` section names the rows",
    ],
    ["train -", "`mtlc train` takes a .mtl file; `-` (standard input) is for the rows of `mtlc predict`"],
    [`predict ${run} @/birds.mtl`, "@/birds.mtl is a model, and `mtlc predict` takes a file of rows"],
    ["train @/brids.mtl", "there is no file @/brids.mtl; did you mean @/birds.mtl?"],
    ["train @/birds", "there is no file @/birds; did you mean @/birds.mtl?"],
    ["train @/nowhere/birds.mtl", "there is no file @/nowhere/birds.mtl"],
  ])("mtlc %s", async (line, message) => {
    expect(await said(line)).toBe(message);
  });
});

describe("operands that are missing or left over", () => {
  it.each([
    ["train", "`mtlc train` needs a .mtl file: mtlc train FILE [options]"],
    ["predict", "`mtlc predict` needs the folder of a run and a file of rows: mtlc predict RUN FILE [options]"],
    [`predict ${run}`, "`mtlc predict` needs a file of rows: mtlc predict RUN FILE [options]"],
    ["compile @/birds.mtl typescript", "what to write is said by `--to`: `mtlc compile @/birds.mtl --to typescript`"],
    ["compile @/birds.mtl js", "what to write is said by `--to`: `mtlc compile @/birds.mtl --to typescript`"],
    [
      "train @/birds.mtl @/birds.csv",
      "`@/birds.csv` is left over: the rows are named in the file, `data { train: … }`",
    ],
    [
      `evaluate ${run} @/birds.csv`,
      `\`@/birds.csv\` is left over: other rows are named by \`--on\`: \`mtlc evaluate ${run} --on @/birds.csv\``,
    ],
    [
      `predict ${run} @/birds.csv @/out.csv`,
      `\`@/out.csv\` is left over: where the answers go is said by \`--to\`: \`mtlc predict ${run} @/birds.csv --to @/out.csv\``,
    ],
    ["train @/birds.mtl check", "`mtlc train` and `mtlc check` are two commands, one after the other"],
    ["doctor a b", "`a` `b` are left over: mtlc doctor [options]"],
  ])("mtlc %s", async (line, message) => {
    expect(await said(line)).toBe(message);
  });
});

describe("what is left over behind --set", () => {
  it.each([
    ["train.epochs=3 4", '`4` is left over; a value with blanks stands in quotes: `--set "train.epochs=3 4"`'],
    ["train.epochs = 3", "`=` `3` are left over; no blanks stand around `=`: `--set train.epochs=3`"],
    [
      "train.epochs=3 train.batch=8",
      "`train.batch=8` is left over; each takes its own: `--set train.epochs=3` `--set train.batch=8`",
    ],
    [
      "train.optimizer=adam(rate: 0.1)",
      '`0.1)` is left over; a value with blanks stands in quotes: `--set "train.optimizer=adam(rate: 0.1)"`',
    ],
  ])("mtlc train FILE --set %s", async (words, message) => {
    expect(await said(`train @/birds.mtl --set ${words}`)).toBe(`\`--set\` takes one value, and ${message}`);
  });

  it.each([
    [
      "train.epochs=3,train.batch=8",
      "`train.batch=8` is left over behind `train.epochs=3`",
      "each takes its own: `--set train.epochs=3 --set train.batch=8`",
    ],
    [
      "train.epochs=3; batch=8",
      "`batch=8` is left over behind `train.epochs=3`",
      "each takes its own: `--set train.epochs=3 --set train.batch=8`",
    ],
    ["train.epochs=3 4", "`4` is left over behind `train.epochs=3`", null],
    ["train.epochs=3 input z: f32", "`input z: f32` is left over behind `train.epochs=3`", null],
    ["train.optimizer=adam(rate: 0.1) # fast", "`# fast` is left over behind `train.optimizer=adam(rate: 0.1)`", null],
  ])("one word: %s", async (word, message, help) => {
    const { code, err } = await mtlc("train", join(folder, "birds.mtl"), "--set", word, "--dry-run");
    expect(code).toBe(1);
    expect(err).toContain(`error[MTL8311] ${message}\n`);
    expect(err.match(/error\[/g)).toHaveLength(1);
    if (help !== null) expect(err).toContain(`help: ${help}\n`);
  });

  it("a comment is nothing, and a value may have commas", async () => {
    await sound("train", join(folder, "birds.mtl"), "--dry-run", "--set", "train.freeze=[]// none, or [kind]");
  });
});

describe("an option that a command does not have", () => {
  it.each([
    ["train @/birds.mtl --epochs 3", "write `--set train.epochs=3`"],
    ["train @/birds.mtl --epochs", "write `--set train.epochs=…`"],
    ["train @/birds.mtl --epochs=3", "write `--set train.epochs=3`"],
    ["train @/birds.mtl --epoch 3", "did you mean `--set train.epochs=3`?"],
    ["train @/birds.mtl --batch-size 8", "write `--set train.batch=8`"],
    ["train @/birds.mtl --batch_size 8", "write `--set train.batch=8`"],
    ["train @/birds.mtl --lr 0.01", 'write `--set "train.optimizer=adam(rate: 0.01)"`'],
    ["train @/birds.mtl --momentum 0.9", 'write `--set "train.optimizer=sgd(momentum: 0.9)"`'],
    ["train @/birds.mtl --gpu", "write `--device cuda`"],
    ["train @/birds.mtl --workers 2", "write `--threads 2`"],
    ["train @/birds.mtl --output x", "write `--run x`"],
    ["train @/birds.mtl -o x", "write `--run x`"],
    ["train @/birds.mtl --Seed 3", "write `--seed 3`"],
    ["train @/birds.mtl --dry_run", "write `--dry-run`"],
    ["train @/birds.mtl -seed 3", "write `--seed 3`"],
    ["train @/birds.mtl --sede 3", "did you mean `--seed`?"],
    ["train @/birds.mtl --random-state 3", "write `--seed 3`"],
    ["train @/birds.mtl --json", "write `--format json`"],
    ["train @/birds.mtl --loss mse", "`loss` is a key of `task`, and stands in the file"],
    ["train @/birds.mtl --validation-split 0.1", "it stands in the file: write `validation: part(0.1, of: train)`"],
    ["train @/birds.mtl --val 0.1", "`validation` is a key of `data`, and stands in the file"],
    ["train @/birds.mtl --fix", "it is an option of `mtlc check`"],
    ["train @/birds.mtl --version", "`mtlc --version` prints it"],
    ["train @/birds.mtl --frobnicate", "`mtlc train --help` lists those it has"],
    ["check @/birds.mtl --epochs 3", "write `mtlc train FILE --set train.epochs=3`"],
    [`predict ${run} @/birds.csv -o out.csv`, "write `--to out.csv`"],
    [`evaluate ${run} --data @/birds.csv`, "write `--on @/birds.csv`"],
    [`evaluate --run ${run}`, "it is an option of `mtlc train`"],
    ["evaluate --checkpoint x", "it stands without an option: `mtlc evaluate RUN [options]`"],
    ["compile @/birds.mtl --target typescript", "write `--to typescript`"],
    ["compile @/birds.mtl --onnx", "write `--to onnx`"],
    ["doctor --gpu", "write `--device cuda`"],
  ])("mtlc %s", async (line, remedy) => {
    const [name] = line.split(" ");
    const raw = /(?<= )--?[\w-]+/.exec(line)?.[0];
    expect(await said(line)).toBe(`\`mtlc ${name}\` has no option \`${raw}\`: ${remedy}`);
  });
});

describe("the value of an option", () => {
  it.each([
    ["train x --threads", "`--threads` needs a value: `--threads N`"],
    ["train x --threads=", "`--threads` needs a value: `--threads N`"],
    ["train x --threads=abc", "`--threads` is a whole number of at least 1, not `abc`"],
    ["train x --threads 0", "`--threads` is a whole number of at least 1, not `0`"],
    ["train x --threads -2", "`--threads` is a whole number of at least 1, not `-2`"],
    ["train x --threads 1e3", "`--threads` is a whole number of at least 1, not `1e3`"],
    ["train x --threads 100000", "`--threads` is at most 512, not `100000`"],
    ["train x --seed 4294967296", "`--seed` is at most 4294967295, not `4294967296`"],
    ["evaluate x --bootstrap 99999999999999999999", "`--bootstrap` is at most 100000, not `99999999999999999999`"],
    ["compile x --to onnx --batch 0", "`--batch` is a whole number of at least 1, not `0`"],
    [
      "train x --run --seed 3",
      "`--run` needs a value, and `--seed` is the next option (a value that begins with a dash is written `--run=--seed`)",
    ],
    ["check x --fix=yes", "`--fix` takes no value, and has `yes`"],
    ["check x --format yaml", "`--format` is one of pretty, json, sarif, github, not `yaml`"],
    ["check x --format JSON", "`--format` is one of pretty, json, sarif, github, not `JSON`; did you mean `json`?"],
    ["compile x --to ts", "`--to` is one of typescript, onnx, not `ts`; did you mean `typescript`?"],
    ["doctor --device gpu", "`--device gpu`: an engine has cpu, webgpu, cuda; did you mean `cuda`?"],
    [
      "doctor --engine tensorflow",
      "`--engine` is one of onnx, tfjs-node-gpu, tfjs-node, tfjs, not `tensorflow`; did you mean `tfjs-node`?",
    ],
  ])("mtlc %s", async (line, message) => {
    expect(await said(line)).toBe(message);
  });

  it.each([
    ["--device gpu", "did you mean `--device cuda`?"],
    ["--engine tfjs --device gpu", "`--engine onnx` has it"],
    ["--engine tensorflow", "did you mean `--engine tfjs-node`?"],
    ["--engine gpu", "`gpu` is a device: `--device cuda`"],
  ])("that an engine does not have: %s", async (words, help) => {
    const { code, err } = await mtlc("train", join(folder, "birds.mtl"), "--dry-run", ...wordsOf(words));
    expect(code).toBe(1);
    expect(err).toContain(`help: ${help}\n`);
  });
});

describe("the manual", () => {
  it.each([
    ["dens", "the manual has no entry `dens`; did you mean `dense`?"],
    ["MTL9999", "there is no diagnostic `MTL9999`: codes are MTL and four digits, such as MTL4002"],
    ["check", "`check` is a command: `mtlc help check` tells about it"],
  ])("has no entry %s", async (word, message) => {
    expect(await said(`explain ${word}`)).toBe(message);
  });

  it.each(["4002", "mtl4002", "error[MTL4002]", "`MTL4002`", "shapes-do-not-meet"])("knows %s", async (word) => {
    expect(await sound("explain", word)).toMatch(/^MTL4002 shapes-do-not-meet/);
  });

  it("takes several subjects, and words that belong together", async () => {
    expect(await sound("explain", "MTL4002", "dense")).toMatch(/^MTL4002 [^]*\n\ndense: a layer\n/);
    expect(await sound("explain", "weight", "decay")).toMatch(/^weight_decay: a setting/);
  });
});

describe("help", () => {
  it("is had in several ways", async () => {
    const text = await sound("train", "--help");
    expect(text).toMatch(/^mtlc train FILE \[options\]\n/);
    for (const words of [
      ["help", "train"],
      ["train", "-h"],
      ["--help", "train"],
      ["train", "--threads", "2", "-h"],
    ])
      expect(await sound(...words)).toBe(text);
    const overview = await sound("--help");
    for (const words of [["help"], ["-h"]]) expect(await sound(...words)).toBe(overview);
  });

  it("is not a model's", async () => {
    for (const word of ["--version", "-V", "-v", "version"]) expect(await sound(word)).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

it("a run whose name is near is named", async () => {
  const { code, err } = await mtlc("evaluate", join(folder, "runs/bird-1"));
  expect(code).toBe(1);
  expect(err).toContain(`help: did you mean \`${join(folder, "runs/birds-1")}\`?`);
});
