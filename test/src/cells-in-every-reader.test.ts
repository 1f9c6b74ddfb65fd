import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTableFile } from "../../runtime/data/table-file.ts";
import { load, type LoadedRun, type Row } from "../../src/index.ts";
import { answersTo } from "../../src/project/answering.ts";
import { exportPrediction } from "../../src/project/export-onnx.ts";
import { openTrained } from "../../src/project/trained.ts";
import { runTraining } from "../../src/project/training.ts";
import { sourceOf } from "../runtime/small-training.ts";
import { expectSameAnswers } from "./expect-same-answers.ts";
import { importLoader, type Loader } from "./exported.ts";

/** A run that was trained on one format answers cells of any other, of programs and of its exported graph alike. */

const text = `model Reader
input member: category
input key: category
input code: category
input paid: f32
input words: tokens(3)
shared h = concat(paid, member -> embed(2, start: normal(1)), key -> embed(2, start: normal(1)), code -> embed(2, start: normal(1)), words -> embed(2, start: normal(1)) -> mean_pool)
task y: real { head: h -> dense }
task seen: class { head: h -> dense, target: "member" }
train { epochs: 1, batch: 4, seed: 3 }
data { train: csv("rows.csv") }`;
const rows = `member,key,code,paid,words,y
True,9007199254740993,7,True,a b,1
False,9007199254740992,007,False,b,2
TRUE,5,8,true,c 4.0,3
False,6,0x10,0.5,5,4
`;

let folder = "";
let run: LoadedRun;
let loader: Awaited<ReturnType<Loader["open"]>>;
beforeAll(async () => {
  folder = mkdtempSync("node_modules/.cells-");
  await runTraining(sourceOf(text, { "rows.csv": rows }), { run: join(folder, "run") });
  run = await load(join(folder, "run"));
  const graph = exportPrediction(join(folder, "run"), 2);
  const file = join(folder, "reader.onnx");
  writeFileSync(file, graph.bytes);
  const written = (await graph.loader?.(basename(file))) ?? "";
  loader = await (await importLoader(written, folder)).open(ort, file, { onWarning: () => undefined });
}, 60_000);
afterAll(async () => {
  await run.close();
  await loader.close();
  rmSync(folder, { recursive: true, force: true });
});

async function fileAnswers(name: string, content: string): Promise<Record<string, unknown>[]> {
  const file = join(folder, name);
  writeFileSync(file, content);
  const trained = await openTrained(join(folder, "run"), {});
  try {
    return await answersTo(trained, await readTableFile(file));
  } finally {
    await trained.close();
  }
}

const plain = { member: true, key: "5", code: 7, paid: 1, words: "a b" };

