import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { DiagnosticError, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/ir/model.ts";
import { readHead, readHeads } from "../../runtime/data/heads.ts";
import { withRandomAccess } from "../../runtime/data/random-access.ts";
import { readTable } from "../../runtime/data/sources.ts";
import { zipEntries, zipHead } from "../../runtime/data/zip.ts";
import { floats, idx, npy, zip } from "./data-archives.ts";
import { failures, folder, section, source } from "./data-fixtures.ts";

const { path, write } = folder();
const columns = async (of: Source, at = path): Promise<string[] | null> => {
  const head = await readHead(of, at);
  return (
    head?.columns.map(({ name, kind, shape }) => `${name}: ${kind}${shape ? `[${shape.join(", ")}]` : ""}`) ?? null
  );
};
const of = (word: string, name: string): Source => source(word, { path: name });

describe("heads", () => {
  it("tell columns and their kinds for every source that can be looked into", async () => {
    write("t.csv", "a,b,key\n1,x,007\n,y,12345678901234567890\n");
    write("t.tsv.gz", gzipSync("a\tb\n1\tx\n"));
    write("t.json", JSON.stringify([{ a: 1, v: [1, 2], w: ["x"] }]));
    write("t.jsonl", '{"a": "x"}\n');
    write(
      "t.npz",
      zip(
        { "m.npy": npy("<f4", [1, 2, 2], floats(1, 2, 3, 4)), "s.npy": npy("<U1", [1], Buffer.of(97, 0, 0, 0)) },
        true,
      ),
    );
    write("i.idx", idx(8, [1, 2, 3], Buffer.alloc(6)));
    expect(await columns(of("csv", "t.csv"))).toEqual(["a: number", "b: text", "key: number"]);
    expect(await columns(of("tsv", "t.tsv.gz"))).toEqual(["a: number", "b: text"]);
    expect(await columns(of("json", "t.json"))).toEqual(["a: number", "v: array[2]", "w: list"]);
    expect(await columns(of("jsonl", "t.jsonl"))).toEqual(["a: text"]);
    expect(await columns(of("npz", "t.npz"))).toEqual(["m: array[2, 2]", "s: text"]);
    expect(await columns(source("idx", { image: "i.idx" }))).toEqual(["image: array[2, 3]"]);
    const beside = source("beside", {}, [source("idx", { image: "i.idx" }), of("jsonl", "t.jsonl")]);
    expect(await columns(beside)).toEqual(["image: array[2, 3]", "a: text"]);
    expect(await columns(of("json", "npm:vega-datasets/data/penguins.json"), import.meta.dirname)).toContain(
      "Species: text",
    );
  });

  it("do not read on: what is wrong far behind is not met", async () => {
    write("long.csv", `a\n${"1\n".repeat(3_000_000)}1,2\n`);
    write("long.json", `[${'{"a": 1, "s": "]}[{"},'.repeat(100_000)} broken`);
    expect(await columns(of("csv", "long.csv"))).toEqual(["a: number"]);
    expect(await columns(of("json", "long.json"))).toEqual(["a: number", "s: text"]);
  });

  it("say of arrays and short tables what reading them says: no rows, unequal lengths of what is asked for", async () => {
    const array = (count: number): Buffer => npy("<f4", [count], floats(...new Array<number>(count).fill(1)));
    write("unequal.npz", zip({ "a.npy": array(3), "b.npy": array(2), "c.npy": npy("<f4", [], floats(1)) }));
    write("none.npz", zip({ "a.npy": array(0) }));
    write("single.npz", zip({ "c.npy": npy("<f4", [], floats(1)) }));
    write("three.idx", idx(8, [3], Buffer.alloc(3)));
    write("two.idx", idx(8, [2], Buffer.alloc(2)));
    write("zero.idx", idx(8, [0], Buffer.alloc(0)));
    write("two.jsonl", '{"x": 1}\n{"x": 2}');
    write("long.csv", `y\n${"1\n".repeat(200)}`);
    const idxOf = (settings: Readonly<Record<string, string>>): Source => source("idx", settings);
    const cases: readonly (readonly [Source, readonly string[] | undefined, string | null])[] = [
      [of("npz", "unequal.npz"), ["a", "b"], "MTL8023"],
      [of("npz", "unequal.npz"), ["a"], null],
      [of("npz", "unequal.npz"), ["b"], null],
      [of("npz", "unequal.npz"), ["c"], "MTL8002"],
      [of("npz", "none.npz"), ["a"], "MTL8006"],
      [of("npz", "single.npz"), [], "MTL8002"],
      [idxOf({ a: "three.idx", b: "two.idx" }), undefined, "MTL8023"],
      [idxOf({ a: "zero.idx" }), undefined, "MTL8006"],
      [source("beside", {}, [idxOf({ a: "three.idx" }), of("jsonl", "two.jsonl")]), undefined, "MTL8023"],
      [source("beside", {}, [idxOf({ a: "two.idx" }), of("jsonl", "two.jsonl")]), undefined, null],
    ];
    const told = async (work: () => Promise<unknown>): Promise<string | null> => {
      try {
        await work();
        return null;
      } catch (error) {
        return error instanceof DiagnosticError ? `${error.diagnostics[0].code} ${error.diagnostics[0].message}` : "";
      }
    };
    for (const [each, names, code] of cases) {
      const asked = names && new Set(names);
      const head = await told(() => readHead(each, path, { asked }));
      expect(head?.slice(0, 7) ?? null, JSON.stringify(each)).toBe(code);
      expect(head).toBe(await told(() => readTable(each, path, () => undefined, new Map(), asked)));
    }
    // How long a long table is, and what is kept of one, is not known from its first rows.
    const long = source("beside", {}, [of("csv", "long.csv"), of("jsonl", "two.jsonl")]);
    expect(await told(() => readHead(long, path))).toBeNull();
    const kept = source("jsonl", { path: "two.jsonl", only: { x: 1 } });
    expect(await told(() => readHead(source("beside", {}, [idxOf({ a: "three.idx" }), kept]), path))).toBeNull();
  });

  it("never run code, and leave what cannot be read yet alone", async () => {
    write("boom.mjs", "throw new Error('it ran');");
    expect(await readHead(of("module", "boom.mjs"), path)).toBeNull();
    expect(await readHead(of("parquet", "no.parquet"), path)).toBeNull();
    expect(await readHead(source("beside", {}, [of("csv", "t.csv"), of("module", "boom.mjs")]), path)).toBeNull();
  });

  it("look at files of the project and of packages only, wherever links lead", async () => {
    const project = join(path, "project");
    mkdirSync(join(project, "models"), { recursive: true });
    writeFileSync(join(project, "package.json"), "{}");
    writeFileSync(join(project, "inside.csv"), "a\n1\n");
    const models = join(project, "models");
    expect(await columns(of("csv", "../inside.csv"), models)).toEqual(["a: number"]);
    expect(await columns(of("csv", "../../t.csv"), models)).toBeNull();
    expect(await columns(of("csv", join(path, "t.csv")), models)).toBeNull();
    symlinkSync(join(path, "t.csv"), join(models, "link.csv"));
    expect(await columns(of("csv", "link.csv"), models)).toBeNull();
    mkdirSync(join(path, "package"));
    write("package/t.csv", "a\n1\n");
    symlinkSync(path, join(project, "node_modules"));
    expect(await columns(of("csv", "npm:package/t.csv"), models)).toBeNull();
  });

  it("say what is wrong with a file; one that is not there yet is a warning", async () => {
    const [absent] = await failures(() => readHead(of("csv", "no.csv"), path));
    expect([absent.code, absent.severity]).toEqual(["MTL8001", "error"]);
    write("bad.json", '{"a": 1}');
    const train = of("json", "bad.json");
    const good = of("csv", "t.csv");
    const told: Diagnostic[] = [];
    const sections = [
      section({ train, validation: source("part", { share: 0.1 }), test: good }),
      section({ train: of("csv", "no.csv"), validation: of("csv", "npm:no-such-package/t.csv"), test: good }),
    ];
    const heads = await readHeads(sections, path, (found) => told.push(found));
    expect([...heads.keys()]).toEqual([good]);
    expect(told.map(({ severity, code, help }) => `${severity} ${code} ${help?.replace(path, "…")}`)).toEqual([
      "error MTL8002 write it as `[{…}, {…}]`, one object a row",
      "warning MTL8001 it was looked for at …/no.csv; `mtlc train` needs it",
      "warning MTL8005 run `npm install no-such-package`; `mtlc train` needs it",
    ]);
  });
});

it("of an entry of an archive unpacks no more than it needs", async () => {
  const { path: at, write: keep } = folder();
  const bytes = npy("<f4", [50_000], Buffer.alloc(200_000));
  keep("large.npz", zip({ "x.npy": bytes }, true));
  const file = { name: "large.npz", path: join(at, "large.npz") };
  await withRandomAccess(file, async (access) => {
    const [entry] = await zipEntries(access);
    const head = await zipHead(access, entry, 1000);
    expect(head).toEqual(bytes.subarray(0, 1000));
    expect(head.buffer.byteLength).toBeLessThan(20_000);
    expect(await zipHead(access, entry, 20_000)).toEqual(bytes.subarray(0, 20_000));
  });
});
