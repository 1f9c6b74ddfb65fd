import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { prepare } from "../../src/project/prepare.ts";
import { openSource } from "../../src/project/sources.ts";
import { trainingDifferences } from "../differential/trace.ts";
import { buildTfjsNode, missingTools } from "./tfjs-node.ts";

/** TensorFlow.js at length: 200 random programs, programs of images, and all of its tests again on libtensorflow. */
const programs = "../shared/design/programs";
const files = ["examples/multi-mnist/multi-mnist.mtl", `${programs}/omniglot.mtl`, `${programs}/two_phases.mtl`];

/** Runs test files of the fast suite in a process of their own; the report where one fails, else "". */
function fastTests(paths: readonly string[], environment: Readonly<Record<string, string>>): string {
  const { status, stdout, stderr } = spawnSync("npx", ["vitest", "run", "--project", "fast", ...paths], {
    env: { ...process.env, ...environment },
    encoding: "utf8",
  });
  return status === 0 ? "" : `${stdout}\n${stderr}`;
}

describe("plain JavaScript", () => {
  it("gives 200 random programs their meaning", () => {
    expect(fastTests(["test/differential/random.test.ts"], { MTLC_TEST_PROGRAMS: "200" })).toBe("");
  });

  // Batches are small, since a convolution takes seconds here. Biases in front of a batch norm have no gradient.
  it.each(files)("trains %s as onnx does (skipped where it is absent)", async (file) => {
    if (!existsSync(file)) return console.warn(`${file} is absent: skipped`);
    const ready = await prepare(openSource(file, file.includes("two_phases") ? [] : ["train.batch=8"]));
    const choices = { found: { engine: "tfjs" }, expected: { engine: "onnx", threads: 1 } };
    const without = file.includes("omniglot") ? /conv2d_\d\.bias$|batch_norm_\d\.mean$/ : undefined;
    const steps = file.includes("two_phases") ? 20 : 2;
    expect(await trainingDifferences(ready, choices, { steps, tolerance: 1e-5, without })).toEqual([]);
  });
});

const missing = missingTools();
if (missing.length > 0) console.warn(`tfjs-node is not built here: there is no ${missing.join(", no ")}`);

describe.skipIf(missing.length > 0)("libtensorflow, bound to the TensorFlow of PyPI", () => {
  it("passes every test of TensorFlow.js, and 200 random programs", () => {
    const packages = buildTfjsNode();
    const environment = { NODE_PATH: packages, MTLC_TEST_ENGINE: "tfjs-node", MTLC_TEST_PROGRAMS: "200" };
    expect(fastTests(["test/differential", "test/runtime/tfjs-", "test/runtime/engine-operations"], environment)).toBe(
      "",
    );
  });
});
