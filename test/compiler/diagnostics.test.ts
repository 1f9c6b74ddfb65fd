import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { catalogue, type AnyRow } from "../../compiler/diagnostics/catalogue.ts";
import { accidentIn } from "./accidents.ts";
import { besidesUnbuilt } from "./checked.ts";

/** What an example leaves out: a model, the inputs it reads, a task on its last shared tensor, data. */
function complete(example: string): string {
  const lacks = (word: string) => !new RegExp(`(^|\\n)\\s*${word}\\b`).test(example);
  const uses = (name: string) => new RegExp(`\\b${name}\\b`).test(example.replace(/\/\/.*|"[^"\n]*"/g, ""));
  const before = lacks("model") ? ["model Example"] : [];
  const tensors = [...example.matchAll(/^\s*shared (\w+)/gm)].map(([, name]) => name);
  const needsTask = lacks("task");
  const last = tensors.at(-1) ?? "x";
  for (const [name, kind] of [
    ["x", "f32[8]"],
    ["image", "f32[12, 12, 3]"],
    ["words", "tokens(10)"],
  ])
    if (!declares(example, name) && (uses(name) || (name === last && needsTask))) before.push(`input ${name}: ${kind}`);
  const after = [
    ...(needsTask ? [`task y: real { head: ${last === "x" ? "x" : `${last} -> flatten`} -> dense }`] : []),
    ...(lacks("train") ? ["train { epochs: 3 }"] : []),
    ...(lacks("data") ? [`data { train: csv("rows.csv") }`] : []),
  ];
  // A task must stand above what speaks of it, yet below what it reads; sections may stand anywhere.
  return [...before, example, ...after].join("\n");
}
function declares(example: string, name: string): boolean {
  return new RegExp(`\\binput ${name}\\b`).test(example);
}

const files: Readonly<Record<string, string>> = {
  "./blocks.mtl": "block wide(x, width: int = 8) { return x -> dense(width) -> relu }\nconst small = 16\n",
};

function diagnose(row: AnyRow, example: string) {
  const text = row.wrap === "model" ? complete(example) : example;
  const { diagnostics } = compile(text, { file: "example.mtl", read: (path) => files[path] ?? null });
  return { text, diagnostics };
}

describe("the catalogue", () => {
  it("has every code and every name once", () => {
    const codes = catalogue.map((row) => row.code);
    const names = catalogue.map((row) => row.name);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(codes.filter((code) => !/^MTL[1-9]\d{3}$/.test(code))).toEqual([]);
    expect(names.filter((name) => !/^[a-z]+(-[a-z0-9]+)*$/.test(name))).toEqual([]);
    expect(catalogue.length).toBeGreaterThan(80);
  });

  it("says why, in whole sentences", () => {
    expect(catalogue.filter((row) => !/^["`A-Z].*[.!?]$/s.test(row.why)).map((row) => row.code)).toEqual([]);
  });

  const shown = catalogue.filter((row) => row.wrap === "file" || row.wrap === "model");
  it.each(shown.map((row) => [`${row.code} ${row.name}`, row] as const))("%s: the bad example gives it", (_, row) => {
    const { text, diagnostics } = diagnose(row, row.bad);
    expect(diagnostics.map((one) => accidentIn(one, text)).filter((found) => found !== null)).toEqual([]);
    const errors = diagnostics.filter((one) => one.severity === "error" || one.code === row.code);
    expect(
      errors.map((one) => one.code),
      `${text}\n\n${diagnostics.map((one) => `${one.code} ${one.message}`).join("\n")}`,
    ).toEqual([row.code]);
    expect(errors[0].severity).toBe(row.severity);
  });
  it.each(shown.map((row) => [`${row.code} ${row.name}`, row] as const))(
    "%s: the good example gives none",
    (_, row) => {
      const { text, diagnostics } = diagnose(row, row.good);
      expect(
        besidesUnbuilt(diagnostics).map((one) => `${one.code} ${one.message}`),
        text,
      ).toEqual([]);
    },
  );
});
