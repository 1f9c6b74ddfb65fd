import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as ort from "onnxruntime-node";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { load } from "../../src/index.ts";
import { exportPrediction } from "../../src/project/export-onnx.ts";
import { runTraining } from "../../src/project/training.ts";
import { importModule, moduleText } from "../differential/generated.ts";
import { folderOf, sourceOf } from "../runtime/small-training.ts";
import { importLoader, type Loader } from "./exported.ts";
import { expectSameAnswers } from "./expect-same-answers.ts";

/** What generated modules and loaders of graphs tell of rows: as the library does, and once on the console where nobody listens. */

const text = `model City
input city: category
input wine: category(["red", "white"])
input x: f32 { fill: mean }
input words: tokens(2)
shared h = concat(city -> embed(3), wine -> embed(2), x, words -> embed(2) -> mean_pool)
task price: real { head: h -> dense }
train { epochs: 1 }
data { train: csv("train.csv", missing: ["NA", 99]), validation: csv("other.csv", missing: ["NA", 99]) }
`;
const files = {
  "train.csv": "city,wine,x,words,price\nOslo,red,1,a b,1\nRome,white,2,b,2\nNA,red,99,a,3\nRome,red,6,a,4\n",
  "other.csv": "city,wine,x,words,price\nBern,white,1,a,1\nRome,red,1,a,2\n",
};
const strange = [
  { city: "OSLO", wine: "rose", x: 1, words: "zero one a" },
  { city: "Bern", wine: "red", x: 1, words: "two" },
  { city: "Rome", wine: "red", x: 1, words: "" },
];
const plain = { city: "Rome", wine: "red", x: 1, words: "a" };
const inRows = (rows: string): string[] => [
  `2 of 3 cells of city in ${rows} were not seen in training ("OSLO" and 1 more)`,
  `1 of 3 cells of wine in ${rows} is none of its values ("rose")`,
  `1 of 3 rows of ${rows} is longer than 2 tokens in words: 1 token at its end is left out`,
  `3 of 3 tokens of words in ${rows} are not in the vocabulary ("zero" and 2 more)`,
];

let base = "";
let run = "";
let answers: readonly object[] = [];
let module: Awaited<ReturnType<typeof importModule>>;
let loader: Loader;
let graph = "";
beforeAll(async () => {
  base = mkdtempSync("node_modules/.warnings-");
  run = join(base, "run");
  const source = sourceOf(text, files);
  await runTraining(source, { run });
  module = await importModule(await moduleText(source));
  const exported = exportPrediction(run, 2);
  graph = join(base, "city.onnx");
  writeFileSync(graph, exported.bytes);
  loader = await importLoader((await exported.loader?.(basename(graph))) ?? "", base);
  const silent = await load(run);
  answers = await silent.predict(strange);
  await silent.close();
}, 60_000);
afterAll(() => rmSync(base, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

const listening = () => {
  const told: string[] = [];
  return { told, onWarning: (one: Diagnostic | string) => void told.push(typeof one === "string" ? one : one.message) };
};
/** What is said on the console meanwhile. */
const heard = () => {
  const said: string[] = [];
  vi.spyOn(console, "warn").mockImplementation((line: string) => {
    // TensorFlow.js greets in Node.
    if (!line.includes("tfjs-node")) said.push(line);
  });
  return said;
};

it("a module tells who listens, a call at a time", async () => {
  const said = heard();
  const network = await module.load(run);
  const { told, onWarning } = listening();
  for (const [k, answer] of (await module.predict(strange, network, { onWarning })).entries())
    expectSameAnswers(answer, answers[k], `row ${k}`);
  expect(told).toEqual(inRows("examples"));
  await module.predict([plain], network, { onWarning });
  await module.predict([strange[1]], network, { onWarning });
  expect(told.slice(4)).toEqual([
    '1 of 1 cell of city in examples was not seen in training ("Bern")',
    '1 of 1 token of words in examples is not in the vocabulary ("two")',
  ]);
  expect(said).toEqual([]);
});

it("a module says on the console what nobody listens to, each matter of a network once", async () => {
  const said = heard();
  const network = await module.load(run);
  for (const example of [plain, ...strange, ...strange]) await module.predict([example], network);
  expect(said).toEqual([
    'MTL8070 1 of 1 cell of city in examples was not seen in training ("OSLO"); "OSLO" differs from "Oslo" by case or blanks only',
    'MTL8070 1 of 1 cell of wine in examples is none of its values ("rose")',
    "MTL8047 1 of 1 row of examples is longer than 2 tokens in words: 1 token at its end is left out",
    'MTL8071 2 of 2 tokens of words in examples are not in the vocabulary ("zero" and 1 more)',
  ]);
  said.length = 0;
  await module.predict(strange, await module.load(run));
  expect(said.map((line) => line.replace(/^\S+ |; .*/g, ""))).toEqual(inRows("examples"));
});

it("a module's training tells of its parts", async () => {
  const unseen = '1 of 2 cells of city in validation was not seen in training ("Bern")';
  const from = `${folderOf(files)}/`;
  const { told, onWarning } = listening();
  await module.train({ from, onWarning });
  expect(told).toContain(unseen);
  const said = heard();
  await module.train({ from });
  expect(said).toContain(`MTL8070 ${unseen}`);
});

it("a loader does the same", async () => {
  const said = heard();
  const { told, onWarning } = listening();
  const graphs = [await loader.open(ort, graph, { onWarning }), await loader.open(ort, graph)] as const;
  for (const { predict } of graphs)
    for (const [k, answer] of (await predict(strange)).entries()) expectSameAnswers(answer, answers[k], `row ${k}`);
  expect(told).toEqual(inRows("rows"));
  expect(said).toEqual(inRows("rows"));
  for (const { predict } of graphs) await predict([plain]);
  for (const { predict, close } of graphs) {
    await predict([strange[1]]);
    await close();
  }
  expect(told.slice(4)).toEqual([
    '1 of 1 cell of city in rows was not seen in training ("Bern")',
    '1 of 1 token of words in rows is not in the vocabulary ("two")',
  ]);
  expect(said.length).toBe(4);
});

it("cells that the training source lists as missing are empty to all, and nothing to be told", async () => {
  const said = heard();
  const marked = ["NA", 99, "99.0", " NA "].map((mark) => ({ ...plain, city: mark, x: mark, words: "NA" }));
  const empty = { ...plain, city: null, x: null, words: null };
  const [whole, network, opened] = [await load(run), await module.load(run), await loader.open(ort, graph)];
  const [wanted] = await whole.predict([empty]);
  // A row of other values is answered otherwise.
  expect((await whole.predict([plain]))[0]).not.toEqual(wanted);
  for (const [name, found] of [
    ["library", await whole.predict(marked)],
    ["module", await module.predict(marked, network)],
    ["loader", await opened.predict(marked)],
  ] as const)
    for (const [k, answer] of found.entries()) expectSameAnswers(answer, wanted, `${name} ${k}`);
  expect(said).toEqual([]);
  await Promise.all([whole.close(), opened.close()]);
});
