import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as Tfjs from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DiagnosticError, load, type RunFiles } from "../../src/browser.ts";
import * as library from "../../src/index.ts";
import { readTrained } from "../../src/project/trained.ts";
import { openSource } from "../../src/project/sources.ts";
import { runTraining } from "../../src/project/training.ts";
import { expectSameAnswers } from "./expect-same-answers.ts";
import { cases } from "./exported.ts";

/** The library for browsers, here in Node: `test/slow/browser.test.ts` has it in Chromium. */
const tf: typeof Tfjs = createRequire(import.meta.url)("@tensorflow/tfjs");
const [{ columns }] = cases;
const folder = mkdtempSync(join(tmpdir(), "mtlc-browser-"));
const run = join(folder, "penguins");
let files: RunFiles;

beforeAll(async () => {
  await tf.setBackend("cpu");
  await runTraining(openSource("examples/penguins/penguins.mtl", ["train.epochs=2"]), { run });
  const bytes = (name: string): Buffer => readFileSync(join(run, name));
  files = {
    "model.mtl": bytes("model.mtl").toString(),
    "codes.json": bytes("codes.json").toString(),
    "model.safetensors": bytes("model.safetensors"),
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function refusal(change: Partial<Record<keyof RunFiles, unknown>>): Promise<string> {
  const problem: unknown = await load({ ...files, ...change } as RunFiles, { tf }).catch((error: unknown) => error);
  if (!(problem instanceof DiagnosticError)) throw new Error(`no diagnostic: ${String(problem)}`);
  return problem.message;
}

describe("load", () => {
  it("answers and measures as in Node, from text or object, bytes or buffer", async () => {
    const inNode = await library.load(run);
    const rows = columns.map((row) => ({ ...row, Species: "Gentoo", Sex: "MALE", "Body Mass (g)": 4000 }));
    const [answers, metrics] = [await inNode.predict(columns), await inNode.evaluate(rows)];
    await inNode.close();
    const bytes = Uint8Array.from(readFileSync(join(run, "model.safetensors")));
    const given = { ...files, "codes.json": readTrained(run).codes, "model.safetensors": bytes.buffer };
    for (const each of [files, given]) {
      const here = await load(each, { tf });
      expectSameAnswers(await here.predict(columns), answers, "predict");
      expectSameAnswers(await here.predict(columns[0]), answers[0], "predict one");
      expectSameAnswers(await here.evaluate(rows), metrics, "evaluate");
      await here.close();
    }
  });

  it("leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    const here = await load(files, { tf });
    for (let k = 0; k < 3; k++) await here.predict(columns);
    await here.close();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("names the file that is broken", async () => {
    expect(await refusal({ "codes.json": "{" })).toContain("`codes.json` cannot be used: it is no whole JSON");
    expect(await refusal({ "codes.json": {} })).toContain("`codes.json` cannot be used: it lacks what codes hold");
    const { codes } = readTrained(run);
    const less = { ...codes, inputs: { ...codes.inputs, island: {} } };
    expect(await refusal({ "codes.json": less })).toMatch(/`codes\.json` cannot be used: .* input `island`/);
    const cut = files["model.safetensors"].slice(0, 300);
    expect(await refusal({ "model.safetensors": cut })).toContain("`model.safetensors`");
    const other = files["model.mtl"].replace("dense(32)", "dense(31)");
    expect(await refusal({ "model.mtl": other })).toMatch(/`model\.safetensors` does not fit the model/);
    expect(await refusal({ "model.mtl": "model A {" })).toContain("MTL");
  });

  it("names the column that a row lacks", async () => {
    const here = await load(files, { tf });
    await expect(here.predict({ Island: "Biscoe" })).rejects.toThrow(/Beak Length \(mm\)/);
    await here.close();
  });
});
