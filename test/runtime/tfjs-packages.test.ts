import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Module, { createRequire } from "node:module";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DiagnosticError, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { EngineDescription } from "../../runtime/engines/engine.ts";
import { openEngine, type EngineChoice } from "../../runtime/engines/index.ts";

/** Packages that are missing, broken or other than they should be, made in a folder that the program is started in. */
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mtlc-packages-"));
  vi.spyOn(process, "cwd").mockReturnValue(folder);
});
afterEach(() => {
  vi.restoreAllMocks();
  const { cache } = createRequire(import.meta.url);
  for (const path of Object.keys(cache)) if (path.startsWith(folder)) Reflect.deleteProperty(cache, path);
  rmSync(folder, { recursive: true, force: true });
});

function install(name: string, code: string): void {
  const home = join(folder, "node_modules", name);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "package.json"), JSON.stringify({ name, version: "4.22.0", main: "index.js" }));
  writeFileSync(join(home, "index.js"), code);
}

/** The plain library in the clothes of a native package. */
function pretend(facts: string): string {
  const real = createRequire(import.meta.url).resolve("@tensorflow/tfjs");
  return `
    const tf = require(${JSON.stringify(real)});
    const facts = ${facts};
    module.exports = { ...tf, version: { ...tf.version, ...facts.version }, setBackend: () => tf.setBackend("cpu"),
      backend: () => ({ isUsingGpuDevice: facts.gpu, binding: { TF_Version: "2.9.1" } }) };`;
}

async function refusal(choice: EngineChoice): Promise<Diagnostic> {
  const problem: unknown = await openEngine(choice).catch((error: unknown) => error);
  if (!(problem instanceof DiagnosticError)) throw new Error(`no diagnostic: ${String(problem)}`);
  expect(problem.diagnostics).toHaveLength(1);
  return problem.diagnostics[0];
}

async function opened(choice: EngineChoice): Promise<EngineDescription> {
  const engine = await openEngine(choice);
  await engine.close();
  return engine.description;
}

const installed = process.env["NODE_PATH"] !== undefined;

describe("a package that", () => {
  it.skipIf(installed).each(["tfjs-node", "tfjs-node-gpu"])("is not installed: %s", async (engine) => {
    const { code, message, help } = await refusal({ engine });
    expect(code).toBe("MTL8308");
    expect(message).toBe(`the engine ${engine} cannot be used: the package @tensorflow/${engine} is not installed`);
    expect(help).toContain(`\`npm install @tensorflow/${engine}@4.22.0 && npm rebuild @tensorflow/${engine}\``);
  });

  it("is installed without its binding", async () => {
    install(
      "@tensorflow/tfjs-node-gpu",
      'throw new Error("The Node.js native addon module (tfjs_binding.node) can not be found at path: /x. \\nPlease run …")',
    );
    const { code, message, help } = await refusal({ engine: "tfjs-node-gpu" });
    expect(code).toBe("MTL8308");
    expect(message).toContain("@tensorflow/tfjs-node-gpu is installed without its binding");
    expect(help).toContain("npm rebuild @tensorflow/tfjs-node-gpu");
  });

  it("has a binding that does not load", async () => {
    install(
      "@tensorflow/tfjs-node-gpu",
      'throw new Error("libtensorflow.so.2: cannot open shared object file: No such file or directory\\nmore")',
    );
    const { code, message, help } = await refusal({ engine: "tfjs-node-gpu" });
    expect(code).toBe("MTL8308");
    expect(message).toMatch(/the binding of \S+ does not load: libtensorflow\.so\.2: cannot open [^\n]*$/);
    expect(help).toContain("docs/engines.md");
  });

  it("has another version", async () => {
    install("@tensorflow/tfjs-node-gpu", pretend('{ gpu: true, version: { tfjs: "4.10.0" } }'));
    const { code, message, help } = await refusal({ engine: "tfjs-node-gpu" });
    expect(code).toBe("MTL8309");
    expect(message).toBe(
      "the engine tfjs-node-gpu needs @tensorflow/tfjs-node-gpu 4.22.0; version 4.10.0 is installed",
    );
    expect(help).toContain("npm install @tensorflow/tfjs-node-gpu@4.22.0");
  });

  it("is something else", async () => {
    install("@tensorflow/tfjs-node-gpu", "module.exports = {}");
    expect((await refusal({ engine: "tfjs-node-gpu" })).message).toContain("not the package that is meant");
  });
});

/** The package `webgpu` in a form without a card. */
const adapters = "exports.globals = {}; exports.create = () => ({ requestAdapter: async () => null });";

