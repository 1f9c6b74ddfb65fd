import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { csv, folderOf } from "../runtime/small-training.ts";
import { mtlc } from "../slow/command.ts";

/** Sizes that a finger slipped on are told before time and memory are spent, by `check` where no data are needed to tell. */

const rows = Array.from({ length: 20 }, (_, k) => k);
const table = csv({
  x: rows.map((k) => k / 4),
  u: rows.map((k) => 2 * k),
  c: rows.map((k) => "rst"[k % 3]),
  k: rows.map((k) => k % 4),
  t: rows.map((k) => `hello world ${k}`),
});

function fileOf(body: string): string {
  const text = `model A
input x: f32
input t: tokens(8)
${body}
data { train: csv("rows.csv"), validation: part(0.2, of: train) }
`;
  return join(folderOf({ "a.mtl": text, "rows.csv": table }), "a.mtl");
}

const refusedByCheck: readonly [string, string, string][] = [
  [
    "a stack of layers",
    "task u: real { head: t -> embed(8) -> transformer(layers: 1000000, heads: 2, hidden: 8) -> mean_pool -> dense }",
    "MTL4010",
  ],
  [
    "a stack within copies",
    "task u: real { head: t -> embed(8) -> repeat(200, transformer(layers: 200, heads: 2, hidden: 8)) -> mean_pool -> dense }",
    "MTL4010",
  ],
  [
    "stacks that are too tall together",
    `task u: real { head: t -> embed(8)${" -> transformer(layers: 9000, heads: 2, hidden: 8)".repeat(4)} -> mean_pool -> dense }`,
    "MTL4010",
  ],
  ["classes", "task k: class(1000000000) { head: x -> dense }", "MTL7002"],
  ["flags", 'task f: flags(1000000000) { head: x -> dense, target: ["k"] }', "MTL7002"],
  ["levels", "task k: ordinal(1000000000) { head: x -> dense }", "MTL7002"],
  [
    "a vocabulary that is told",
    "input w: i32\ntask u: real { head: w -> embed(8, codes: 1000000000) -> dense }",
    "MTL7002",
  ],
  [
    "tokens",
    'input s: tokens(1000000000) { from: "t" }\ntask u: real { head: s -> embed(4) -> mean_pool -> dense }',
    "MTL7003",
  ],
  [
    "pictures",
    "input p: image(100000, 100000, 3)\ntask u: real { head: p -> conv2d(4, kernel: 3) -> mean_pool -> dense }",
    "MTL7003",
  ],
  [
    "a layer's kernel",
    "input q: f32[8, 8, 3]\ntask u: real { head: q -> conv2d(4, kernel: [20000, 20000]) -> mean_pool -> dense }",
    "MTL7002",
  ],
  ["a table of confusions", "task k: class(5000) { head: x -> dense, metrics: [confusion] }", "MTL4015"],
];

describe("check and train refuse alike", () => {
  it.each(refusedByCheck)("%s", async (_, body, code) => {
    const file = fileOf(`${body}\ntrain { epochs: 1 }`);
    const [checked, trained] = [await mtlc("check", file), await mtlc("train", file, "--dry-run")];
    for (const { code: left, out, err } of [checked, trained]) {
      expect(left, out + err).toBe(1);
      // Columns that the rows lack are told beside it.
      expect(new Set((out + err).match(/error\[MTL[47]\d+\]/g))).toEqual(new Set([`error[${code}]`]));
    }
  });
});

describe("what works however large it is said to be", () => {
  it("batches are not larger than the rows", async () => {
    const shown = async (batch: number): Promise<string> => {
      const file = fileOf(`task u: real { head: x -> dense }\ntrain { epochs: 3, batch: ${batch} }`);
      const { code, err } = await mtlc("train", file, "--run", join(file, "../run"), "--format", "json");
      expect(code, err).toBe(0);
      return readFileSync(join(file, "../run/history.jsonl"), "utf8").replace(/"seconds":[^,]*,/g, "");
    };
    expect(await shown(1_000_000_000)).toBe(await shown(16));
  });

  it("a hundred thousand classes, of which some occur", async () => {
    const file = fileOf(
      "task k: class(100000) { head: x -> dense, metrics: [accuracy, f1, mcc, kappa, kappa(quadratic)] }\ntrain { epochs: 1 }",
    );
    const { code, out, err } = await mtlc("train", file, "--run", join(file, "../run"), "--format", "json");
    expect(code, err).toBe(0);
    expect(Object.keys(JSON.parse(out).splits.validation.k)).toHaveLength(5);
  });

  it("epochs and accumulated batches", async () => {
    const file = fileOf("task u: real { head: x -> dense }\ntrain { epochs: 1000000000, accumulate: 1000000000 }");
    expect((await mtlc("train", file, "--dry-run")).code).toBe(0);
  });
});

describe("what only data tell", () => {
  it.each(["json", "jsonl"])("lists and objects within each other without end, in %s", async (ending) => {
    const deep = (open: string, close: string): string => `${open.repeat(100_000)}1${close.repeat(100_000)}`;
    for (const value of [deep("[", "]"), deep('{"a":', "}")]) {
      const row = `{"x": ${value}, "u": 1}`;
      const folder = folderOf({ [`rows.${ending}`]: ending === "json" ? `[${row}]` : `${row}\n` });
      const file = join(folder, "a.mtl");
      const model = `model A\ninput x: f32\ntask u: real { head: x -> dense }\ntrain { epochs: 1 }`;
      writeFileSync(file, `${model}\ndata { train: ${ending}("rows.${ending}") }\n`);
      for (const words of [["check"], ["check", "--data"], ["train", "--dry-run"]]) {
        const { code, out, err } = await mtlc(...words, file);
        expect(code, out + err).toBeLessThan(2);
        expect(out + err).toMatch(/an array of more than 32 axes|too deep to be written/);
      }
    }
  });

  it("rows that no array could hold are told by their input", async () => {
    const file = fileOf(
      'input s: tokens(1000000000) { from: "t" }\ntask u: real { head: s -> embed(1) -> mean_pool -> dense }\ntrain { epochs: 1 }',
    );
    expect((await mtlc("check", file)).code).toBe(0);
    for (const words of [
      ["check", file, "--data"],
      ["train", file, "--dry-run"],
    ]) {
      const { code, out, err } = await mtlc(...words);
      expect(code).toBe(1);
      expect(out + err).toContain(
        "error[MTL8102] input `s` would be 16,000,000,000 numbers, 1,000,000,000 for each of 16 rows",
      );
    }
  });

  it("a step that the machine cannot hold is told by its batch", async () => {
    const file = fileOf("task u: real { head: x -> dense(1000) -> dense }\ntrain { epochs: 1, batch: 1000 }");
    // 3,001 parameters four times, and 1 + 1000 + 1 numbers for each of 16 rows, beside the 8 tokens that nothing reads.
    const bytes = 4 * (4 * 3001 + 16 * (1 + 8 + 1000 + 1));
    const memory = vi.spyOn(process, "constrainedMemory").mockReturnValue(bytes);
    // What an engine takes besides is its own matter.
    expect((await mtlc("train", file, "--dry-run")).err).not.toContain("MTL8103");
    memory.mockReturnValue(bytes - 1);
    const { code, err } = await mtlc("train", file, "--dry-run");
    memory.mockRestore();
    expect(code).toBe(1);
    expect(err).toContain("error[MTL8103] a step takes 0.0 GB or more with batches of 16, and this machine has 0.0 GB");
    expect(err).toContain("smaller batches take less");
    expect(err).toContain("a.mtl:5:27");
  });
});
