import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folderOf } from "../runtime/small-training.ts";
import { mtlc } from "../slow/command.ts";

/** What `check` says of data: what `train` takes it takes, what `train` refuses `check --data` refuses, and one mistake hides none. */

interface Said {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
}

async function check(files: Readonly<Record<string, string>>, ...flags: string[]): Promise<string[]> {
  const folder = folderOf(files);
  const { out } = await mtlc("check", join(folder, "m.mtl"), "--format", "json", ...flags);
  const { diagnostics }: { diagnostics: readonly Said[] } = JSON.parse(out);
  return diagnostics.map(({ code, severity, message }) => `${severity} ${code} ${message}`);
}

/** Both what `check` says and what it says with all of the data. */
async function both(files: Readonly<Record<string, string>>): Promise<string[][]> {
  return [await check(files), await check(files, "--data")];
}

const rows = (count: number, row: (k: number) => object): object[] => Array.from({ length: count }, (_, k) => row(k));
const lines = (all: readonly object[]): string => all.map((row) => JSON.stringify(row)).join("\n");

const model = (data: string, task = "task y: real { head: x -> dense }", train = "epochs: 1"): string =>
  `model M\ninput x: f32\n${task}\ntrain { ${train} }\ndata { train: ${data} }\n`;

describe("what begins behind the first rows", () => {
  const late = rows(120, (k) => ({ x: k, ...(k > 110 ? { topic: k % 2 ? "a" : "b", box: [k, 1] } : {}) }));
  const tasks = "task topic: class { head: x -> dense }\ntask box: real[2] { head: x -> dense }";

  it("is waited for in JSON, JSON lines, and columns that are null until then", async () => {
    const nulls = late.map((row) => ({ topic: null, box: null, ...row }));
    for (const [name, text] of [
      ["json", JSON.stringify(late)],
      ["jsonl", lines(late)],
      ["jsonl", lines(nulls)],
    ])
      expect(await both({ "m.mtl": model(`${name}("r.${name}")`, tasks), [`r.${name}`]: text })).toEqual([[], []]);
  });

  it("is waited for in comments of conll", async () => {
    const sentence = (k: number): string => `${k > 104 ? `# intent = ${k % 2}\n` : ""}a O\nb B\n`;
    const text = `model C
input words: tokens(4)
shared h = words -> embed(4)
task slot: class[words] { head: h -> dense }
task intent: class { head: h -> mean_pool -> dense }
train { epochs: 1 }
data { train: conll("r.conll", columns: [words, slot], comments: [intent]) }`;
    const conll = Array.from({ length: 110 }, (_, k) => sentence(k)).join("\n");
    expect(await both({ "m.mtl": text, "r.conll": conll })).toEqual([[], []]);
  });

  it("is an error where it is nowhere", async () => {
    const wrong = 'task topic: class { head: x -> dense, target: "topik" }';
    const files = { "m.mtl": model('jsonl("r.jsonl")', wrong), "r.jsonl": lines(late) };
    expect(await both(files)).toEqual(Array(2).fill(['error MTL8003 r.jsonl has no column "topik"']));
  });

  it("is a note where the file is too large to be read to its end", async () => {
    const long = "a".repeat(300_000);
    const large = rows(130, (k) => ({ x: k, long, ...(k > 110 ? { y: k } : {}) }));
    const files = { "m.mtl": model('jsonl("r.jsonl")'), "r.jsonl": lines(large) };
    expect(await both(files)).toEqual([['info MTL8057 the first 100 rows of r.jsonl have no column "y"'], []]);
  });

  it("is read of a JSON file whose first row is long", async () => {
    const wide = rows(3, (k) => ({ long: "a".repeat(1_200_000), x: k, y: k }));
    expect(await both({ "m.mtl": model('json("r.json")'), "r.json": JSON.stringify(wide) })).toEqual([[], []]);
  });
});

