import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportStep } from "../../src/project/export-onnx.ts";
import { openSource } from "../../src/project/sources.ts";
import { runTraining } from "../../src/project/training.ts";
import { cases, exported } from "../src/exported.ts";

/**
 * Exported graphs outside of this project: the official checker passes them, Python's onnxruntime answers from them (codes and
 * labels from their metadata) as `mtlc predict` does, and their loaders are strict TypeScript over onnxruntime-node.
 */
const home = resolve(".cache/onnx-python");
const python = join(home, "bin/python");

/** Makes an environment with the checker and the runtime; false where that cannot be had. */
function prepareTools(): boolean {
  try {
    if (!existsSync(join(home, "ready"))) {
      mkdirSync(".cache", { recursive: true });
      execFileSync("python3", ["-m", "venv", home], { stdio: "ignore" });
      execFileSync(python, ["-m", "pip", "install", "--quiet", "onnx==1.23.2", "onnxruntime==1.30.0"], {
        stdio: "ignore",
      });
      writeFileSync(join(home, "ready"), "");
    }
    return true;
  } catch {
    console.warn("Python with onnx and onnxruntime cannot be had here: exported graphs are not checked outside");
    return false;
  }
}

const ready = prepareTools();
let base = "";
beforeAll(() => {
  base = mkdtempSync("node_modules/.export-");
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** The numbers of an answer in the order of the graph's output: probabilities, or values. */
function numbersOf(answer: unknown): number[] {
  if (typeof answer === "number") return [answer];
  if (Array.isArray(answer)) return answer.flatMap(numbersOf);
  if (typeof answer !== "object" || answer === null) return [];
  if ("probability" in answer) return numbersOf(answer.probability);
  if ("probabilities" in answer && typeof answer.probabilities === "object" && answer.probabilities !== null) {
    return Object.values(answer.probabilities).flatMap(numbersOf);
  }
  throw new Error(`no answer: ${JSON.stringify(answer)}`);
}

describe.each(cases)("$name", (example) => {
  it.skipIf(!ready)("passes the checker and is answered by Python (skipped where that cannot be had)", async () => {
    const { answers, file } = await exported(example, base);
    const rows = `${file}.json`;
    writeFileSync(rows, JSON.stringify(example.rows));
    const found: Record<string, number[]>[] = JSON.parse(
      execFileSync(python, ["test/slow/onnx/predict.py", file, rows], { encoding: "utf8" }),
    );
    expect(found).toHaveLength(answers.length);
    answers.forEach((answer, row) => {
      for (const [task, value] of Object.entries(answer)) {
        const numbers = numbersOf(value);
        // Along tokens the graph answers for padding too.
        expect(found[row][task].length, task).toBeGreaterThanOrEqual(numbers.length);
        numbers.forEach((number, k) => {
          const off = Math.abs(found[row][task][k] - number) / Math.max(1, Math.abs(number));
          expect(off, `row ${row + 1}, ${task}[${k}]: ${found[row][task][k]}, expected ${number}`).toBeLessThanOrEqual(
            1e-5,
          );
        });
      }
    });
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

it.skipIf(!ready)("an exported training step passes the checker", async () => {
  const run = join(base, "step");
  await runTraining(openSource("examples/films/films.mtl", ["train.epochs=1"]), { run });
  const file = join(base, "step.onnx");
  writeFileSync(file, exportStep(run).bytes);
  const check = `import onnx; onnx.checker.check_model(onnx.load(${JSON.stringify(file)}), full_check=True)`;
  expect(() => execFileSync(python, ["-c", check])).not.toThrow();
});
