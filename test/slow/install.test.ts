import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { install, pack } from "./package.ts";

/** The package as a new user meets it: packed, installed into an empty folder as the README says, run as a command. */

const root = join(import.meta.dirname, "../..");
const user = mkdtempSync(join(tmpdir(), "mtlc-user-"));

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the installed command in the user's folder; `interrupt` sends Ctrl-C once standard error shows the text. */
function mtlc(words: readonly string[], { interrupt }: { interrupt?: string } = {}): Promise<Outcome> {
  const child = spawn(join(user, "node_modules/.bin/mtlc"), words, { cwd: user, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (text) => (stdout += text));
  child.stderr.on("data", (text) => {
    stderr += text;
    if (interrupt !== undefined && stderr.includes(interrupt)) {
      interrupt = undefined;
      child.kill("SIGINT");
    }
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

async function sound(...words: string[]): Promise<Outcome> {
  const outcome = await mtlc(words);
  expect(outcome, `mtlc ${words.join(" ")}\n${outcome.stderr}`).toMatchObject({ code: 0 });
  return outcome;
}

/** The one object that `--format json` prints, which starts with its version. */
function object(stdout: string): Record<string, unknown> {
  const parsed: unknown = JSON.parse(stdout);
  expect(Object.keys(parsed ?? {})[0]).toBe("schema");
  expect(parsed).toMatchObject({ schema: 1 });
  return { ...(parsed as object) };
}

const lines = (text: string): string[] => text.trimEnd().split("\n");
const read = (...path: string[]): string => readFileSync(join(user, ...path), "utf8");

beforeAll(() => install(user, pack(user)));
afterAll(() => rmSync(user, { recursive: true, force: true }));

describe("the package", () => {
  it("is small, brings no bundled package twice, and holds no source map, test or build script", () => {
    const [tarball] = readdirSync(user).filter((name) => name.endsWith(".tgz"));
    expect(statSync(join(user, tarball)).size).toBeLessThan(3e6);
    const folder = join(user, "node_modules/mtlc");
    const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    expect(Object.keys(dependencies)).toContain("onnxruntime-node");
    for (const bundled of ["chevrotain", "pbf", "lodash-es"]) {
      expect(existsSync(join(user, "node_modules", bundled)), bundled).toBe(false);
      expect(readFileSync(join(folder, "dist/licences.txt"), "utf8")).toContain(`${bundled} `);
    }
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    expect(files).toContain(join("dist", "mtlc.cjs"));
    expect(files.filter((name) => /\.map$|\.test\.|^build|^src/.test(name))).toEqual([]);
  });

  it("runs no script where it is installed, and so asks nobody to allow one", () => {
    const { scripts } = JSON.parse(read("node_modules/mtlc/package.json"));
    const run = ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];
    expect(Object.keys(scripts).filter((name) => run.includes(name))).toEqual([]);
    expect(existsSync(join(user, "node_modules/mtlc/binding.gyp"))).toBe(false);
  });

  it("types its library for strict TypeScript, under both ways of resolving modules", () => {
    writeFileSync(
      join(user, "typed.ts"),
      `import { compile, load, train, version, type Diagnostic } from "mtlc";
const { model, diagnostics } = compile("model M", { file: "m.mtl", read: () => null });
const messages: string[] = diagnostics.map((diagnostic: Diagnostic) => diagnostic.message);
if (model) {
  const run = await train(model, { onEpoch: ({ epoch }) => console.log(epoch.toFixed()) });
  const { predict, close } = await load(run.folder ?? "");
  const one = await predict({ beak: 1 });
  const many = await predict([{ beak: 1 }]);
  console.log(messages, version, one.species, many.length);
  // @ts-expect-error a name is no number
  const wrong: number = model.name;
  await close();
}
export {};
`,
    );
    const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
    const strict = ["--noEmit", "--strict", "--target", "es2023", "--types", "", "typed.ts"];
    for (const modules of [
      ["--module", "nodenext", "--moduleResolution", "nodenext"],
      ["--module", "esnext", "--moduleResolution", "bundler"],
    ]) {
      writeFileSync(join(user, "typed.mts"), read("typed.ts"));
      const words = [tsc, ...modules, ...strict.with(-1, "typed.mts")];
      expect(
        () => execFileSync(process.execPath, words, { cwd: user, stdio: "pipe" }),
        modules.join(" "),
      ).not.toThrow();
    }
  });
});

describe("the command", () => {
  it("lists its commands, and leaves with 2 when it is used wrongly", async () => {
    const { stdout } = await sound("--help");
    for (const name of ["init", "check", "describe", "train", "evaluate", "predict", "ir", "explain", "doctor"]) {
      expect(stdout).toContain(`  ${name} `);
      expect((await sound(name, "--help")).stdout).toContain(`mtlc ${name}`);
    }
    expect((await sound("--version")).stdout.trim()).toBe(
      JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version,
    );
    const wrong = [
      [],
      ["chekc"],
      ["check"],
      ["check", "nowhere.mtl"],
      ["train", "--epochs", "3"],
      ["describe", "a", "b"],
    ];
    for (const words of wrong) {
      const { code, stderr, stdout } = await mtlc(words);
      expect(code, words.join(" ")).toBe(2);
      expect(stderr + stdout).not.toMatch(/\n\s+at /);
    }
    expect((await mtlc(["chekc"])).stderr).toContain("`mtlc check`");
  });

  it("says what works here", async () => {
    const { stdout } = await sound("doctor", "--format", "json");
    const { engines } = object(stdout) as { engines: { name: string; works: boolean; firstStep: number }[] };
    expect(engines[0]).toMatchObject({ name: "onnx", works: true });
    expect(engines[0].firstStep).toBeGreaterThan(0);
    const { stdout: text, stderr } = await sound("doctor");
    expect(text).toMatch(/onnx on cpu +works/);
    // Drivers that are tried print what they like, elsewhere.
    expect(stderr).toBe("");
  });

  it("explains codes and words", async () => {
    expect((await sound("explain", "dense")).stdout).toContain("dense");
    expect((await sound("explain", "MTL4002")).stdout).toContain("MTL4002");
    expect((await mtlc(["explain", "nothing_like_it"])).code).toBe(2);
  });
});

describe("a table", () => {
  const model = join("table", "model.mtl");
  const run = join("table", "run");

  it("is ready to train after init, which overwrites nothing", async () => {
    await sound("init", "table", "--to", "table");
    expect((await mtlc(["init", "table", "--to", "table"])).code).toBe(2);
    expect((await sound("check", model)).stdout).toContain("no mistakes");
  });

  it("has its mistakes shown in frames, with 1", async () => {
    writeFileSync(
      join(user, "table/slips.mtl"),
      read(model).replace("relu", "rellu").replace("flipper_length_mm", "wing"),
    );
    const { code, stdout } = await mtlc(["check", "table/slips.mtl"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/error\[MTL\d{4}\]/);
    expect(stdout).toMatch(/--> table\/slips\.mtl:\d+:\d+\n/);
    expect(stdout).toMatch(/\n +\| +\^\^\^\^\^/);
    const json = await mtlc(["check", "table/slips.mtl", "--format", "json"]);
    expect(json.code).toBe(1);
    const { diagnostics } = object(json.stdout) as { diagnostics: { line: number; column: number; help: string }[] };
    const line = lines(read("table/slips.mtl")).findIndex((text) => text.includes("rellu"));
    expect(diagnostics[0]).toMatchObject({
      line: line + 1,
      column: lines(read("table/slips.mtl"))[line].indexOf("rellu") + 1,
    });
    await mtlc(["check", "table/slips.mtl", "--fix"]);
    expect(read("table/slips.mtl")).not.toContain("rellu");
  });

  it("is described", async () => {
    const { inputs, parameters } = object((await sound("describe", model, "--format", "json")).stdout);
    expect(inputs).toContainEqual({ name: "beak", shape: ["_", 2] });
    expect(parameters).toMatchObject({ tasks: { mass: 33 } });
    expect((await sound("describe", model)).stdout).toContain("[_, labels(species)]");
    expect((await sound("ir", model)).stdout).toContain("bird");
  });

  it("trains, and shows the table of its metrics", async () => {
    const { stdout, stderr } = await sound("train", model, "--set", "train.epochs=3", "--run", run);
    expect(stderr).toMatch(/^Penguins +3 tasks · 1,933 parameters \(1,256 shared\)/);
    expect(stderr).toContain("engine     onnx on cpu");
    expect(stdout).toMatch(/^task +metric +validation +test\nspecies +accuracy +/);
    expect(stdout).toMatch(/mae +[\d,]+ g +[\d,]+ g/);
    for (const file of ["model.mtl", "model.safetensors", "codes.json", "state.safetensors", "history.jsonl"]) {
      expect(existsSync(join(user, run, file)), file).toBe(true);
    }
    expect(lines(read(run, "history.jsonl"))).toHaveLength(3);
  });

  it("trains for another program, which reads one object", async () => {
    const words = [
      "train",
      model,
      "--set",
      "train.epochs=2",
      "--run",
      "table/json",
      "--format",
      "json",
      "--log",
      "steps",
    ];
    const report = object((await sound(...words)).stdout);
    expect(report).toMatchObject({ model: "Penguins", engine: "onnx", device: "cpu", epochs: 2 });
    const steps = lines(read("table/json/steps.jsonl")).map((line) => JSON.parse(line));
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: Number(report.steps) }, (_, k) => k + 1));
    const evaluated = object((await sound("evaluate", "table/json", "--format", "json")).stdout);
    expect(evaluated.splits).toEqual(report.splits);
  });

  it("answers new rows in the order they came", async () => {
    const [head, ...rows] = lines(read("table/penguins.csv"));
    const [first, second] = [rows[0], rows.at(-1)];
    writeFileSync(join(user, "table/new.csv"), `${[head, second, first, second].join("\n")}\n`);
    const answers = JSON.parse((await sound("predict", run, "table/new.csv", "--format", "json")).stdout);
    expect(answers).toHaveLength(3);
    expect(answers[0]).toEqual(answers[2]);
    expect(answers[0]).not.toEqual(answers[1]);
    expect(Object.keys(answers[0])).toEqual(["species", "sex", "mass"]);
    const csv = lines((await sound("predict", run, "table/new.csv")).stdout);
    expect(csv).toHaveLength(4);
    expect(csv[0]).toMatch(/^species,species\.Adelie,/);
  });

  it("is interrupted with 130, goes on, and ends as if nothing had happened", async () => {
    const text = read(model).replace(/^ *stop:.*\n/m, "");
    writeFileSync(join(user, "table/long.mtl"), text);
    const long = ["train", "table/long.mtl", "--set", "train.epochs=150"];
    const cut = await mtlc([...long, "--run", "table/cut"], { interrupt: "epoch 5" });
    expect(cut.code).toBe(130);
    expect(cut.stderr).toContain("--resume");
    expect(lines(read("table/cut/history.jsonl")).length).toBeLessThan(150);
    await sound("train", "table/long.mtl", "--resume", "--run", "table/cut");
    await sound(...long, "--run", "table/whole");
    expect(lines(read("table/cut/history.jsonl"))).toHaveLength(150);
    const weights = (folder: string) => readFileSync(join(user, folder, "model.safetensors"));
    expect(weights("table/cut").equals(weights("table/whole"))).toBe(true);
  });
});

describe("images", () => {
  it("train from a module, and the library answers one of them", async () => {
    await sound("init", "image", "--to", "image");
    const words = ["train", "image/model.mtl", "--set", "train.epochs=1", "--run", "image/run", "--format", "json"];
    const { splits } = object((await sound(...words)).stdout) as { splits: { test: Record<string, unknown> } };
    expect(Object.keys(splits.test)).toEqual(["shape", "box"]);
    writeFileSync(
      join(user, "answer.mjs"),
      `import { load } from "mtlc";
const run = await load("image/run");
const answer = await run.predict({ image: Array.from({ length: 576 }, (_, k) => (k % 24 > 8 && k % 24 < 15 ? 1 : 0)) });
console.log(JSON.stringify(answer));
await run.close();
`,
    );
    const { shape, box } = JSON.parse(execFileSync(process.execPath, ["answer.mjs"], { cwd: user, encoding: "utf8" }));
    expect(["circle", "square", "triangle"]).toContain(shape.label);
    const chances: number[] = Object.values(shape.probabilities);
    expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 5);
    expect(box).toHaveLength(4);
  });
});
