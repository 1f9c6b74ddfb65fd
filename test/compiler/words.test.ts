import { describe, expect, it } from "vitest";
import { describeKind } from "../../compiler/registry/describe.ts";
import type { RowBase, SettingKind } from "../../compiler/registry/settings.ts";
import {
  blockKinds,
  inputKinds,
  kindRows,
  penaltyRows,
  plainRows,
  sectionRows,
  sourceRows,
  taskKinds,
} from "../../compiler/words/index.ts";
import { diagnosed } from "./diagnosed.ts";

const rows: readonly RowBase[] = [...kindRows, ...sourceRows, ...plainRows, ...penaltyRows];

describe("rows of words", () => {
  it("are documented in whole sentences, and so are their settings and keys", () => {
    const docs = [
      ...rows.map((row) => [row.name, row.doc]),
      ...rows.flatMap((row) =>
        Object.entries(row.settings).map(([name, setting]) => [`${row.name}.${name}`, setting.doc]),
      ),
      ...sectionRows.flatMap(({ section, keys }) =>
        Object.entries(keys).map(([name, setting]) => [`${section}.${name}`, setting.doc]),
      ),
    ];
    expect(docs.filter(([, doc]) => !/^.{2,}[.)]$/s.test(doc)).map(([name]) => name)).toEqual([]);
  });
  it("say what may run", () => {
    const built = rows.filter((row) => row.built).map((row) => row.name);
    for (const name of ["f32", "i32", "category", "tokens", "class", "flag", "flags", "real", "count", "ordinal"])
      expect(built).toContain(name);
    for (const name of ["csv", "tsv", "json", "jsonl", "npz", "idx", "conll", "module", "join", "beside", "part"])
      expect(built).toContain(name);
    for (const name of ["parquet", "sql", "images"]) expect(built).not.toContain(name);
  });

  const reads: Readonly<Record<string, string>> = {
    beak: "beak -> dense",
    hour: "hour -> embed(2, codes: 24) -> dense",
    island: "island -> embed(2) -> dense",
    text: "text -> embed(2) -> mean_pool -> dense",
    photo: "photo -> flatten -> dense",
  };
  it.each(inputKinds.map((row) => [row.name, row.example]))("input %s: its example checks", (_, example) => {
    const name = /^input (\w+)/.exec(example)?.[1] ?? "";
    const { said } = diagnosed(
      `model T\n${example}\ntask z: real { head: ${reads[name]} }\ntrain { epochs: 1 }\ndata { train: csv("a") }`,
    );
    expect(said).toEqual([]);
  });
  it.each(taskKinds.map((row) => [row.name, row.example]))("target %s: its example checks", (_, example) => {
    const { said } = diagnosed(`model T\ninput x: f32[8]\n${example}\ntrain { epochs: 1 }\ndata { train: csv("a") }`);
    expect(said).toEqual([]);
  });
  it.each(blockKinds.map((row) => [row.name, row.example]))("a block's %s: its example checks", (_, example) => {
    expect(diagnosed(example).said).toEqual([]);
  });
  it.each(
    sourceRows.filter((row) => row.name !== "columns" && row.name !== "part").map((row) => [row.name, row.example]),
  )("source %s: its example checks", (_, example) => {
    const { said } = diagnosed(
      `model T\ninput x: f32[8]\ntask z: real { head: x -> dense }\ntrain { epochs: 1 }\ndata { train: ${example} }`,
    );
    expect(said).toEqual([]);
  });
});

describe("kinds of settings in words", () => {
  it.each<[SettingKind, string]>([
    [{ kind: "int" }, "a whole number"],
    [{ kind: "int", min: 1 }, "a whole number, 1 or more"],
    [{ kind: "number", above: 0, below: 1 }, "a number above 0 and below 1"],
    [{ kind: "choice", words: ["same", "valid"] }, "one of `same`, `valid`"],
    [{ kind: "word", table: "optimizer" }, "an optimizer"],
    [{ kind: "word", table: "clip" }, "a way to clip"],
    [{ kind: "list", of: { kind: "word", table: "loss" } }, "a list of losses"],
    [{ kind: "list", of: { kind: "word", table: "penalty" } }, "a list of penalties"],
    [{ kind: "list", of: { kind: "int", min: 1 }, length: 2 }, "a list of 2 whole numbers, 1 or more"],
    [{ kind: "list", of: { kind: "name", of: "task" } }, "a list of names of tasks"],
    [{ kind: "pair", min: 1 }, "a whole number, 1 or more, or a pair of them"],
    [
      { kind: "either", of: [{ kind: "choice", words: ["mean"] }, { kind: "number" }, { kind: "bool" }] },
      "`mean`, a number or `true` or `false`",
    ],
  ])("%j", (kind, expected) => {
    expect(describeKind(kind)).toBe(expected);
  });
});