describe("shapes", () => {
  it("arrays and lists of one are single cells, wherever single cells are read", async () => {
    const text = `model M
input x: category
input g: f32
task k: class { head: concat(x -> embed(2), g) -> dense }
task f: flag { head: g -> dense, positive: "yes" }
train { epochs: 1 }
data { train: json("r.json", only: { s: 1 }), test: part(0.2, of: train, group: "u") }`;
    const all = rows(20, (k) => ({ x: [k % 2], u: [k], g: [k], k: [`l${k % 2}`], f: [k % 3 ? "yes" : "no"], s: [1] }));
    expect(await both({ "m.mtl": text, "r.json": JSON.stringify(all) })).toEqual([[], []]);
  });

  it("one-hot arrays and tags are told what to do", async () => {
    const files = (task: string, cell: unknown) => ({
      "m.mtl": model('json("r.json")', task),
      "r.json": JSON.stringify(rows(4, (k) => ({ x: k, y: cell }))),
    });
    const hot = files("task y: class(3) { head: x -> dense }", [0, 1, 0]);
    const told = ['error MTL8044 column "y" of r.json holds an array of 3 in every cell, not one word or number'];
    expect(await both(hot)).toEqual([told, told]);
    const tags = files("task y: flags(2) { head: x -> dense }", "red blue");
    const misfit = ["error MTL8004 task `y` wants `flags(2)`, but r.json gives 1 column of single cells"];
    expect(await both(tags)).toEqual([misfit, misfit]);
  });

  it("levels that do not begin at 0 are told how they are written", async () => {
    const told = async (kind: string, cells: readonly unknown[]): Promise<string> => {
      const files = {
        "m.mtl": model('json("r.json")', `task y: ${kind} { head: x -> dense }`),
        "r.json": JSON.stringify(cells.map((y, x) => ({ x, y }))),
      };
      const { out } = await mtlc("check", join(folderOf(files), "m.mtl"), "--data");
      return /help: (.*(?:\n +[^= ].*)*)/.exec(out)?.[1].replace(/\s+/g, " ") ?? out;
    };
    expect(await told("ordinal(3)", [1, 2, 3])).toBe(
      "`ordinal(3)` reads 0 … 2: where levels begin at 1, write `ordinal([1, 2, 3])`",
    );
    expect(await told("ordinal(3)", ["low", "mid", "high"])).toMatch(
      /^`ordinal\(3\)` reads 0 … 2: list the levels in their order, the lowest first, `ordinal\(\["low", "high"\]\)`;/,
    );
    expect(await told('ordinal(["low", "high"])', ["low", "top"])).toMatch(
      /^add it to the levels, where it belongs in their order;/,
    );
    expect(await told('ordinal(["low", "mid", "high"])', ["low", "MID"])).toBe(
      'mend the cell: "MID" differs from "mid" by case or blanks only',
    );
    expect(await told('ordinal(["low", "mid", "high"])', ["low", "high", "mid"])).toContain("no mistakes");
  });

  it("lists of unequal length are no vectors", async () => {
    const ragged = rows(4, (k) => ({ x: k, y: k === 3 ? [1, 2, 3] : [1, 2] }));
    const files = {
      "m.mtl": model('json("r.json")', "task y: real[2] { head: x -> dense }"),
      "r.json": JSON.stringify(ragged),
    };
    const told = ["error MTL8004 task `y` wants `real[2]`, but r.json gives a list in each cell"];
    expect(await both(files)).toEqual([told, told]);
  });
});

