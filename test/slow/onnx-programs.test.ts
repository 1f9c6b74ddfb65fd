import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as ort from "onnxruntime-node";
import { afterAll, describe, expect, it } from "vitest";
import { unbuiltWords } from "../../compiler/unbuilt.ts";
import { registry } from "../../compiler/registry/index.ts";
import { exportPrediction } from "../../src/project/export-onnx.ts";
import { compileSource, openSource } from "../../src/project/sources.ts";
import { runTraining } from "../../src/project/training.ts";
import { expectSameAnswers } from "../src/expect-same-answers.ts";
import { importLoader } from "../src/exported.ts";
import { besideData, hasData, models } from "../programs/programs.ts";
import { expectSameNumbers } from "./onnx/numbers.ts";
import { answersByPython, preparePython } from "./onnx/python.ts";
import { rowsOfRun } from "./rows-of-run.ts";

/**
 * Every program that can be trained, after an epoch: its exported graph passes the official checker, and answers the program's own rows
 * in Python and through its loader as `mtlc predict` does.
 */
const folder = besideData();
const files = [
  ...readdirSync("examples").map((name) => ({ name, file: `examples/${name}/${name}.mtl`, present: true })),
  ...models.map(({ name }) => ({ name, file: join(folder, `${name}.mtl`), present: hasData })),
];

/** What of a program cannot run yet. */
function missingWords(file: string): readonly string[] {
  const { model } = compileSource(openSource(file));
  return model === null ? ["it has mistakes"] : unbuiltWords(model, registry).map(({ message }) => message);
}

const ready = preparePython();
const base = mkdtempSync("node_modules/.export-");
afterAll(() => rmSync(base, { recursive: true, force: true }));
const ROWS = 5;

describe.each(files)("$name of $file", ({ name, file, present }) => {
  const missing = missingWords(file);
  if (missing.length > 0) console.warn(`${name} is not trained: ${missing.join("; ")}`);
  it.skipIf(missing.length > 0 || !present)("is answered by its graph as by mtlc", async () => {
    const run = join(mkdtempSync(join(base, "run-")), basename(file, ".mtl"));
    await runTraining(openSource(file, ["train.epochs=1"]), { run });
    const { rows, answers } = await rowsOfRun(run, ROWS);
    expect(answers).toHaveLength(ROWS);

    const { bytes, loader } = exportPrediction(run, 2);
    const graph = join(run, "graph.onnx");
    writeFileSync(graph, bytes);
    if (loader === null) throw new Error("a graph without its loader");
    const { open } = await importLoader(await loader("graph.onnx"), base);
    const { predict, close } = await open(ort, graph);
    expectSameAnswers(await predict(rows), answers, file);
    await close();
    if (ready) expectSameNumbers(answersByPython(graph, rows), answers);
  });
});
