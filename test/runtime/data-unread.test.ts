import { expect, it } from "vitest";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { askedBy } from "../../compiler/check/tables/asked.ts";
import { compile } from "../../compiler/compile.ts";
import { lookIntoTables } from "../../runtime/data/look.ts";
import { prepare } from "../../src/project/prepare.ts";
import { floats, npy, zip } from "./data-archives.ts";
import { failures } from "./data-fixtures.ts";
import { folderOf, sourceOf } from "./small-training.ts";

/** What nothing reads does not matter; where it is read it does. */

const text = (source: string, from = '"x"'): string =>
  `model M\ninput x: f32 { from: ${from} }\ntask y: real { head: x -> dense }\ntrain { epochs: 1 }\ndata { train: ${source} }`;

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
const json = '[{"x":1,"y":4,"z":1},{"x":2,"y":5,"z":[1]},{"x":3,"y":6,"z":[[1],[1,2]]}]';

it.each<[string, string | Uint8Array]>([
  ['npz("rows.npz")', arrays],
  ['npz("rows.npz")', packed],
  ['json("rows.json")', json],
  ['jsonl("rows.jsonl")', json.slice(1, -1).replaceAll("},{", "}\n{")],
  ['module("./rows.mjs")', `export default () => ${json}.map((row) => ({ ...row, z: row.x > 1 ? Symbol() : 1 }));`],
])("%s", async (word, content) => {
  const folder = folderOf({});
  const [, name] = /"(.*)"/.exec(word) ?? [];
  writeFileSync(join(folder, name), content);
  const bound = async (program: string) =>
    (await prepare({ ...sourceOf(program, {}), folder, file: join(folder, "model.mtl") })).data.sections[0].train;
  const { inputs, targets } = await bound(text(word));
  expect([...inputs.x]).toEqual([1, 2, 3]);
  expect([...targets.y.values]).toEqual([4, 5, 6]);
  const { model } = compile(text(word));
  if (!model) throw new Error("a sound model was expected");
  expect((await lookIntoTables(askedBy(model), folder)).map(({ code }) => code)).toEqual([]);
  const asked = word.startsWith("npz") ? "names" : "z";
  expect((await failures(() => bound(text(word, `"${asked}"`)))).map(({ code }) => code)).toEqual([
    word.startsWith("module") ? "MTL8009" : "MTL8002",
  ]);
});
