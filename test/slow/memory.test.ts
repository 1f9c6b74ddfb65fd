import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { afterAll, expect, it } from "vitest";

/** A process of its own: what else runs in this one would count, too. */
const folder = mkdtempSync(resolve("node_modules/.memory-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("resident memory grows by less than 1 kB with a step", async () => {
  const script = join(folder, "memory.mjs");
  await build({
    entryPoints: ["bench/steps/memory.ts"],
    outfile: script,
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["onnxruntime-node"],
    define: { MTLC_VERSION: JSON.stringify("test") },
    logLevel: "error",
  });
  const { steps, bytes_per_step: bytes } = JSON.parse(execFileSync(process.execPath, [script], { encoding: "utf8" }));
  expect(steps).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(1024);
});
