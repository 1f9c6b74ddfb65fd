import { linkSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { load } from "../../src/index.ts";
import { readTable } from "../../runtime/data/sources.ts";
import { source } from "../runtime/data-fixtures.ts";
import { floats, npy, zip } from "../runtime/data-archives.ts";
import { csv, folderOf, numbersFrom } from "../runtime/small-training.ts";
import { mtlc, sound } from "../slow/command.ts";

/** Rows that are none, and answers that would be written over what is read. */

const number = numbersFrom(8);
const a = Array.from({ length: 24 }, number);
const rows = csv({ a, kind: a.map((x) => (x > 0.3 ? "p" : "q")), y: a, z: a.map((x) => Number(x > 0)) });
const text = `model Birds
input a: f32
task kind: class { head: a -> dense }
task y: real { head: a -> dense }
task z: flag { head: a -> dense }
train { epochs: 1 }
data { train: csv("rows.csv") }
`;
let folder = "";
let run = "";
const file = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = folderOf({ "birds.mtl": text, "rows.csv": rows });
  run = file("run");
  await sound("train", file("birds.mtl"), "--run", run);
});

describe("no rows", () => {
  it("get a table with the columns of some, and no row", async () => {
    writeFileSync(file("none.csv"), "a\n");
    writeFileSync(file("one.csv"), "a\n0.5\n");
    const [header] = (await sound("predict", run, file("one.csv"))).split("\n");
    expect(header).toBe("kind,kind.p,kind.q,y,z,z.probability");
    expect(await sound("predict", run, file("none.csv"))).toBe(`${header}\n`);
    expect(await sound("predict", run, file("none.csv"), "--format", "json")).toBe("[]\n");
  });

  it("as an empty list have no columns, and get an empty list", async () => {
    writeFileSync(file("none.json"), "[]");
    writeFileSync(file("none.jsonl"), "");
    expect(await sound("predict", run, file("none.json"))).toBe("[]\n");
    expect(await sound("predict", run, file("none.jsonl"))).toBe("");
    const loaded = await load(run);
    expect(await loaded.predict([])).toEqual([]);
    await loaded.close();
  });
});

it("answers are not written over the rows, by whatever name", async () => {
  writeFileSync(file("new.csv"), "a\n0.5\n");
  linkSync(file("new.csv"), file("hard.csv"));
  symlinkSync(file("new.csv"), file("soft.csv"));
  for (const to of ["new.csv", "hard.csv", "soft.csv"]) {
    const { code, err } = await mtlc("predict", run, file("new.csv"), "--to", file(to));
    expect(code).toBe(2);
    expect(err).toContain("would be overwritten");
  }
  expect(readFileSync(file("new.csv"), "utf8")).toBe("a\n0.5\n");
  expect((await mtlc("predict", run, file("new.csv"), "--to", file("answers.csv"))).code).toBe(0);
  // Folders are made.
  expect((await mtlc("predict", run, file("new.csv"), "--to", file("far/off/answers.csv"))).code).toBe(0);
  expect(readFileSync(file("far/off/answers.csv"), "utf8")).toBe(readFileSync(file("answers.csv"), "utf8"));
});

it.each([
  ["answers.json", (text: string) => JSON.parse(text)],
  [
    "answers.jsonl",
    (text: string) =>
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
  ],
])("answers go to %s in the format of its name", async (to, read) => {
  writeFileSync(file("two.csv"), "a\n0.5\n-0.5\n");
  expect(await mtlc("predict", run, file("two.csv"), "--to", file(to))).toMatchObject({ code: 0, out: "" });
  const answers = read(readFileSync(file(to), "utf8"));
  expect(answers).toEqual(JSON.parse(await sound("predict", run, file("two.csv"), "--format", "json")));
  expect(answers).toHaveLength(2);
});

