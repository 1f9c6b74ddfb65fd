import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { formatSource } from "../../src/typescript/format.ts";
import type { RollUp } from "../../src/typescript/runtime-source.ts";
import { standalone } from "../../src/typescript/standalone.ts";
import { markUnused } from "../../src/typescript/unused-parameters.ts";
import { loadMorph } from "../../src/typescript/ts-morph.ts";

/** What a module takes of a runtime: a small one, as `rollUp` would give it. */
const runtime: RollUp = {
  exported: { table: "table", solve: "solve", Rows: "Rows", unused: "unused" },
  statements: [
    { names: ["nodeFs"], parts: ["const ", { use: "nodeFs" }, ' = () => process.getBuiltinModule("node:fs");'] },
    { names: ["Rows"], parts: ["interface ", { use: "Rows" }, " { readonly count: number }"] },
    { names: ["adam"], parts: ["const ", { use: "adam" }, ' = { name: "adam", run: () => ', { use: "half" }, " };"] },
    { names: ["sgd"], parts: ["const ", { use: "sgd" }, ' = { name: "sgd", run: () => 1 };'] },
    { names: ["half"], parts: ["const ", { use: "half" }, " = 0.5;"] },
    {
      names: ["rules"],
      parts: [
        "const ",
        { use: "rules" },
        " = [",
        { key: "word adam", parts: [{ use: "adam" }, ","] },
        { key: "word sgd", parts: [{ use: "sgd" }, ","] },
        "];",
      ],
    },
    {
      names: ["solve"],
      parts: [
        "function ",
        { use: "solve" },
        "(word: string) { return ",
        { use: "rules" },
        ".find(({ name }) => name === word)?.run(); }",
      ],
    },
    { names: ["table"], parts: ["const ", { use: "table" }, " = (size: number) => new Array<number>(size);"] },
    { names: ["unused"], parts: ["const ", { use: "unused" }, " = () => ", { use: "nodeFs" }, "();"] },
  ],
};

const module = `import * as mtlc from "mtlc/runtime";

export const table = mtlc.table(3);
export function half(rows: mtlc.Rows) {
  return mtlc.solve("adam") ?? rows.count;
}
`;

it("takes what is used, with the words that the module says, and keeps its names apart from the module's", async () => {
  const text = await formatSource(standalone(await loadMorph(), module, runtime));
  expect(text).toBe(`export const table = runtimeTable(3);
export function half(rows: Rows) {
  return solve("adam") ?? rows.count;
}

// What follows is mtlc's own: reading data, start values, batches, updates, metrics and files.

interface Rows {
  readonly count: number;
}

const adam = { name: "adam", run: () => runtimeHalf };

const runtimeHalf = 0.5;

const rules = [adam];

function solve(word: string) {
  return rules.find(({ name }) => name === word)?.run();
}

const runtimeTable = (size: number) => new Array<number>(size);
`);
});

it("parameters that nothing reads any more say so", async () => {
  const text = `const row = (name: string, doc: string) => ({ doc: name });
class Rows {
  each(at: number, of: { at: number }, ...rest: string[]) {
    return (rest: string) => of.at + rest;
  }
}
function overloaded(one: number): void;
function overloaded(one: number, _two?: number, three = one) {}
`;
  expect(markUnused(await loadMorph(), text)).toBe(`const row = (name: string, _doc: string) => ({ doc: name });
class Rows {
  each(_at: number, of: { at: number }, ...rest: string[]) {
    return (rest: string) => of.at + rest;
  }
}
function overloaded(one: number): void;
function overloaded(one: number, _two?: number, _three = one) {}
`);
});

it("names what a module asks for and no runtime has", async () => {
  const morph = await loadMorph();
  expect(() => standalone(morph, module.replace("mtlc.solve", "mtlc.solv"), runtime)).toThrow("offers no solv");
});

it("what modules take in needs nothing newer than ES2022", () => {
  const entries = ["src/runtime.ts", "src/globals.d.ts", "runtime/engines/webassembly.d.ts"];
  const settings = "--ignoreConfig --noEmit --strict --target es2022 --module nodenext --types node";
  const words = [...settings.split(" "), "--skipLibCheck", "--allowImportingTsExtensions", ...entries];
  const { status, stdout } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", ...words]);
  expect(status, String(stdout)).toBe(0);
});

const files = ["runtime", "compiler"].flatMap((room) =>
  readdirSync(room, { recursive: true, encoding: "utf8" }).map((name) => `${room}/${name}`),
);

it("what modules take in may stand in a file that ends in .mts, where `<T>(` does not begin a function", () => {
  const taken = files.filter((name) => name.endsWith(".ts") && !name.startsWith("compiler/emit/"));
  expect(taken.length).toBeGreaterThan(100);
  expect(taken.filter((name) => /[=(,?:]\s*(?:async )?<\w+>\(/.test(readFileSync(name, "utf8")))).toEqual([]);
});

it("what of Node modules load on the way is awaited where it is asked for, and so need not be bundled for a browser", () => {
  const loaded = files
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => readFileSync(name, "utf8").match(/\w*\s*import\("node:/g) ?? []);
  expect(new Set(loaded)).toEqual(new Set(['await import("node:']));
});
