import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, it } from "vitest";

/**
 * Every operation through onnxruntime's WebGPU, where there is an adapter: a graphics card's, or the software one that comes with
 * Debian's chromium (`apt-get install chromium`).
 */
const software = "/usr/lib/chromium/vk_swiftshader_icd.json";
const environment = {
  ...process.env,
  ...(existsSync(software) && process.env["VK_ICD_FILENAMES"] === undefined && { VK_ICD_FILENAMES: software }),
  MTLC_TEST_ENGINE: "onnx",
  MTLC_TEST_DEVICE: "webgpu",
};
function run(...args: readonly string[]): { code: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync("npx", args, { env: environment, encoding: "utf8" });
  return { code: status, text: `${stdout}\n${stderr}` };
}

it("computes every operation (skipped where there is no adapter)", () => {
  const { code, text } = run("vitest", "run", "--project", "fast", "test/runtime/engine-operations.test.ts");
  if (/MTL8303/.test(text)) return console.warn("WebGPU is not tested: no adapter is found");
  expect(code, text).toBe(0);
});
