import { mkdtempSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { transform } from "esbuild";
import type { Answer } from "../../runtime/train/answers.ts";
import { load, type Row } from "../../src/index.ts";
import { exportPrediction } from "../../src/project/export-onnx.ts";
import { openSource, type ModelSource } from "../../src/project/sources.ts";
import { runTraining } from "../../src/project/training.ts";
import { numbersFrom, sourceOf } from "../runtime/small-training.ts";

/** Trained networks with rows that they have not seen, and what `mtlc predict` answers: to be held against exported graphs. */
export interface Case {
  readonly name: string;
  readonly source: () => ModelSource;
  readonly batch: number;
  /** By input of the model, as a loader takes them; null is missing. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** The same by column, as `mtlc predict` takes them. */
  readonly columns: readonly Row[];
}

const words = ["bird", "cat", "dog", "ant"];
const number = numbersFrom(9);

const everyKind = `model Kinds
input x: f32[2] { from: ["a", "b"], scale: minmax, fill: median }
input grid: f32[2, 3] { scale: standard }
input age: i32
input days: i32 { fill: median }
input city: category
input text: tokens(4) { tokenizer: words(vocabulary: 8) }
shared body = concat(x, grid -> flatten, city -> embed(3), text -> embed(4) -> mean_pool, age -> embed(3, codes: 5), days -> embed(2, codes: 3)) -> dense(8) -> tanh
task label: class(["low", "mid", "high"]) { head: body -> dense }
task number: class(3) { head: body -> dense }
task alert: flag { head: body -> dense }
task marks: flags(2) { head: body -> dense, target: ["m", "n"] }
task level: ordinal(4) { head: body -> dense }
task size: ordinal(["small", "medium", "large"]) { head: body -> dense }
task visits: count { head: body -> dense }
task place: real[2] { head: body -> dense, target: ["p", "q"], scale: standard, unit: "m" }
task tag: class(3)[text] { head: text -> embed(5) -> dense }
task moods: flags(2)[text] { head: text -> embed(5) -> dense, target: ["glad", "calm"] }
task spots: real[text, 2] { head: text -> embed(3) -> dense(2), scale: standard }
task part: class(["noun", "verb", "mark"])[text] { head: text -> embed(4) -> dense, loss: crf }
train { optimizer: adam(rate: 1e-2), batch: 8, epochs: 2, seed: 2 }
data { train: jsonl("rows.jsonl") }`;

function exampleOf(index: number): Record<string, unknown> {
  const text = Array.from({ length: 1 + (index % 4) }, (_, at) => words[(index + at) % 3]);
  return {
    a: index % 6 === 1 ? null : 100 + number(),
    // Seconds since 1970: 32 bits do not tell one hour from the next.
    b: 1.7e9 + 3600 * number(),
    grid: [
      [number(), number(), number()],
      [number(), number(), number()],
    ],
    age: index % 5,
    days: index % 7 === 2 ? null : index % 3,
    city: ["Rome", "Oslo", "Bern"][index % 3],
    text: text.join(" "),
    label: ["low", "mid", "high"][index % 3],
    number: index % 3,
    alert: index % 2 === 0,
    m: index % 2 === 1,
    n: index % 3 === 1,
    level: index % 4,
    size: ["small", "medium", "large"][index % 3],
    visits: index % 7,
    p: 40 + 3 * number(),
    q: number(),
    tag: text.map((_, at) => at % 3),
    glad: text.map((_, at) => at % 2),
    calm: text.map((_, at) => (at === 1 ? null : (index + at) % 2)),
    spots: text.map((_, at) => (at === 2 ? null : [index + at, 10 * at])),
    part: text.map((_, at) => ["noun", "verb", "mark"][(index + at) % 3]),
  };
}

const examples = Array.from({ length: 24 }, (_, index) => exampleOf(index));
const seen = [1, 2, 6, 9, 13].map((index): Record<string, unknown> => {
  return { ...examples[index], ...(index === 9 && { city: "Nowhere" }) };
});

export const cases: readonly Case[] = [
  {
    name: "penguins",
    source: () => openSource("examples/penguins/penguins.mtl", ["train.epochs=2"]),
    batch: 1,
    rows: [
      { beak: [39.1, 18.7], flipper: 181, island: "Torgersen" },
      { beak: [null, 14.2], flipper: null, island: "Biscoe" },
      { beak: [50.0, 16.3], flipper: 230, island: "Atlantis" },
    ],
    columns: [
      { "Beak Length (mm)": 39.1, "Beak Depth (mm)": 18.7, "Flipper Length (mm)": 181, Island: "Torgersen" },
      { "Beak Length (mm)": null, "Beak Depth (mm)": 14.2, "Flipper Length (mm)": null, Island: "Biscoe" },
      { "Beak Length (mm)": 50.0, "Beak Depth (mm)": 16.3, "Flipper Length (mm)": 230, Island: "Atlantis" },
    ],
  },
  {
    name: "every kind",
    source: () => sourceOf(everyKind, { "rows.jsonl": examples.map((row) => JSON.stringify(row)).join("\n") }),
    batch: 3,
    rows: seen.map(({ a, b, grid, age, days, city, text }, index) => ({
      x: [a, b],
      grid,
      age,
      days,
      city,
      text: index % 2 === 0 ? String(text).split(" ") : text,
    })),
    columns: seen.map(({ label: _, ...row }) => JSON.parse(JSON.stringify(row))),
  },
];

export interface Exported {
  /** The text of its loader. */
  readonly loader: string;
  readonly answers: readonly Readonly<Record<string, Answer>>[];
}

/** Trains a case in a folder of its own, exports it, and answers its rows as `mtlc predict` does. */
export async function exported(
  { name, source, batch, columns }: Case,
  base: string,
): Promise<Exported & { file: string }> {
  const run = join(mkdtempSync(join(base, "export-")), "run");
  await runTraining(source(), { run });
  const graph = exportPrediction(run, batch);
  const file = join(run, `${name.replaceAll(" ", "-")}.onnx`);
  writeFileSync(file, graph.bytes);
  if (graph.loader === null) throw new Error("a graph without its loader");
  const loader = await graph.loader(basename(file));
  const network = await load(run);
  const answers = await network.predict(columns);
  await network.close();
  return { loader, answers, file };
}

export interface Loader {
  open(
    runtime: unknown,
    file: string,
    options?: { readonly onWarning?: (message: string) => void },
  ): Promise<{ predict(rows: readonly unknown[]): Promise<unknown[]>; close(): Promise<void> }>;
}

/** Imports a loader's text as a program would. */
export async function importLoader(text: string, base: string): Promise<Loader> {
  const { code } = await transform(text, { loader: "ts", format: "esm" });
  const path = join(mkdtempSync(join(base, "loader-")), "loader.mjs");
  writeFileSync(path, code);
  return import(pathToFileURL(path).href);
}
