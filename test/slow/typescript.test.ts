import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import vm from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomProgram } from "../property/program.ts";

/**
 * Generated TypeScript as a user has it: written by the packed command, beside the packages that its header names, checked by
 * TypeScript 7 and prettier, and run.
 */

const root = join(import.meta.dirname, "../..");
const base = mkdtempSync(join(tmpdir(), "mtlc-typescript-"));
/** The package and TensorFlow.js. */
const user = join(base, "user");
/** TensorFlow.js alone. */
const alone = join(base, "alone");
const shared = join(root, "../shared/design/programs");

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(folder: string, command: string, ...words: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(command, words, { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 28 });
  return { code: status, stdout, stderr };
}
const mtlc = (...words: readonly string[]): Outcome =>
  run(user, process.execPath, "node_modules/mtlc/dist/mtlc.cjs", ...words);

function sound({ code, stdout, stderr }: Outcome): string {
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

/** Runs a script of a folder; what it prints last is JSON. */
function answers(folder: string, script: string, ...flags: readonly string[]): Record<string, unknown> {
  const path = join(folder, "script.mjs");
  writeFileSync(path, script);
  const last =
    sound(run(folder, process.execPath, ...flags, path))
      .trim()
      .split("\n")
      .at(-1) ?? "";
  const parsed: unknown = JSON.parse(last);
  return { ...(parsed as object) };
}

function install(folder: string, ...packages: readonly string[]): void {
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" };
  const words = ["install", "--prefer-offline", "--no-audit", "--no-fund", ...packages];
  execFileSync("npm", words, { cwd: folder, env, stdio: "pipe" });
}

/** Numbers of an answer, in order. */
function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

function expectClose(found: unknown, wanted: unknown): void {
  const [a, b] = [numbersIn(found), numbersIn(wanted)];
  expect(a.length).toBe(b.length);
  expect(a.length).toBeGreaterThan(0);
  a.forEach((value, k) => expect(Math.abs(value - b[k]) / Math.max(1, Math.abs(b[k]))).toBeLessThan(1e-5));
}

const birds = [
  { beak: [39.1, 18.7], flipper: 181, island: "Torgersen" },
  { beak: [null, 18.7], flipper: null, island: null },
  { beak: [50, 16.3], flipper: 230, island: "Biscoe" },
];
const rows = birds.map(({ beak, flipper, island }) => ({
  "Beak Length (mm)": beak[0],
  "Beak Depth (mm)": beak[1],
  "Flipper Length (mm)": flipper,
  Island: island,
}));

beforeAll(() => {
  for (const folder of [user, alone]) {
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  }
  execFileSync("npm", ["pack", "--silent", "--pack-destination", base], { cwd: root, stdio: "pipe" });
  const [tarball] = readdirSync(base).filter((name) => name.endsWith(".tgz"));
  install(user, join(base, tarball), "@tensorflow/tfjs");
  install(alone, "@tensorflow/tfjs");
  const data = readFileSync(join(root, "node_modules/vega-datasets/data/penguins.json"));
  const model = readFileSync(join(root, "examples/penguins/penguins.mtl"), "utf8");
  for (const folder of [user, alone]) writeFileSync(join(folder, "penguins.json"), data);
  writeFileSync(join(user, "penguins.mtl"), model.replace("npm:vega-datasets/data/penguins.json", "penguins.json"));
  writeFileSync(join(user, "rows.json"), JSON.stringify(rows));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** Of TypeScript 7, for modules that import their runtime. */
const strictest = [
  "noUncheckedIndexedAccess",
  "exactOptionalPropertyTypes",
  "noPropertyAccessFromIndexSignature",
  "noImplicitReturns",
  "noImplicitOverride",
  "noFallthroughCasesInSwitch",
  "noUnusedLocals",
  "noUnusedParameters",
  "verbatimModuleSyntax",
  "isolatedModules",
  "erasableSyntaxOnly",
];

/** What TypeScript 7 says of files of a folder; nothing where all is well. */
function typed(folder: string, names: readonly string[], flags: readonly string[]): string {
  const options = {
    noEmit: true,
    strict: true,
    target: "es2023",
    module: "nodenext",
    types: ["node"],
    // The declarations of TensorFlow.js do not check by themselves.
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    ...Object.fromEntries(flags.map((flag) => [flag, true])),
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: names }));
  return run(folder, process.execPath, join(root, "node_modules/typescript/bin/tsc"), "-p", ".").stdout;
}

/** Files that prettier would write otherwise. */
function unformatted(folder: string, names: readonly string[]): string {
  const prettier = join(root, "node_modules/prettier/bin/prettier.cjs");
  const words = ["--check", "--no-config", "--print-width", "120", ...names];
  return run(folder, process.execPath, prettier, ...words).stderr;
}

/** Every file that can be trained. */
function programs(): { readonly name: string; readonly file: string }[] {
  const examples = readdirSync(join(root, "examples")).map((name) => ({
    name,
    file: join(root, "examples", name, `${name}.mtl`),
  }));
  const templates = readdirSync(join(root, "src/templates")).map((name) => ({
    name: `template-${name}`,
    file: join(root, "src/templates", name, "model.mtl"),
  }));
  const designed = existsSync(shared) ? readdirSync(shared).filter((name) => /(?<!blocks)\.mtl$/.test(name)) : [];
  const others = designed.map((name) => ({ name: `program-${basename(name, ".mtl")}`, file: join(shared, name) }));
  return [...examples, ...templates, ...others];
}

const scripts = {
  train: `
    import { evaluate, load, predict, readRows, save, train } from "./penguins.js";
    const epochs = [];
    const network = await train({ seed: 1, onEpoch: ({ validation }) => void epochs.push(validation.loss) });
    const { test, validation } = await readRows(network);
    const measured = await evaluate(test, network);
    const answers = await predict(${JSON.stringify(birds)}, network);
    await save("saved", network);
    const again = await predict(${JSON.stringify(birds)}, await load("saved"));
    const best = (await evaluate(validation, network)).loss;
    console.log(JSON.stringify({ epochs, best, measured, answers, again }));`,
  predict: (module: string): string => `
    import { predict } from "./${module}";
    console.log(JSON.stringify({ answers: await predict(${JSON.stringify(birds)}) }));`,
};

describe("the module of the penguins", () => {
  let trained: Record<string, unknown> = {};

  it("trains, measures, answers, saves and loads, in plain JavaScript under this Node", () => {
    sound(mtlc("compile", "penguins.mtl", "--to", "typescript", "--js"));
    trained = answers(user, scripts.train);
    const losses = numbersIn(trained.epochs);
    expect(losses.length).toBeGreaterThan(10);
    expect(losses.at(-1)).toBeLessThan(losses[0] / 2);
    // The network is the best of the epochs, and the parts are those of its training.
    expect(trained.best).toBeCloseTo(Math.min(...losses), 6);
    expect(trained.again).toEqual(trained.answers);
    expect(trained.answers).toMatchObject([{ species: { label: "Adelie" } }, {}, { species: { label: "Gentoo" } }]);
    expect(trained.measured).toMatchObject({ metrics: { species: { accuracy: expect.any(Number) } } });
  });

  it("is typed by its inputs and tasks", () => {
    writeFileSync(
      join(user, "typed.ts"),
      `import { evaluate, load, predict, readRows, save, train, type Answers, type Inputs, type Network } from "./penguins.ts";
const example: Inputs = { beak: [39.1, 18.7], flipper: 181, island: null };
const network: Network = await train({ seed: 3, onEpoch: ({ epoch }) => console.log(epoch.toFixed()) });
const answers: Answers[] = await predict([example], network);
for (const { species, sex, mass } of answers) console.log(species.label, sex.probability.toFixed(), mass.toFixed());
const { test } = await readRows(network);
const { loss, metrics } = await evaluate(test, network);
console.log(loss, metrics["species"]?.["accuracy"]);
await save("saved", await load("saved"));
// @ts-expect-error an input is missing
await predict([{ beak: [1, 2], flipper: 3 }], network);
// @ts-expect-error a number is no text
const wrong: string | undefined = answers[0]?.mass;
// @ts-expect-error it takes two numbers
await predict([{ beak: [1], flipper: 3, island: null }], network);
export { wrong };
`,
    );
    expect(typed(user, ["typed.ts"], strictest)).toBe("");
  });

  it("shows lines of the model's file in the stack of an error", () => {
    const { stack } = answers(
      user,
      `import * as tf from "@tensorflow/tfjs";
      import { load, predict } from "./penguins.js";
      const network = await load("saved");
      const [first] = network.weights.bird.dense;
      const dense = [first, { kernel: tf.zeros([7, 3]), bias: tf.zeros([3]) }];
      const broken = { ...network, weights: { ...network.weights, bird: { ...network.weights.bird, dense } } };
      const stack = await predict(${JSON.stringify(birds)}, broken).catch((error) => error.stack);
      console.log(JSON.stringify({ stack }));`,
      "--enable-source-maps",
    );
    const lines = readFileSync(join(user, "penguins.mtl"), "utf8").split("\n");
    const shown = [...String(stack).matchAll(/penguins\.mtl:(\d+):(\d+)/g)].map(([, line]) => lines[Number(line) - 1]);
    expect(shown[0]).toMatch(/^\s*-> dense\(32\) -> relu$/);
    expect(shown[1]).toMatch(/^shared bird = /);
  });

  it("standalone does the same with TensorFlow.js alone", () => {
    expect(existsSync(join(alone, "node_modules/mtlc"))).toBe(false);
    sound(mtlc("compile", "penguins.mtl", "--to", "typescript", "--js", "--standalone", "-o", "../alone/penguins.ts"));
    const text = readFileSync(join(alone, "penguins.ts"), "utf8");
    expect(text.match(/^import .*/gm)).toEqual(['import * as tf from "@tensorflow/tfjs";']);
    expect(text).toContain("npm install @tensorflow/tfjs\n");
    // The path is relative to the module.
    writeFileSync(join(alone, "penguins.js"), readFileSync(join(alone, "penguins.js"), "utf8").replace("../user/", ""));
    const found = answers(alone, scripts.train);
    expect(found).toEqual(trained);
  });
});

describe("a module of a run", () => {
  beforeAll(() => {
    sound(mtlc("train", "penguins.mtl", "--set", "train.epochs=3", "--run", "run", "--threads", "1", "--seed", "4"));
  });

  it("answers at once as mtlc predict does, and knows the seed that cut the parts", () => {
    const wanted: unknown = JSON.parse(sound(mtlc("predict", "run", "rows.json", "--format", "json")));
    sound(mtlc("compile", "run", "--to", "typescript", "--js", "-o", "small.ts"));
    expectClose(answers(user, scripts.predict("small.js")).answers, wanted);
    expect(readFileSync(join(user, "small.ts"), "utf8")).toMatch(/ seed = 4, from = import\.meta\.url /);
    // Weights of a run fit the module of its file, too.
    const loaded = answers(
      user,
      `import { load, predict } from "./penguins.js";
      console.log(JSON.stringify({ answers: await predict(${JSON.stringify(birds)}, await load("run")) }));`,
    );
    expectClose(loaded.answers, wanted);
  });

  it("answers in a browser's surroundings, and on the wasm backend", async () => {
    const wanted: unknown = JSON.parse(sound(mtlc("predict", "run", "rows.json", "--format", "json")));
    sound(mtlc("compile", "run", "--to", "typescript", "--js", "--standalone", "-o", "../alone/small.ts"));
    const bundle = join(alone, "bundle.js");
    const words = ["--bundle", "--platform=browser", "--format=iife", "--global-name=penguins", `--outfile=${bundle}`];
    sound(run(alone, join(root, "node_modules/.bin/esbuild"), "small.js", ...words, "--log-level=error"));
    // Nothing of Node: no process, no Buffer, no require.
    const document = { createElement: () => ({ getContext: () => null, addEventListener: () => undefined }) };
    const given = { performance, setTimeout, setInterval, TextEncoder, TextDecoder, atob, btoa, URL, console };
    const context = vm.createContext({ ...given, document, navigator: { userAgent: "" }, location: {} });
    const call = `globalThis.window = globalThis.self = globalThis; ${readFileSync(bundle, "utf8")}; penguins.predict(${JSON.stringify(birds)})`;
    const promised: unknown = vm.runInContext(call, context);
    expectClose(await promised, wanted);

    install(alone, "@tensorflow/tfjs-backend-wasm@4.22.0");
    const onWasm = answers(
      alone,
      `import * as tf from "@tensorflow/tfjs";
      import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
      import { fileURLToPath } from "node:url";
      import { predict } from "./small.js";
      setWasmPaths(fileURLToPath(new URL("node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url)));
      await tf.setBackend("wasm");
      const answers = await predict(${JSON.stringify(birds)});
      console.log(JSON.stringify({ answers, backend: tf.getBackend() }));`,
    );
    expect(onWasm.backend).toBe("wasm");
    expectClose(onWasm.answers, wanted);
  });

  it("has many weights in a file beside it", () => {
    const text = readFileSync(join(user, "penguins.mtl"), "utf8").replaceAll("dense(32)", "dense(600)");
    writeFileSync(join(user, "wide.mtl"), text);
    sound(mtlc("train", "wide.mtl", "--set", "train.epochs=1", "--run", "wide", "--threads", "1"));
    sound(mtlc("compile", "wide", "--to", "typescript", "--js", "-o", "wide.ts"));
    const wanted: unknown = JSON.parse(sound(mtlc("predict", "wide", "rows.json", "--format", "json")));
    expect(readFileSync(join(user, "wide.ts"), "utf8").length).toBeLessThan(20_000);
    expectClose(answers(user, scripts.predict("wide.js")).answers, wanted);
    expect(typed(user, ["wide.ts"], strictest)).toBe("");
    writeFileSync(join(user, "wide.weights.safetensors"), "cut off");
    const { code, stderr } = run(user, process.execPath, "script.mjs");
    expect(code).not.toBe(0);
    expect(stderr).toContain("wide.weights.safetensors");
    expect(mtlc("compile", "wide", "--to", "typescript", "--js", "-o", "wide.ts", "--check")).toMatchObject({
      code: 1,
      stderr:
        "Not up to date: wide.weights.safetensors\nWrite anew: mtlc compile wide --to typescript -o wide.ts --js\n",
    });
  });
});

describe("what is written", () => {
  it("is the same from any process and any folder, and --check tells when it is not", () => {
    const other = join(base, "other");
    mkdirSync(other);
    for (const name of ["penguins.mtl", "penguins.json"]) copyFileSync(join(user, name), join(other, name));
    const command = join(user, "node_modules/mtlc/dist/mtlc.cjs");
    for (const further of [[], ["--standalone"]]) {
      const words = ["compile", "penguins.mtl", "--to", "typescript", "--js", "-o", "same.ts", ...further];
      sound(mtlc(...words));
      sound(run(other, process.execPath, command, ...words));
      for (const name of ["same.ts", "same.ts.map", "same.js", "same.js.map"])
        expect(readFileSync(join(other, name)).equals(readFileSync(join(user, name))), name).toBe(true);
      sound(mtlc(...words, "--check"));
    }
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const head = `Generated by mtlc ${version} from penguins.mtl (IR 0x`;
    expect(readFileSync(join(user, "same.ts"), "utf8").slice(0, 400)).toContain(head);
    // Another model, the same module: stale.
    const model = readFileSync(join(user, "penguins.mtl"), "utf8");
    writeFileSync(join(user, "changed.mtl"), model);
    sound(mtlc("compile", "changed.mtl", "--to", "typescript"));
    writeFileSync(join(user, "changed.mtl"), model.replace("dense(16)", "dense(17)"));
    const { code, stderr } = mtlc("compile", "changed.mtl", "--to", "typescript", "--check");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Not up to date: changed\.ts\nWrite anew: mtlc compile changed\.mtl --to typescript\n$/);
    expect(readFileSync(join(user, "changed.ts"), "utf8")).toContain("16");
  });

  it("is strict under TypeScript 7 and formatted, of every program", () => {
    const modules: string[] = [];
    const wholes: string[] = [];
    const refused: string[] = [];
    for (const { name, file } of programs()) {
      const { code, stderr } = mtlc("compile", file, "--to", "typescript", "-o", `${name}.ts`);
      if (code === 1 && /MTL700[14]/.test(stderr)) {
        refused.push(`${name}: ${/\[MTL700[14]\] (.*)/.exec(stderr)?.[1] ?? ""}`);
        continue;
      }
      expect(code, `${file}\n${stderr}`).toBe(0);
      modules.push(`${name}.ts`);
      sound(mtlc("compile", file, "--to", "typescript", "--standalone", "-o", join("../alone", `${name}.ts`)));
      wholes.push(`${name}.ts`);
    }
    console.info(`${modules.length} programs as modules; not built yet: ${refused.join("; ") || "none"}`);
    expect(modules.length).toBeGreaterThan(4);
    expect(typed(user, modules, strictest)).toBe("");
    expect(unformatted(user, modules)).toBe("");
    expect(typed(alone, wholes, [])).toBe("");
    expect(unformatted(alone, wholes)).toBe("");
  });

  it("is strict under TypeScript 7 and formatted, of random programs", () => {
    const modules: string[] = [];
    const refused = new Map<string, number>();
    for (let seed = 1; seed <= 60; seed++) {
      const name = `random-${seed}`;
      writeFileSync(join(user, `${name}.mtl`), randomProgram(seed).text);
      const { code, stderr } = mtlc("compile", `${name}.mtl`, "--to", "typescript");
      if (code === 0) modules.push(`${name}.ts`);
      else {
        const [, why] = /\[(MTL700[14]\] .*)/.exec(stderr) ?? [];
        expect(why, `seed ${seed}\n${stderr}`).toBeDefined();
        if (why !== undefined) refused.set(why, (refused.get(why) ?? 0) + 1);
      }
    }
    console.info(`${modules.length} of 60 random programs as modules; not held:`, Object.fromEntries(refused));
    expect(modules.length).toBeGreaterThan(30);
    expect(typed(user, modules, strictest)).toBe("");
    expect(unformatted(user, modules)).toBe("");
    for (const module of modules) {
      // Digits of a program's own names remain.
      const own =
        readFileSync(join(user, module.replace(/ts$/, "mtl")), "utf8")
          .toLowerCase()
          .match(/\w+/g) ?? [];
      const names = readFileSync(join(user, module), "utf8").matchAll(/\b(?:const|let|function|type|interface) (\w+)/g);
      const numbered = [...names].map(([, name]) => name).filter((name) => /\d$/.test(name));
      expect(numbered.filter((name) => !own.some((each) => name.toLowerCase().endsWith(each)))).toEqual([]);
    }
    const few = modules.slice(0, 8);
    for (const module of few) {
      const model = module.replace(/ts$/, "mtl");
      sound(mtlc("compile", model, "--to", "typescript", "--standalone", "-o", join("../alone", module)));
    }
    expect(typed(alone, few, [])).toBe("");
    expect(unformatted(alone, few)).toBe("");
  });
});