describe("every mistake at once", () => {
  const table = "x,y,z\n1,2,a\n2,3,b\n";
  const files = (text: string) => ({ "m.mtl": text, "rows.csv": table });

  it("a wrong setting, key, layer or phase hides no wrong column", async () => {
    const column = 'error MTL8003 rows.csv has no column "yy"';
    const task = 'task y: real { head: x -> dense, target: "yy" }';
    for (const [text, code] of [
      [model('csv("rows.csv")', task, "optimizer: adam(lr: 1)"), "MTL3001"],
      [model('csv("rows.csv")', task, "epochs: 0.5"), "MTL3004"],
      [model('csv("rows.csv")', task.replace("dense,", "densee,")), "MTL2002"],
      [model('csv("rows.csv", mising: ["?"])', task), "MTL3001"],
      [model('csv("rows.csv")', task.replace("target", "losss: mse, target")), "MTL3001"],
    ])
      for (const said of await both(files(text)))
        expect(
          said.map((each) => each.replace(/ `.*/, "")),
          text,
        ).toEqual(expect.arrayContaining([expect.stringContaining(`error ${code}`), column]));
  });

  it("nor does one in an input's own keys, and nothing follows from it", async () => {
    const text = model('csv("rows.csv")').replace("input x: f32", 'input x: f32 { from: "xx", scael: standard }');
    for (const said of await both(files(text)))
      expect(said).toEqual([expect.stringContaining("MTL3001"), 'error MTL8003 rows.csv has no column "xx"']);
  });

  it("with all of the data a wrong setting hides no bad cell", async () => {
    const text = model('csv("rows.csv")', "task z: real { head: x -> dense }", "optimizer: adam(lr: 1)");
    expect(await check(files(text))).toEqual([expect.stringContaining("MTL3001")]);
    expect(await check(files(text), "--data")).toEqual([
      expect.stringContaining("MTL3001"),
      'error MTL8010 rows.csv row 1, column "z": "a" is not a number, and 1 more like it',
    ]);
  });

  it("follows from nothing that was said", async () => {
    for (const [text, code] of [
      // A target whose columns are counted wrongly, a source that is not known, a part of what is not there.
      [model('csv("rows.csv")', "task y: real { head: x -> dense, target: [x, y] }"), "MTL5006"],
      [model('csvv("rows.csv", sep: ";")'), ""],
      [model('csv("rows.csv"), test: part(0.5, of: valid)'), "MTL8032"],
      [model('csv("rows.csv"), test: part(0.5, of: train, stratify: yy)'), ""],
    ])
      for (const said of await both(files(text))) {
        const codes = said.filter((each) => each.startsWith("error"));
        expect(
          codes.filter((each) => each.startsWith("error MTL8") && !each.includes("MTL8032")),
          text,
        ).toEqual([]);
        expect(codes.join(), text).toContain(code);
      }
  });

  it("a section without rows to train on is told so once", async () => {
    const text =
      "model M\ninput x: f32\ntask y: real { head: x -> dense }\ndata { validation: part(0.1, of: train), test: part(0.2, of: train) }";
    for (const said of await both(files(text)))
      expect(said.filter((each) => each.startsWith("error"))).toEqual([
        "error MTL3002 `data` needs its key `train`: a source of rows",
      ]);
  });

  it("one file that cannot be read hides no other", async () => {
    const text = model('csv("a.csv"), validation: csv("b.csv"), test: csv("rows.csv")');
    const said = await check({ "m.mtl": text, "b.csv": "x,y\n1\n", "rows.csv": "x\n1\n" }, "--data");
    expect(said.map((each) => each.split(":")[0])).toEqual([
      "error MTL8001 a.csv is not there",
      "error MTL8002 b.csv cannot be read",
    ]);
  });
});

describe("check --fix", () => {
  it("mends a column where it is named, and nothing that only gives its own name", async () => {
    const own =
      'model M\ninput xx: f32\ntask yy: real { head: xx -> dense, row_weight: "ww" }\ninput ab: f32[2] { from: columns("xx", "yy") }\n';
    const text = `${own}task z: real { head: concat(xx, ab) -> dense, target: "zz" }\ntrain { epochs: 1 }\ndata { train: csv("rows.csv") }\n`;
    const folder = folderOf({ "m.mtl": text, "rows.csv": "xxx,yyy,www,zzz\n1,2,3,4\n" });
    await mtlc("check", join(folder, "m.mtl"), "--fix");
    expect(readFileSync(join(folder, "m.mtl"), "utf8")).toBe(text.replace('"zz"', '"zzz"'));
  });
});

describe("what train refuses before its first step", () => {
  it("is said by check --data, at its key", async () => {
    const text = model(
      'csv("rows.csv"), validation: csv("other.csv")',
      undefined,
      "epochs: 2, stop: early(patience: 1)",
    );
    const files = { "m.mtl": text, "rows.csv": "x,y\n1,2\n2,3\n", "other.csv": "x,y\n1,\n" };
    const folder = folderOf(files);
    for (const command of [
      ["check", "--data"],
      ["train", "--dry-run"],
    ]) {
      const { out, err } = await mtlc(...command, join(folder, "m.mtl"));
      expect(`${out}${err}`).toMatch(/error\[MTL8406\].*\n.*m\.mtl:4:26\n/);
    }
  });

  it("is a later phase too in which nothing is learnt", async () => {
    const text = `model M
input x: f32
shared trunk = x -> dense(2)
task y: real { head: trunk -> sum }
train first { epochs: 1 }
train last { freeze: [trunk] }
data { train: csv("rows.csv") }`;
    const files = { "m.mtl": text, "rows.csv": "x,y\n1,2\n2,3\n" };
    const said = await check(files, "--data");
    const { err } = await mtlc("train", join(folderOf(files), "m.mtl"), "--dry-run");
    expect(said.join()).toContain("MTL8404");
    expect(err).toContain("MTL8404");
  });
});

describe("tables that are put together", () => {
  it("are told of their key alone where it is not there", async () => {
    const data = 'join(csv("a.csv"), csv("b.csv"), on: "key")';
    const files = { "m.mtl": model(data), "a.csv": "id,x\n1,2\n", "b.csv": "id,y\n1,3\n" };
    for (const said of await both(files))
      expect(said.filter((line) => line.startsWith("error"))).toEqual(
        expect.arrayContaining([expect.stringMatching(/MTL8003 a\.csv has no column "key"/)]),
      );
    for (const said of await both(files)) expect(said.join()).not.toContain("MTL8021");
    const doubled = { ...files, "m.mtl": model(data.replace("key", "id")), "b.csv": "id,y,x\n1,3,4\n" };
    for (const said of await both(doubled)) expect(said.join()).toContain('both a.csv and b.csv have a column "x"');
  });
});

describe("arrays in files of their own", () => {
  const array = (rows: number): string => `\0\0\x08\x01\0\0\0${String.fromCharCode(rows)}${"\x01".repeat(rows)}`;

  it("are named by their files, and are equally long", async () => {
    const files = { "m.mtl": model('idx(x: "x.idx", z: "z.idx")'), "x.idx": array(2), "z.idx": array(2) };
    for (const said of await both(files)) expect(said).toEqual(['error MTL8003 x.idx with z.idx has no column "y"']);
    const reads = model('idx(x: "x.idx", z: "z.idx")', 'task y: real { head: x -> dense, target: "z" }');
    const [plain, all] = await both({ ...files, "m.mtl": reads, "z.idx": array(3) });
    const message = "MTL8023 x.idx has 2 rows, z.idx has 3: side by side they must have equally many";
    expect(plain).toContain(`error ${message}`);
    expect(all).toContain(`error ${message}`);
  });
});

describe("lists that are empty", () => {
  it.each([
    ['conll("r.conll", columns: [])', "`columns` is a list of column names; this is an empty list"],
    ['csv("r.csv", only: { x: [] })', "`x` is a list of values; this is an empty list"],
  ])("%s", async (data, message) => {
    expect(await check({ "m.mtl": model(data) })).toContain(`error MTL3004 ${message}`);
  });

  it("of what `positive` says", async () => {
    const task = "task y: flag { head: x -> dense, positive: [] }";
    const said = await check({ "m.mtl": model('csv("r.csv")', task) });
    expect(said.join()).toContain("error MTL3004 `positive` is");
  });
});
