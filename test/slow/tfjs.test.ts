import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { buildTfjsNode, missingTools } from "./tfjs-node.ts";

/** TensorFlow.js at length: 200 random programs, and all of its tests again on libtensorflow. */

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
