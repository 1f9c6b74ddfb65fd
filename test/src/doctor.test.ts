import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { mtlc } from "../slow/command.ts";

/** A folder whose packages do harm: `mtlc doctor` may be run anywhere. */

let folder = "";
const harm = (): string => join(folder, "harm");
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mtlc-hostile-"));
  vi.spyOn(process, "cwd").mockReturnValue(folder);
  for (const name of ["@tensorflow/tfjs", "@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu", "webgpu"]) {
    const home = join(folder, "node_modules", name);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "package.json"), JSON.stringify({ name, version: "4.22.0", main: "index.js" }));
    writeFileSync(join(home, "index.js"), `require("node:fs").writeFileSync(${JSON.stringify(harm())}, "done");`);
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

interface Tried {
  readonly name: string;
  readonly works: boolean;
  readonly reason: string | null;
}

async function doctor(...words: readonly string[]): Promise<readonly Tried[]> {
  return JSON.parse((await mtlc("doctor", ...words, "--format", "json")).out).engines;
}

const installed = process.env["NODE_PATH"] !== undefined;

it.skipIf(installed)("packages of the current folder are named and not loaded", async () => {
  const tried = [...(await doctor("--device", "cpu")), ...(await doctor("--device", "cuda"))];
  expect(existsSync(harm())).toBe(false);
  expect(tried.find(({ name, works }) => name === "onnx" && works)).toBeDefined();
  // What is beside the program is what counts.
  expect(tried.find(({ name }) => name === "tfjs")?.works).toBe(true);
  for (const engine of ["tfjs-node", "tfjs-node-gpu"])
    expect(tried.find(({ name }) => name === engine)).toMatchObject({
      works: false,
      reason: `the package @tensorflow/${engine} of the current folder was not loaded (\`mtlc doctor --engine ${engine}\` tries it)`,
    });
});

it.skipIf(installed)("they are loaded where their engine is asked for", async () => {
  const [tried] = await doctor("--engine", "tfjs-node");
  expect(existsSync(harm())).toBe(true);
  expect(tried).toMatchObject({ works: false, reason: expect.stringContaining("is not the package that is meant") });
});