it("labels come back from a table of answers as they are, whatever marks they have", async () => {
  const labels = ["p", "a\rb", "a\nb", 'say "no"', "a,b"];
  const kind = a.map((_, k) => labels[k % labels.length]);
  const made = folderOf({
    "marks.mtl": text
      .replace(/task [yz].*\n/g, "")
      .replace("csv(", "jsonl(")
      .replace("rows.csv", "rows.jsonl"),
    "rows.jsonl": a.map((value, k) => JSON.stringify({ a: value, kind: kind[k] })).join("\n"),
    "new.csv": "a\n0.5\n",
  });
  await sound("train", join(made, "marks.mtl"), "--run", join(made, "run"));
  const answers = await sound("predict", join(made, "run"), join(made, "new.csv"));
  writeFileSync(join(made, "answers.csv"), answers);
  const { columns, rows: count } = await readTable(source("csv", { path: "answers.csv" }), made);
  expect(count).toBe(1);
  expect([...columns.keys()].sort()).toEqual(["kind", ...labels.map((label) => `kind.${label}`)].sort());
});

describe("a run that was closed", () => {
  const refused = {
    diagnostics: [{ code: "MTL8312", message: expect.stringMatching(/^`\w+` came after `close\(\)`/) }],
  };

  it("refuses what comes later, an empty list as well", async () => {
    const loaded = await load(run);
    await loaded.close();
    await expect(loaded.predict({ a: 0.5 })).rejects.toMatchObject(refused);
    await expect(loaded.predict([])).rejects.toMatchObject(refused);
    await expect(loaded.evaluate([{ a: 0.5, y: 1 }])).rejects.toMatchObject(refused);
  });

  it("answers what was asked before, and may be closed twice", async () => {
    const [whole, closed] = [await load(run), await load(run)];
    const answer = closed.predict({ a: 0.5 });
    await Promise.all([closed.close(), closed.close()]);
    expect(await answer).toEqual(await whole.predict({ a: 0.5 }));
    await closed.close();
    await whole.close();
  });
});

describe("answers among the rows are not read", () => {
  const inputs = [0.5, -0.25];
  it.each<[string, string | Buffer]>([
    ["words.csv", "a,y,z,kind\n0.5,?,maybe,other\n-0.25,1e99,7,NA\n"],
    ["twice.csv", "a,y,y,z\n0.5,1,2,3\n-0.25,1,2,3\n"],
    ["latin.csv", Buffer.from('a,y,kind\n0.5,1,\xfc\n-0.25,2,"\xfc"\n', "latin1")],
    ["mixed.jsonl", '{"a":0.5,"y":[1],"z":{}}\n{"a":-0.25,"y":"x","z":[[1],[1,2]]}\n'],
    ["latin.json", Buffer.from('[{"a":0.5,"kind":"\xfc"},{"a":-0.25}]', "latin1")],
    [
      "few.npz",
      zip({
        "a.npy": npy("<f4", [2], floats(...inputs)),
        "y.npy": npy("<f4", [1], floats(9)),
        "z.npy": npy("|O", [2], Buffer.from("pickled")),
      }),
    ],
  ])("%s", async (name, content) => {
    writeFileSync(file(name), content);
    const loaded = await load(run);
    const wanted = await loaded.predict(inputs.map((x) => ({ a: x })));
    await loaded.close();
    expect(JSON.parse(await sound("predict", run, file(name), "--format", "json"))).toEqual(wanted);
    expect((await mtlc("evaluate", run, "--on", file(name))).code).toBe(1);
  });

  it("in rows of a program", async () => {
    const loaded = await load(run);
    const odd: object = { y: [[1], [1, 2]], z: Symbol("z"), kind: () => 1 };
    expect(await loaded.predict([{ a: 0.5, ...odd }, { a: -0.25 }])).toEqual(
      await loaded.predict([{ a: 0.5 }, { a: -0.25 }]),
    );
    await expect(loaded.evaluate([{ a: 0.5, ...odd }])).rejects.toMatchObject({
      diagnostics: [{ code: "MTL8002", message: expect.stringContaining('row 1: column "z"') }],
    });
    await loaded.close();
  });
});
