import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { load } from "../../src/index.ts";
import { exportPrediction } from "../../src/project/export-onnx.ts";
import { runTraining } from "../../src/project/training.ts";
import { importModule, moduleText } from "../differential/generated.ts";
import { csv, sourceOf } from "../runtime/small-training.ts";
import { sound } from "../slow/command.ts";
import { expectSameAnswers } from "./expect-same-answers.ts";
import { importLoader } from "./exported.ts";

/** Levels that are written are read, learnt in their order, and answered as they stand, by everything that answers. */

const text = `model Sizes
input x: f32
shared h = x -> dense(16) -> tanh
task size: ordinal(["low", "mid", "high"]) { head: h -> dense }
task stars: ordinal([5, 1, 3]) { head: h -> dense, metrics: [mae, accuracy] }
task level: ordinal(3) { head: h -> dense }
train { epochs: 300, batch: 12, seed: 1, optimizer: adam(rate: 0.05) }
data { train: csv("rows.csv") }
`;
const sizes = ["low", "mid", "high"];
const stars = [5, 1, 3];
const codes = Array.from({ length: 12 }, (_, row) => row % 3);
const rows = csv({
  x: codes.map((code) => code - 1),
  size: codes.map((code) => sizes[code]),
  stars: codes.map((code) => ["5.0", "1", "3"][code]),
  level: codes,
});
const asked = [-1, 0, 1].map((x) => ({ x }));

let base = "";
let run = "";
const source = sourceOf(text, { "rows.csv": rows });
beforeAll(async () => {
  base = mkdtempSync("node_modules/.levels-");
  run = join(base, "run");
  await runTraining(source, { run });
}, 60_000);
afterAll(() => rmSync(base, { recursive: true, force: true }));

it("the library, a module and a loader answer levels by their names, in the order that was written", async () => {
  const whole = await load(run);
  const answers = await whole.predict(asked);
  const {
    size,
    stars: given,
    level,
  } = await whole.evaluate(asked.map((row, k) => ({ ...row, size: sizes[2 - k], stars: stars[k], level: k })));
  await whole.close();
  expect(answers.map((row) => [row.size, row.stars, row.level])).toEqual(
    [0, 1, 2].map((code) => [
      {
        label: sizes[code],
        probabilities: { low: expect.any(Number), mid: expect.any(Number), high: expect.any(Number) },
      },
      { label: stars[code], probabilities: { 5: expect.any(Number), 1: expect.any(Number), 3: expect.any(Number) } },
      { label: code, probabilities: [expect.any(Number), expect.any(Number), expect.any(Number)] },
    ]),
  );
  // Low for high is two steps off.
  expect(size).toMatchObject({ mae: 4 / 3, accuracy: 1 / 3 });
  expect(given).toEqual({ mae: 0, accuracy: 1 });
  expect(level).toEqual({ mae: 0, accuracy: 1 });

  const module = await importModule(await moduleText(source));
  for (const [k, answer] of (await module.predict(asked, await module.load(run))).entries())
    expectSameAnswers(answer, answers[k], `module, row ${k}`);

  const graph = exportPrediction(run, 1);
  const file = join(base, "sizes.onnx");
  writeFileSync(file, graph.bytes);
  const written = (await graph.loader?.(basename(file))) ?? "";
  expect(written).toContain('readonly size: ClassAnswer<"low" | "mid" | "high">;');
  expect(written).toContain("readonly level: LevelAnswer;");
  const loader = await (await importLoader(written, base)).open(ort, file);
  for (const [k, answer] of (await loader.predict(asked)).entries())
    expectSameAnswers(answer, answers[k], `loader, row ${k}`);
  await loader.close();
});

it("a table of answers has a column for each level, and a module their types", async () => {
  writeFileSync(join(base, "asked.csv"), "x\n-1\n1\n");
  const [head, first, second] = (await sound("predict", run, join(base, "asked.csv"))).split("\n");
  expect(head).toBe("size,size.low,size.mid,size.high,stars,stars.1,stars.3,stars.5,level,level.0,level.1,level.2");
  expect([first, second].map((line) => [0, 4, 8].map((at) => line.split(",")[at]))).toEqual([
    ["low", "5", "0"],
    ["high", "3", "2"],
  ]);
  const module = await moduleText(source);
  expect(module).toContain('readonly size: mtlc.ClassAnswer<"low" | "mid" | "high">;');
  expect(module).toContain("readonly level: mtlc.OrdinalAnswer;");
});
