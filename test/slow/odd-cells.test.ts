import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { load, type LoadedRun, type Row } from "../../src/index.ts";
import { exportPrediction } from "../../src/project/export-onnx.ts";
import { runTraining } from "../../src/project/training.ts";
import { importModule, moduleText } from "../differential/generated.ts";
import { sourceOf } from "../runtime/small-training.ts";
import { importLoader, type Loader } from "../src/exported.ts";
import { expectClose, numbersIn } from "./packed-typescript.ts";

/** Every odd cell in every kind of input: the library, a generated module and a graph's loader answer alike, or all refuse. */

const text = `model Odd
input a: f32
input b: f32 { scale: standard, fill: mean }
input v: f32[2] { scale: minmax, fill: 0 }
input i: i32 { fill: median }
input k: i32
input c: category
input t: category([true, false, "yes"])
input n: category
input w: tokens(3) { tokenizer: words(lowercase: true) }
input z: tokens(4) { tokenizer: characters }
shared h = concat(a, b, v, i -> embed(2, codes: 6), k -> embed(2, codes: 5, start: normal(1)), c -> embed(2, start: normal(1)), t -> embed(2, start: normal(1)), n -> embed(2, start: normal(1)), w -> embed(2, start: normal(1)) -> mean_pool, z -> embed(2, start: normal(1)) -> mean_pool)
task y: real { head: h -> dense }
task o: ordinal(["lo", "hi"]) { head: h -> dense }
train { epochs: 1, batch: 4, seed: 3 }
data { train: jsonl("rows.jsonl", missing: ["NA", "?", 99]) }
`;
const rows = [
  { a: 1, b: 2, v: [1, 2], i: 1, k: 0, c: "Oslo", t: true, n: 7, w: "Hello there, you", z: "abc", y: 1, o: "lo" },
  { a: 0, b: 3, v: [2, 5], i: 2, k: 4, c: "007", t: false, n: "8.50", w: "you true 1", z: "0 1", y: 2, o: "hi" },
  { a: 3, b: 5, v: [3, 1], i: 0, k: 2, c: "1e3", t: "yes", n: 1e15, w: "NaN 4.0", z: "t\u00e9", y: 3, o: "hi" },
  { a: 2, b: 1, v: [0, 0], i: 4, k: 1, c: "caf\u00e9", t: "yes", n: "1,000", w: "na ?", z: "\u{1f600}", y: 0, o: "lo" },
];
const plain = { a: 1, b: 2, v: [1, 2], i: 1, k: 0, c: "Oslo", t: true, n: 7, w: "hello you", z: "abc" };
const cells: readonly unknown[] = [
  ...[null, "", " ", "NaN", "nan", NaN, "NA", " NA ", "?", 99, "99", "99.0", "+99", "None", "null"],
  ...[true, false, "True", "TRUE", "FALSE", "true ", "T", "yes", "YES", "yes ", 1, 0, "1", "1.0", " 1 ", "01", "+1"],
  ...["-0", -0, 0.5, "0.5", ".5", "5.", "1e3", 1000, "1,000", "1.000", "6,5", "$5", "5%", "0x10", 16, "007", 7, "7.0"],
  ...[8.5, "8.5", "8.50", "8.500", 1e21, "1e21", "1000000000000000000000", 9007199254740993n, "9007199254740993", 2n],
  ...[9007199254740992, Infinity, -Infinity, "Infinity", "inf", 1e39, "1e39", 3.4e38, 1e308, -1e308, 4, 5, -1, "4"],
  ...["2147483648", 2147483648, 2147483647, -2147483648, "1_000", "\uff11", "\u0663", "\u00bd", "1e", "--1", "1 000"],
  ...[
    "Oslo",
    "oslo",
    "caf\u00e9",
    "cafe\u0301",
    "Oslo\u00a0",
    "\ufeffOslo",
    "a\u0000b",
    "\u{1f600}",
    "\ud83d",
    "\t1\n",
  ],
  ...[[], [1], [1, 2], ["1", "2"], [1, null], [null, null], ["NA", 99], [1, 2, 3], [[1, 2]], [[1], [2]], [true, false]],
  ...[
    ["a", "b"],
    ["Hello"],
    [" you "],
    ["NA", "you"],
    [1n, 2],
    [1e21],
    [1, "9007199254740992"],
    [1e21, "a"],
    Float32Array.of(1, 2),
    Float64Array.of(1, NaN),
  ],
  ...[
    Int32Array.of(1, 2),
    BigInt64Array.of(1n, 2n),
    new Uint8Array(0),
    Symbol("a"),
    () => 1,
    "\u0130",
    "\u00df",
    "4.0",
  ],
];

let base = "";
let whole: LoadedRun;
let loader: Awaited<ReturnType<Loader["open"]>>;
let module: Awaited<ReturnType<typeof importModule>>;
let network: unknown;
const silent = { onWarning: () => undefined };
beforeAll(async () => {
  base = mkdtempSync("node_modules/.odd-");
  const source = sourceOf(text, { "rows.jsonl": rows.map((row) => JSON.stringify(row)).join("\n") });
  const run = join(base, "run");
  await runTraining(source, { run });
  whole = await load(run);
  module = await importModule(await moduleText(source));
  network = await module.load(run);
  const graph = exportPrediction(run, 1);
  const file = join(base, "odd.onnx");
  writeFileSync(file, graph.bytes);
  loader = await (await importLoader((await graph.loader?.(basename(file))) ?? "", base)).open(ort, file, silent);
}, 60_000);
afterAll(async () => {
  await whole.close();
  await loader.close();
  rmSync(base, { recursive: true, force: true });
});

/** The numbers of an answer; null where the row is refused. */
async function numbers(answer: () => Promise<readonly unknown[]>): Promise<readonly number[] | null> {
  try {
    return numbersIn(await answer());
  } catch {
    return null;
  }
}

it.each(Object.keys(plain))("in %s", { timeout: 60_000 }, async (name) => {
  const seen = new Set<string>();
  for (const cell of cells) {
    const row = { ...plain, [name]: cell };
    const wanted = await numbers(() => whole.predict([row as Row]));
    const found = {
      loader: await numbers(() => loader.predict([row])),
      module: await numbers(() => module.predict([row], network, silent)),
    };
    const place = `${name}: ${Array.isArray(cell) ? `[${cell.map(String).join()}]` : String(cell)}`;
    for (const [who, answer] of Object.entries(found)) {
      expect(answer === null, `${who}, ${place}`).toBe(wanted === null);
      if (answer !== null && wanted !== null) expectClose(answer, wanted);
    }
    seen.add(wanted === null ? "refused" : (wanted[0] ?? NaN).toFixed(4));
  }
  // Cells are told apart.
  expect(seen.size).toBeGreaterThan(3);
});
