import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeLimits } from "../../compiler/ir/code-limits.ts";
import { encodeExamples } from "../../runtime/generated/rows.ts";
import { load, type LoadedRun } from "../../src/index.ts";
import { exportPrediction } from "../../src/project/export-onnx.ts";
import { soundModel } from "../../src/project/sound-model.ts";
import { runTraining } from "../../src/project/training.ts";
import { importLoader, type Loader } from "../src/exported.ts";
import { failures } from "./data-fixtures.ts";
import { prepared, sourceOf } from "./small-training.ts";

/** Codes that a table has no row for are refused before an engine sees them, by everything that reads rows. */

const text = `model Shops
input shop: i32
input days: i32[2] { from: ["d0", "d1"], fill: 6 }
task y: real { head: concat(shop -> embed(2, codes: 3), days -> stop_gradient -> repeat(1, embed(1, codes: 7)) -> flatten, shop -> reshape([1]) -> embed(1, codes: 5) -> flatten) -> dense }
train { epochs: 1 }
data { train: csv("rows.csv") }`;
const rowsOf = (...shops: readonly string[]): string =>
  ["shop,d0,d1,y", ...shops.map((shop, k) => `${shop},${k % 7},,${k}`), ""].join("\n");
const messages = async (table: string): Promise<string[]> =>
  (await failures(() => prepared(text, { "rows.csv": table }))).map(({ code, message }) => `${code} ${message}`);

it("the smallest table that a code reaches decides, by whatever way it comes there", () => {
  const { model } = soundModel(sourceOf(text, { "rows.csv": rowsOf("0") }));
  const limits = [...codeLimits(model)].map(([name, { codes }]) => [name, codes]);
  expect(limits).toEqual([
    ["shop", 3],
    ["days", 7],
  ]);
});

describe("rows to learn from", () => {
  it.each([
    ["3", "3 is not one of the codes 0 … 2"],
    ["-1", "-1 is not one of the codes 0 … 2"],
    ["2147483648", "2147483648 is not one of the codes 0 … 2"],
  ])("with the code %s", async (cell, message) => {
    expect(await messages(rowsOf("0", "1", cell, "2", cell))).toEqual([
      `MTL8017 rows.csv row 3, column "shop": ${message}, and 1 more like it`,
    ]);
  });

  it("with half a code", async () => {
    expect(await messages(rowsOf("0", "1.5"))).toEqual([
      'MTL8014 rows.csv row 2, column "shop": 1.5 is not a whole number of 32 bits',
    ]);
  });

  it("with a filling that is no code", async () => {
    const [{ code, message }] = await failures(() =>
      prepared(text.replace("fill: 6", "fill: 7"), { "rows.csv": rowsOf("0", "1") }),
    );
    expect(`${code} ${message}`).toBe(
      'MTL8017 rows.csv row 1, column "d1": 7 is not one of the codes 0 … 6, and 1 more like it',
    );
  });

  it("with codes that the table has", async () => {
    const { data } = await prepared(text, { "rows.csv": rowsOf("0", "1", "2") });
    expect([...data.sections[0].train.inputs.shop]).toEqual([0, 1, 2]);
    expect([...data.sections[0].train.inputs.days]).toEqual([0, 6, 1, 6, 2, 6]);
  });
});

describe("rows to answer", () => {
  let folder = "";
  let run: LoadedRun;
  let loader: Awaited<ReturnType<Loader["open"]>>;
  beforeAll(async () => {
    folder = mkdtempSync("node_modules/.codes-");
    await runTraining(sourceOf(text, { "rows.csv": rowsOf("0", "1", "2") }), { run: join(folder, "run") });
    run = await load(join(folder, "run"));
    const graph = exportPrediction(join(folder, "run"), 2);
    const file = join(folder, "shops.onnx");
    writeFileSync(file, graph.bytes);
    loader = await (await importLoader((await graph.loader?.(basename(file))) ?? "", folder)).open(ort, file);
  }, 60_000);
  afterAll(async () => {
    await run.close();
    await loader.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([-1, 3, 1.5])("with the code %s", async (shop) => {
    const code = shop === 1.5 ? "MTL8014" : "MTL8017";
    const rows = [
      { shop: 2, d0: 6, d1: 0 },
      { shop, d0: 0, d1: 0 },
    ];
    expect(await failures(() => run.predict(rows))).toMatchObject([
      { code, message: expect.stringContaining(`row 2, column "shop": ${shop} is not `) },
    ]);
    const inputs = [
      { shop: 2, days: [6, 0] },
      { shop, days: [0, 0] },
    ];
    await expect(loader.predict(inputs)).rejects.toThrow(`row 2: shop holds ${shop}, which is no`);
    expect(await loader.predict(inputs.slice(0, 1))).toHaveLength(1);
    // As a generated module describes it.
    const description = {
      inputs: { shop: { kind: "whole numbers", codes: 3 } },
      tasks: { y: { kind: "real" } },
      rows: { train: { source: "csv", path: "rows.csv" } },
    } as const;
    const codes = { schema: 1, inputs: {}, tasks: {} } as const;
    expect(await failures(() => encodeExamples(description, codes, [{ shop: 2 }, { shop }]))).toMatchObject([{ code }]);
  });
});
