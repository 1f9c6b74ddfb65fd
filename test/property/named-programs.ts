import { mkdtempSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as ort from "onnxruntime-node";
import { expect } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { exportPrediction } from "../../src/project/export-onnx.ts";
import { runTraining } from "../../src/project/training.ts";
import { load, type Row } from "../../src/index.ts";
import { importModule, moduleText } from "../differential/generated.ts";
import { sourceOf } from "../runtime/small-training.ts";
import { expectSameAnswers } from "../src/expect-same-answers.ts";
import { importLoader } from "../src/exported.ts";
import { Draw } from "./draw.ts";
import { programOfNames } from "./names.ts";

/**
 * Trains a program of odd names and asks the run, the module and the exported graph of it the same. Gives the module's text.
 * Throws with the program where something goes wrong. `base` lies beside the packages.
 */
export async function checkNames(seed: number, base: string, { standalone = false } = {}): Promise<string> {
  const { text, rows, from } = programOfNames(new Draw(seed, "names"));
  try {
    expect(compile(text).diagnostics.map(({ message }) => message)).toEqual([]);
    const source = sourceOf(text, { "rows.jsonl": rows.map((row) => JSON.stringify(row)).join("\n") });
    const run = join(mkdtempSync(join(base, "run-")), "run");
    await runTraining(source, { run });
    const network = await load(run);
    const answers = await network.predict(rows.map((row): Row => JSON.parse(JSON.stringify(row))));
    await network.close();
    const examples = rows.map((row) =>
      Object.fromEntries(Object.entries(from).map(([input, column]) => [input, row[column]])),
    );
    const same = (found: readonly unknown[], of: string): void => {
      expect(found).toHaveLength(answers.length);
      answers.forEach((answer, row) => expectSameAnswers(found[row], answer, `${of}, row ${row + 1}`));
    };

    const written = await moduleText(source, { standalone });
    const module = await importModule(written);
    same(await module.predict(examples, await module.load(run)), "the module");
    const steps: object[] = [];
    await module.train({ from: `${source.folder}/`, onStep: ({ losses }) => void steps.push(losses) });
    expect(steps.length).toBe(4);
    for (const losses of steps) expect(Object.values(losses).every(Number.isFinite)).toBe(true);

    const graph = exportPrediction(run, 3);
    const file = join(run, "graph.onnx");
    writeFileSync(file, graph.bytes);
    const loader = await importLoader((await graph.loader?.(basename(file))) ?? "", base);
    const opened = await loader.open(ort, file);
    same(await opened.predict(examples), "the graph");
    await opened.close();
    return written;
  } catch (error) {
    throw new Error(`MTLC_PROPERTY_SEED=${seed}\n${String(error)}\n\n${text}`, { cause: error });
  }
}
