import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";
import {
  alone,
  answers,
  base,
  birds,
  expectClose,
  installed,
  mtlc,
  numbersIn,
  root,
  run,
  sound,
  typed,
  user,
} from "./packed-typescript.ts";
import { strictest } from "../differential/strictly-typed.ts";
import { install } from "./package.ts";

/** Generated TypeScript as a user has it: written by the packed command, beside the packages that its header names, and run. */

installed();

const scripts = {
  train: `
    import { evaluate, load, predict, readRows, save, train } from "./penguins.mjs";
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

  it("does what the page of generated TypeScript shows", () => {
    const page = readFileSync(join(root, "docs/typescript.md"), "utf8");
    const [, example] = /```ts example\n([^]*?)```/.exec(page) ?? [];
    const [, shown] = /```text example\n([^]*?)```/.exec(page) ?? [];
    writeFileSync(join(user, "example.ts"), example);
    expect(typed(user, ["example.ts"], ["noUncheckedIndexedAccess"])).toBe("");
    writeFileSync(join(user, "example.mjs"), example.replace("./penguins.ts", "./penguins.mjs"));
    const printed = sound(run(user, process.execPath, "example.mjs"));
    expect(printed.endsWith(shown), printed).toBe(true);
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
      import { load, predict } from "./penguins.mjs";
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
    writeFileSync(
      join(alone, "penguins.mjs"),
      readFileSync(join(alone, "penguins.mjs"), "utf8").replace("../user/", ""),
    );
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
    expectClose(answers(user, scripts.predict("small.mjs")).answers, wanted);
    expect(readFileSync(join(user, "small.ts"), "utf8")).toMatch(/ seed = 4, from = import\.meta\.url\b/);
    // Weights of a run fit the module of its file, too.
    const loaded = answers(
      user,
      `import { load, predict } from "./penguins.mjs";
      console.log(JSON.stringify({ answers: await predict(${JSON.stringify(birds)}, await load("run")) }));`,
    );
    expectClose(loaded.answers, wanted);
  });

  it("answers in a browser's surroundings, and on the wasm backend", async () => {
    const wanted: unknown = JSON.parse(sound(mtlc("predict", "run", "rows.json", "--format", "json")));
    sound(mtlc("compile", "run", "--to", "typescript", "--js", "--standalone", "-o", "../alone/small.ts"));
    const bundle = join(alone, "bundle.js");
    const words = ["--bundle", "--platform=browser", "--format=iife", "--global-name=penguins", `--outfile=${bundle}`];
    sound(run(alone, join(root, "node_modules/.bin/esbuild"), "small.mjs", ...words, "--log-level=error"));
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
      import { predict } from "./small.mjs";
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
    expectClose(answers(user, scripts.predict("wide.mjs")).answers, wanted);
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
      for (const name of ["same.ts", "same.ts.map", "same.mjs", "same.mjs.map"])
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
});
