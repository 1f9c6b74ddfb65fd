import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { TFJS_VERSION, WEBGPU } from "../../runtime/engines/tfjs/packages.ts";

/**
 * Every operation through WebGPU, onnxruntime's and TensorFlow.js's, where there is an adapter: a graphics card's, or the software
 * one that comes with Debian's chromium (`apt-get install chromium`).
 */
const software = "/usr/lib/chromium/vk_swiftshader_icd.json";
const operations = "test/runtime/engine-operations.test.ts";

interface Outcome {
  readonly code: number | null;
  readonly text: string;
}

/** Runs test files of the fast suite on an engine's WebGPU. The software adapter takes its time. */
function fastTests(paths: readonly string[], environment: Readonly<Record<string, string>>): Outcome {
  const env = {
    ...process.env,
    ...(existsSync(software) && process.env["VK_ICD_FILENAMES"] === undefined && { VK_ICD_FILENAMES: software }),
    MTLC_TEST_DEVICE: "webgpu",
    ...environment,
  };
  const words = ["vitest", "run", "--project", "fast", "--testTimeout", "600000", ...paths];
  const { status, stdout, stderr } = spawnSync("npx", words, { env, encoding: "utf8" });
  return { code: status, text: `${stdout}\n${stderr}` };
}

/** Installs the packages that TensorFlow.js needs for WebGPU in Node, and keeps them; the folder they are in, null where they cannot be had. */
function tfjsPackages(): string | null {
  const folder = resolve(".cache/tfjs-webgpu");
  const packages = join(folder, "node_modules");
  if (existsSync(join(folder, "ready"))) return packages;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}");
  const wanted = [`@tensorflow/tfjs@${TFJS_VERSION}`, `${WEBGPU.backend}@${TFJS_VERSION}`, `${WEBGPU.adapters}@0.6.2`];
  try {
    execFileSync("npm", ["install", "--no-audit", "--no-fund", ...wanted], { cwd: folder, stdio: "ignore" });
  } catch {
    return null;
  }
  writeFileSync(join(folder, "ready"), "");
  return packages;
}

function isWithoutAdapter({ text }: Outcome): boolean {
  if (!text.includes("MTL8303")) return false;
  console.warn("WebGPU is not tested: no adapter is found");
  return true;
}

describe("WebGPU (skipped where there is no adapter)", () => {
  it("computes every operation in onnxruntime", () => {
    const outcome = fastTests([operations], { MTLC_TEST_ENGINE: "onnx" });
    if (!isWithoutAdapter(outcome)) expect(outcome.code, outcome.text).toBe(0);
  });

  it("computes every operation in TensorFlow.js, and trains programs as onnx does", () => {
    const packages = tfjsPackages();
    if (packages === null)
      return console.warn("TensorFlow.js on WebGPU is not tested: its packages cannot be installed");
    const environment = { MTLC_TEST_ENGINE: "tfjs", NODE_PATH: packages };
    const outcome = fastTests([operations, "test/runtime/tfjs-engine.test.ts"], environment);
    if (isWithoutAdapter(outcome)) return;
    expect(outcome.code, outcome.text).toBe(0);
    // A thousand steps take minutes there.
    const programs = fastTests(["test/differential/tfjs.test.ts", "-t", "programs"], environment);
    expect(programs.code, programs.text).toBe(0);
  });
});