describe("one value in other spellings", () => {
  it.each<[string, object, object[]]>([
    ["truths", { member: true }, [{ member: "True" }, { member: " TRUE " }, { member: 1 }, { member: "1.0" }]],
    ["false", { member: false }, [{ member: "False" }, { member: 0 }, { member: "0" }]],
    ["numbers", { code: 7 }, [{ code: "7" }, { code: "7.0" }, { code: " 7e0" }]],
    ["letters", { code: "007" }, [{ code: " 007 " }]],
    ["hexadecimal letters", { code: "0x10" }, [{ code: "0x10 " }]],
    [
      "what was not seen",
      { code: "nine" },
      [{ code: "+7" }, { code: 16 }, { code: "" }, { code: null }, { code: "NaN" }],
    ],
    ["long keys", { key: "9007199254740993" }, [{ key: 9007199254740993n }]],
    [
      "wanted numbers",
      { paid: 1 },
      [{ paid: true }, { paid: "True" }, { paid: "1" }, { paid: "+1.0" }, { paid: "01" }],
    ],
    ["no words", { words: "" }, [{ words: null }, { words: [] }, { words: "NaN" }]],
    ["words of a list", { words: "a b" }, [{ words: ["a", "b"] }, { words: [" a", "b "] }]],
    [
      "a number as a text",
      { words: "5" },
      [{ words: 5 }, { words: ["5"] }, { words: [5] }, { words: Float32Array.of(5) }],
    ],
  ])("%s", async (_, one, others) => {
    const wanted = (await run.predict([{ ...plain, ...one } as Row]))[0];
    for (const other of others) {
      const row = { ...plain, ...other };
      expect((await run.predict([row as Row]))[0], JSON.stringify(Object.values(other), String)).toEqual(wanted);
      expectSameAnswers((await loader.predict([row]))[0], wanted, `loader ${String(Object.values(other)[0])}`);
    }
  });

  it("is refused where it is a number that stands for its neighbours as well", async () => {
    const row = { ...plain, key: 2 ** 53 };
    await expect(run.predict([plain, row])).rejects.toMatchObject({
      diagnostics: [
        { code: "MTL8083", message: expect.stringContaining('row 2, column "key": 9.007199254740992e+15 is') },
      ],
    });
    await expect(loader.predict([plain, row])).rejects.toThrow(
      "row 2: key holds 9.007199254740992e+15, a whole number",
    );
    expect(await run.predict([{ ...plain, paid: 2 ** 60 }])).toHaveLength(1);
  });

  it("is told from other values", async () => {
    const others = [{}, { member: false }, { member: null }, { code: "007" }, { code: "0x10" }, { code: "nine" }];
    const keys = ["9007199254740993", "9007199254740992", "9007199254740994"].map((key) => ({ key }));
    const asked = [...others, ...keys, { paid: 0 }, { words: "5" }].map((other) => ({ ...plain, ...other }));
    const answers = (await run.predict(asked)).map(({ y }) => y);
    expect(new Set(answers).size).toBe(asked.length);
    const [first] = await run.predict([plain]);
    expect(first.seen).toMatchObject({ probabilities: { false: expect.any(Number), true: expect.any(Number) } });
  });
});

it("files of other formats are answered alike", async () => {
  const csv = await fileAnswers("a.csv", rows);
  const json = await fileAnswers(
    "a.json",
    `[{"member": true, "key": 9007199254740993, "code": 7, "paid": true, "words": "a b"},
      {"member": false, "key": 9007199254740992, "code": "007", "paid": 0, "words": " b"},
      {"member": "true", "key": 5, "code": 8.0, "paid": 1, "words": "c 4.0"},
      {"member": 0, "key": 6, "code": "0x10", "paid": 0.5, "words": 5}]`,
  );
  expect(json).toEqual(csv);
  expect(new Set(csv.map(({ y }) => y)).size).toBe(4);
});

describe("the loader of a graph refuses, by row and input,", () => {
  it.each<[object, string]>([
    [{ paid: "much" }, 'row 2: paid holds "much", which is no number'],
    [{ paid: "0x10" }, 'row 2: paid holds "0x10", which is no number'],
    [{ paid: 1e39 }, "row 2: paid holds 1e+39, which is not from -3.4028234663852886e+38 to 3.4028234663852886e+38"],
    [{ paid: Infinity }, 'row 2: paid holds "Infinity", which is no number'],
    [{ paid: null }, "row 2: paid lacks a number"],
    [{ paid: [1, 2] }, "row 2: paid holds 2 numbers where 1 belong"],
    [{ member: ["a", "b"] }, "row 2: member holds a list where one value belongs"],
    [{ member: Symbol("a") }, "row 2: member holds a symbol where one value belongs"],
    [{ words: ["a", ["b"]] }, "row 2: words holds more than words in its list"],
    [{ words: 1e21 }, "row 2: words holds 1e+21, a whole number beyond 2^53"],
    [{ words: [1, 1e21] }, "row 2: words holds 1e+21, a whole number beyond 2^53"],
    [{ words: { a: 1 } }, "row 2: words holds an object where one value belongs"],
  ])("%j", async (other, message) => {
    await expect(loader.predict([plain, { ...plain, ...other }])).rejects.toThrow(message);
  });
});
