import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Python with the official checker of ONNX and with onnxruntime, in an environment that is kept in `.cache`. */
const home = resolve(".cache/onnx-python");
export const python = join(home, "bin/python");

/** Makes the environment; false where that cannot be had. */
export function preparePython(): boolean {
  try {
    if (existsSync(join(home, "ready"))) return true;
    mkdirSync(".cache", { recursive: true });
    execFileSync("python3", ["-m", "venv", home], { stdio: "ignore" });
    const packages = ["onnx==1.23.2", "onnxruntime==1.30.0"];
    execFileSync(python, ["-m", "pip", "install", "--quiet", ...packages], { stdio: "ignore" });
    writeFileSync(join(home, "ready"), "");
    return true;
  } catch {
    console.warn("Python with onnx and onnxruntime cannot be had here: exported graphs are not checked outside");
    return false;
  }
}

/** Answers of a graph to rows by Python, after the checker has passed it: by task all numbers of the answer. */
export function answersByPython(
  graph: string,
  rows: readonly unknown[],
): Readonly<Record<string, readonly number[]>>[] {
  const file = `${graph}.json`;
  writeFileSync(file, JSON.stringify(rows));
  return JSON.parse(execFileSync(python, ["test/slow/onnx/predict.py", graph, file], { encoding: "utf8" }));
}
