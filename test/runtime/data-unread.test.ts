import { expect, it } from "vitest";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { askedBy } from "../../compiler/check/tables/asked.ts";
import { compile } from "../../compiler/compile.ts";
import { lookIntoTables } from "../../runtime/data/look.ts";
import { prepare } from "../../src/project/prepare.ts";
import { floats, idx, npy, zip } from "./data-archives.ts";
import { failures } from "./data-fixtures.ts";
import { folderOf, sourceOf } from "./small-training.ts";

/** What nothing reads does not matter; where it is read, by its name or within a range, it does. */

const text = (source: string, from = '"x"'): string =>
  `model M\ninput x: f32${from.startsWith("columns") ? "[3]" : ""} { from: ${from} }\ntask y: real { head: x -> dense }\ntrain { epochs: 1 }\ndata { train: ${source} }`;

const arrays = zip({
  "names.npy": npy("|O", [2], Buffer.from("pickled")),
  "waves.npy": npy("<c16", [3], Buffer.alloc(48)),
  "seed.npy": npy("<f4", [], floats(1)),
  "few.npy": npy("<f4", [1], floats(9)),
  "readme.txt": Buffer.from("no array"),
  "x.npy": npy("<f4", [3], floats(1, 2, 3)),
  "y.npy": npy("<f4", [3], floats(4, 5, 6)),
});
const packed = Buffer.from(arrays);
/** The archive's first member says that it is packed by a method that nobody knows. */
packed.writeUInt16LE(99, packed.indexOf("PK\x01\x02", 0, "latin1") + 10);
const lying = Buffer.from(arrays);
/** The same member says that it has 4 GB. */
lying.writeUInt32LE(0xfffffff0, lying.indexOf("PK\x01\x02", 0, "latin1") + 24);
const twice = zip({
  "x.npy": npy("<f4", [3], floats(1, 2, 3)),
  "names.npy": npy("<f4", [3], floats(1, 2, 3)),
  names: npy("<f4", [3], floats(7, 8, 9)),
  "y.npy": npy("<f4", [3], floats(4, 5, 6)),
});
const json = '[{"x":1,"z":1,"y":4},{"x":2,"z":[1],"y":5},{"x":3,"z":[[1],[1,2]],"y":6}]';
const jsonLines = json.slice(1, -1).replaceAll("},{", "}\n{");
const bytes = (latin: string): Buffer => Buffer.from(latin, "latin1");
const whole = { "x.idx": idx(0x08, [3], Buffer.from([1, 2, 3])), "y.idx": idx(0x08, [3], Buffer.from([4, 5, 6])) };
const idxSource = (z: string) => `idx(x: "x.idx", z: "${z}", y: "y.idx")`;

