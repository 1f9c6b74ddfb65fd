import { expect, it } from "vitest";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { encodeExamples } from "../../runtime/generated/rows.ts";
import { prepare } from "../../src/project/prepare.ts";
import { npy, zip } from "./data-archives.ts";
import { failures } from "./data-fixtures.ts";
import { folderOf, sourceOf } from "./small-training.ts";

/** Whole numbers beyond 2^53 stand for their neighbours: where values are told apart they are refused, elsewhere they are numbers. */

const key = (value: string): string =>
  `[${[value, "9007199254740994", "2"].map((k, i) => `{ k: ${k}, x: ${i} }`).join(", ")}]`;
const doubles = (...values: number[]): Buffer => Buffer.from(Float64Array.from(values).buffer);
const arrays = zip({
  "k.npy": npy("<f8", [3], doubles(2 ** 53, 2 ** 53 + 2, 2)),
  "x.npy": npy("<f8", [3], doubles(0, 1, 2)),
});
const whole = zip({
  "k.npy": npy("<i8", [3], Buffer.from(BigInt64Array.of(9007199254740993n, 9007199254740992n, 2n).buffer)),
  "x.npy": npy("<f8", [3], doubles(0, 1, 2)),
});
const sources: readonly [string, string, string | Uint8Array][] = [
  ['module("./rows.mjs")', "rows.mjs", `export default () => ${key("9007199254740993")};`],
  ['csv("rows.csv")', "rows.csv", "k,x\n9.007199254740992e+15,0\n9007199254740994.0,1\n2,2\n"],
  ['npz("rows.npz")', "rows.npz", arrays],
];
const tasks: readonly [string, string, string][] = [
  ["a category", "input k: category", "task y: real { head: k -> embed(2) -> dense, target: x }"],
  ["labels", "input x: f32", "task k: class { head: x -> dense }"],
  ["a flag", "input x: f32", 'task k: flag { head: x -> dense, positive: "9007199254740993" }'],
  ["tokens", "input k: tokens(2)", "task y: real { head: k -> embed(2) -> mean_pool -> dense, target: x }"],
];
const said =
  'row 1, column "k": 9.007199254740992e+15 is a whole number beyond 2^53, which would stand for its neighbours as well, and 1 more like it';

const bound = (
  input: string,
  task: string,
  [source, name, content]: readonly [string, string, string | Uint8Array],
) => {
  const folder = folderOf({});
  writeFileSync(join(folder, name), content);
  const text = `model M\n${input}\n${task}\ntrain { epochs: 1 }\ndata { train: ${source} }`;
  return prepare({ ...sourceOf(text, {}), folder, file: join(folder, "model.mtl") });
};

for (const source of sources)
  it.each(tasks)(`${source[1]}: %s`, async (_, input, task) => {
    expect((await failures(() => bound(input, task, source))).map(({ code, message }) => `${code} ${message}`)).toEqual(
      [`MTL8083 ${source[1] === "rows.mjs" ? "./" : ""}${source[1]} ${said}`],
    );
  });

it("beside what else is wrong with cells", async () => {
  const rows = "k,x,w,e\n1e17,0,1,\n2,?,-1,\n3,2,1,\n";
  const input = "input k: category\ninput x: f32\ninput e: f32 { fill: mean }";
  const task = "task y: real { head: concat(k -> embed(2), x, e) -> dense, target: k, row_weight: w }";
  const found = await failures(() => bound(input, task, ['csv("rows.csv")', "rows.csv", rows]));
  expect(found.map(({ code }) => code)).toEqual(["MTL8083", "MTL8043", "MTL8010", "MTL8016"]);
});

it("filters, keys and groups too", async () => {
  const [, csv] = sources;
  const only = [csv[0].replace(")", ", only: { k: 2 })"), csv[1], csv[2]] as const;
  const task = "task y: real { head: x -> dense, target: x }";
  expect((await failures(() => bound("input x: f32", task, only))).map(({ code }) => code)).toEqual(["MTL8083"]);
  const group = [`${csv[0]}, test: part(0.4, of: train, group: k)`, csv[1], csv[2]] as const;
  expect((await failures(() => bound("input x: f32", task, group))).map(({ code }) => code)).toEqual(["MTL8083"]);
});

it("is no matter of numbers, and of what keeps its digits", async () => {
  for (const source of sources) {
    const { data } = await bound("input k: f32", "task y: real { head: k -> dense, target: x }", source);
    expect([...data.sections[0].train.inputs.k]).toEqual(
      [2 ** 53, 2 ** 53, 2].map((x, i) => (i === 1 ? Math.fround(x + 2) : x)),
    );
  }
  const [, category] = tasks;
  const long = [
    'module("./rows.mjs")',
    "rows.mjs",
    `export default () => ${key("9007199254740993n").replace("4740994", "4740992n")};`,
  ] as const;
  for (const source of [long, ['npz("rows.npz")', "rows.npz", whole] as const]) {
    const { data } = await bound(category[1], category[2], source);
    expect(data.codes.tasks.k.labels).toEqual([2, "9007199254740992", "9007199254740993"]);
  }
});

it("lists of a program, and examples of a module", async () => {
  const ids = [`[9007199254740993, 3]`, "[4]", "[5]"].map((k, i) => `{ k: ${k}, x: ${i} }`).join(", ");
  const [, , , [, input, task]] = tasks;
  const source = ['module("./rows.mjs")', "rows.mjs", `export default () => [${ids}];`] as const;
  expect((await failures(() => bound(input, task, source))).map(({ message }) => message)).toEqual([
    expect.stringContaining('row 1, column "k": 9.007199254740992e+15 is a whole number beyond 2^53'),
  ]);
  const texts = [source[0], source[1], source[2].replace("9007199254740993", '"about", 6.02e23')] as const;
  const { data } = await bound(input, task, texts);
  expect(data.codes.inputs.k.tokens).toContain("about");
  const description = {
    inputs: { k: { kind: "category" } },
    tasks: { y: { kind: "real" } },
    rows: { train: { source: "csv", path: "rows.csv" } },
  } as const;
  const codes = { schema: 1, inputs: { k: { categories: ["9007199254740993"] } }, tasks: {} } as const;
  expect((await failures(() => encodeExamples(description, codes, [{ k: 2 ** 53 }]))).map(({ code }) => code)).toEqual([
    "MTL8083",
  ]);
  expect([...encodeExamples(description, codes, [{ k: 9007199254740993n }]).inputs.k]).toEqual([1]);
});
