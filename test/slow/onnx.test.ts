import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cases, exported } from "../src/exported.ts";
import { expectSameNumbers } from "./onnx/numbers.ts";
import { answersByPython, preparePython } from "./onnx/python.ts";

/**
 * Exported graphs outside of this project: the official checker passes them, Python's onnxruntime answers from them (codes and
 * labels from their metadata) as `mtlc predict` does, and their loaders are strict TypeScript over onnxruntime-node.
 */
const ready = preparePython();
let base = "";
beforeAll(() => {
  base = mkdtempSync("node_modules/.export-");
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe.each(cases)("$name", (example) => {
  it.skipIf(!ready)("passes the checker and is answered by Python (skipped where that cannot be had)", async () => {
    const { answers, file } = await exported(example, base);
    const found = answersByPython(file, example.rows);
    expectSameNumbers(found, answers);
  });

  it("has a loader in strict TypeScript", async () => {
    const { loader } = await exported(example, base);
    const folder = mkdtempSync(join(base, "types-"));
    writeFileSync(join(folder, "loader.ts"), loader);
    writeFileSync(
      join(folder, "main.ts"),
      `import * as ort from "onnxruntime-node";
import { open, type Answers, type Row } from "./loader.ts";
export async function main(row: Row): Promise<Answers> {
  const { predict, close } = await open(ort, "graph.onnx");
  const answers = await predict(row);
  await close();
  return answers;
}
`,
    );
    const options = ["--ignoreConfig", "--noEmit", "--strict", "--noUnusedLocals", "--noUnusedParameters"];
    options.push("--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--erasableSyntaxOnly");
    const modules = ["--module", "nodenext", "--target", "es2023", "--allowImportingTsExtensions", "--skipLibCheck"];
    const compiler = [
      "node_modules/typescript/bin/tsc",
      ...options,
      ...modules,
      "--types",
      "node",
      join(folder, "main.ts"),
    ];
    expect(spawnSync(process.execPath, compiler, { encoding: "utf8" }).stdout).toBe("");
  });
});