type Files = Readonly<Record<string, string | Uint8Array>>;
/** The source, its files, the column that nothing reads, what is said where it is read. */
const cases: readonly [string, Files, string, string][] = [
  ['npz("rows.npz")', { "rows.npz": arrays }, "names", "MTL8002"],
  ['npz("rows.npz")', { "rows.npz": packed }, "names", "MTL8002"],
  ['npz("rows.npz")', { "rows.npz": lying }, "names", "MTL8002"],
  ['npz("rows.npz")', { "rows.npz": twice }, "names", "MTL8002"],
  ['json("rows.json")', { "rows.json": json }, "z", "MTL8002"],
  ['jsonl("rows.jsonl")', { "rows.jsonl": jsonLines }, "z", "MTL8002"],
  [
    'json("rows.json")',
    { "rows.json": bytes('[{"x":1,"z":"\xfc","y":4},{"x":2,"y":5},{"x":3,"y":6}]') },
    "z",
    "MTL8002",
  ],
  [
    'jsonl("rows.jsonl")',
    { "rows.jsonl": bytes('{"x":1,"z":"\xfc","y":4}\n{"x":2,"y":5}\n{"x":3,"y":6}') },
    "z",
    "MTL8002",
  ],
  [
    'jsonl("rows.jsonl")',
    { "rows.jsonl": bytes('{"x":1,"y":4,"\xfcz":2}\n{"x":2,"y":5}\n{"x":3,"y":6}') },
    "üz",
    "MTL8002",
  ],
  [
    'module("./rows.mjs")',
    { "rows.mjs": `export default () => ${json}.map((row) => ({ ...row, z: row.x > 1 ? Symbol() : 1 }));` },
    "z",
    "MTL8009",
  ],
  ['csv("rows.csv")', { "rows.csv": "x,z,z,y\n1,7,8,4\n2,7,8,5\n3,7,8,6\n" }, "z", "MTL8002"],
  ['tsv("rows.tsv")', { "rows.tsv": "x\tz\tz\ty\n1\t7\t8\t4\n2\t7\t8\t5\n3\t7\t8\t6\n" }, "z", "MTL8002"],
  ['csv("rows.csv")', { "rows.csv": bytes('x,z,y\n1,7,4\n2,"\xfc",5\n3,\xfc,6\n') }, "z", "MTL8002"],
  ['csv("rows.csv")', { "rows.csv": bytes("x,Gr\xf6\xdfe,y\n1,7,4\n2,7,5\n3,7,6\n") }, "Größe", "MTL8002"],
  [
    'csv("rows.csv", separator: ";", decimal: ",")',
    { "rows.csv": "x;z;y\n1;2.5;4\n2;2.5;5\n3;2,5;6\n" },
    "z",
    "MTL8002",
  ],
  [idxSource("z.idx"), { ...whole, "z.idx": "broken" }, "z", "MTL8002"],
  [idxSource("z.idx"), { ...whole, "z.idx": idx(0x08, [4], Buffer.from([1, 2])) }, "z", "MTL8002"],
  [idxSource("z.idx"), { ...whole, "z.idx": idx(0x08, [2], Buffer.from([1, 2])) }, "z", "MTL8023"],
  [
    'beside(csv("a.csv"), csv("b.csv"))',
    { "a.csv": "x,z\n1,7\n2,7\n3,7\n", "b.csv": "z,y\n8,4\n8,5\n8,6\n" },
    "z",
    "MTL8021",
  ],
  [
    'csv("a.csv") -> join(csv("b.csv"), on: "k")',
    { "a.csv": "k,x,z\n1,1,7\n2,2,7\n3,3,7\n", "b.csv": "k,z,y\n3,8,6\n2,8,5\n1,8,4\n" },
    "z",
    "MTL8021",
  ],
  // What is wrong with a table is wrong with what it is put into.
  [
    'csv("a.csv") -> join(csv("b.csv"), on: "k")',
    { "a.csv": "k,x\n1,1\n2,2\n3,3\n", "b.csv": "k,z,z,y\n3,8,9,6\n2,8,9,5\n1,8,9,4\n" },
    "z",
    "MTL8002",
  ],
];

it.each(cases)("%s %#", async (word, files, unread, code) => {
  const folder = folderOf({});
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const bound = async (program: string) =>
    (await prepare({ ...sourceOf(program, {}), folder, file: join(folder, "model.mtl") })).data.sections[0].train;
  const { inputs, targets } = await bound(text(word));
  expect([...inputs.x]).toEqual([1, 2, 3]);
  expect([...targets.y.values]).toEqual([4, 5, 6]);
  const { model } = compile(text(word));
  if (!model) throw new Error("a sound model was expected");
  expect((await lookIntoTables(askedBy(model), folder)).map(({ code: found }) => found)).toEqual([]);
  expect((await failures(() => bound(text(word, `"${unread}"`)))).map((each) => each.code)).toEqual([code]);
  const within = await failures(() => bound(text(word, 'columns("x", "y")')));
  expect(within.map((each) => each.code)).toEqual(unread === "z" || unread === "Größe" ? [code] : [expect.any(String)]);
});

it("conll columns and comments", async () => {
  const lines = "# a = \xfc\nDas\t_\t7\tD\ngr\xfcn\t_\t\xfc\tA\n".replace("gr\xfcn", "rot");
  const folder = folderOf({});
  writeFileSync(join(folder, "rows.conll"), bytes(lines));
  const program = (from: string, target = "tag"): string =>
    `model M\ninput words: tokens(3) { from: "${from}" }\ntask tag: class[words] { head: words -> embed(2) -> dense, target: "${target}" }\ntrain { epochs: 1 }\ndata { train: conll("rows.conll", columns: ["words", "_", "_", "tag"], comments: ["a", "b"]) }`;
  const said = async (asked: string) =>
    (await failures(() => prepare({ ...sourceOf(asked, {}), folder, file: join(folder, "model.mtl") }))).map(
      ({ code, message }) => `${code} ${message}`,
    );
  const read = await prepare({ ...sourceOf(program("words"), {}), folder, file: join(folder, "model.mtl") });
  expect(read.data.codes.inputs.words.tokens?.slice(2)).toEqual(["Das", "rot"]);
  expect([...read.data.sections[0].train.targets.tag.values]).toEqual([1, 0, 0]);
  expect(await said(program("_"))).toEqual(['MTL8002 rows.conll cannot be read: two columns are called "_"']);
  expect(await said(program("a"))).toEqual(["MTL8002 rows.conll cannot be read: it is not UTF-8 text in line 1"]);
  expect(await said(program("b"))).toEqual(['MTL8002 rows.conll cannot be read: no sentence has a comment "# b = …"']);
});