describe("WebGPU of the plain library", () => {
  const choice = { engine: "tfjs", device: "webgpu" };
  afterEach(() => {
    const browser: unknown = Reflect.get(globalThis, "navigator");
    if (typeof browser === "object" && browser !== null) Reflect.deleteProperty(browser, "gpu");
  });

  it.skipIf(installed)("names the package that is missing, and what installs all", async () => {
    const { code, message, help } = await refusal(choice);
    expect(code).toBe("MTL8303");
    expect(message).toBe("the engine tfjs cannot compute on webgpu here: the package webgpu is not installed");
    expect(help).toContain("`npm install @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-webgpu@4.22.0 webgpu`");
  });

  it.skipIf(installed)("says that there is no card", async () => {
    install("webgpu", adapters);
    expect((await refusal(choice)).message).toContain("no graphics card with a driver for Vulkan");
  });

  it.skipIf(installed)("says why the package does not load", async () => {
    install("webgpu", 'throw new Error("libvulkan.so.1: cannot open shared object file\\nmore");');
    expect((await refusal(choice)).message).toMatch(/the package webgpu does not load: libvulkan\.so\.1: [^\n]*$/);
  });

  it.skipIf(installed)("names the backend that is missing where there is a card", async () => {
    install("webgpu", adapters.replace("null", "({})"));
    expect((await refusal(choice)).message).toContain("@tensorflow/tfjs-backend-webgpu is not installed");
  });
});

describe("a machine without a card that CUDA sees", () => {
  it("is told so, and nothing is computed elsewhere", async () => {
    install("@tensorflow/tfjs-node-gpu", pretend("{ gpu: false }"));
    const { code, message, help } = await refusal({ engine: "tfjs-node-gpu" });
    expect(code).toBe("MTL8303");
    expect(message).toMatch(/cannot compute on cuda here: libtensorflow finds no graphics card, or not CUDA 11\.2/);
    expect(help).toContain("--device cpu");
  });

  it("takes onnx by itself", async () => {
    install("@tensorflow/tfjs-node-gpu", pretend("{ gpu: false }"));
    besideTheProgram();
    expect(await opened({})).toMatchObject({ name: "onnx", device: "cpu", reason: "it comes with mtlc" });
    vi.unstubAllEnvs();
    readPaths();
  });

  it("may ask for the processor", async () => {
    install("@tensorflow/tfjs-node-gpu", pretend("{ gpu: false }"));
    expect(await opened({ engine: "tfjs-node-gpu", device: "cpu" })).toMatchObject({
      name: "tfjs-node-gpu",
      device: "cpu",
    });
  });
});

/** Lets the folder's packages be found as those beside the program are. */
function besideTheProgram(): void {
  vi.stubEnv("NODE_PATH", join(folder, "node_modules"));
  readPaths();
}

/** Node reads NODE_PATH when it starts. */
function readPaths(): void {
  const read: unknown = Reflect.get(Module, "_initPaths");
  if (typeof read !== "function") throw new Error("this Node does not read NODE_PATH again");
  read();
}

describe("a machine with such a card", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    readPaths();
  });

  it("runs nothing of the folder that it is started in, whatever that folder's package.json says", async () => {
    install("@tensorflow/tfjs-node-gpu", `require("fs").writeFileSync(${JSON.stringify(join(folder, "ran"))}, "");`);
    writeFileSync(join(folder, "package.json"), '{ "dependencies": { "@tensorflow/tfjs-node-gpu": "4.22.0" } }');
    const reason = "@tensorflow/tfjs-node-gpu of the current folder is loaded with --engine tfjs-node-gpu only";
    expect(await opened({})).toMatchObject({ name: "onnx", device: "cpu", reason });
    expect(await opened({ engine: "onnx" })).toMatchObject({ reason: "it comes with mtlc" });
    expect(existsSync(join(folder, "ran"))).toBe(false);
    await refusal({ engine: "tfjs-node-gpu" });
    expect(existsSync(join(folder, "ran"))).toBe(true);
  });

  it("takes it by itself where it is installed beside the program, and says why", async () => {
    install("@tensorflow/tfjs-node-gpu", pretend("{ gpu: true }"));
    besideTheProgram();
    expect(await opened({})).toMatchObject({ name: "tfjs-node-gpu", device: "cuda", reason: "it reports a GPU" });
    expect(await opened({})).toMatchObject({ version: "@tensorflow/tfjs-node-gpu 4.22.0, libtensorflow 2.9.1" });
  });

  it("obeys who asks for onnx, or for its processor", async () => {
    install("@tensorflow/tfjs-node-gpu", pretend("{ gpu: true }"));
    besideTheProgram();
    expect(await opened({ engine: "onnx" })).toMatchObject({ name: "onnx" });
    expect(await opened({ device: "cpu" })).toMatchObject({ name: "onnx" });
  });
});
