import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { registry } from "../../compiler/registry/index.ts";

/** `docs/language.md` is what it says: every example checks as it is marked, and every word of the language is there. */

const text = readFileSync(join(import.meta.dirname, "../../docs/language.md"), "utf8");

interface Example {
  /** Line of its first line in the page, from 1. */
  readonly line: number;
  readonly source: string;
  /** `CODE@line:column` of each diagnostic that it must give; empty where it must be right. */
  readonly errors: readonly string[];
  /** The name under which later examples import it. */
  readonly file: string | null;
}

const examples: Example[] = [...text.matchAll(/^```mtl ?(.*)\n([\s\S]*?)^```$/gm)].map(([block, mark, source]) => {
  const [, errors] = /^errors: (.*)$/.exec(mark) ?? [];
  const [, file] = /^file: (.*)$/.exec(mark) ?? [];
  if (mark !== "" && errors === undefined && file === undefined) throw new Error(`an example is marked \`${mark}\``);
  const line = text.slice(0, text.indexOf(block)).split("\n").length + 1;
  return { line, source, errors: errors?.split(" ") ?? [], file: file ?? null };
});

const frame: Readonly<Record<string, string>> = {
  x: "f32[8]",
  image: "f32[28, 28, 1]",
  words: "tokens(20)",
  island: "category",
};

/** The example as a whole file, and the number of lines in front of it. */
function whole({ source, file }: Example): { source: string; before: number } {
  if (file !== null || /^data\b/m.test(source)) return { source, before: 0 };
  const imports = /^(?:import .*\n)*/.exec(source)?.[0] ?? "";
  const inputs = Object.entries(frame).filter(
    ([name]) => name === "x" || (new RegExp(`\\b${name}\\b`).test(source) && !source.includes(`input ${name}:`)),
  );
  const before = ["model Example", ...inputs.map(([name, kind]) => `input ${name}: ${kind}`)];
  const after = [
    ...(/^task\b/m.test(source)
      ? []
      : ["task answer: real { head: x -> dense }", "task other: flag { head: x -> dense }"]),
    `data { train: csv("rows.csv"), validation: part(0.1, of: train), test: part(0.2, of: train) }`,
  ];
  const rest = source.slice(imports.length);
  return { source: `${imports}${before.join("\n")}\n${rest}${after.join("\n")}\n`, before: before.length };
}

const libraries = new Map(examples.flatMap(({ file, source }) => (file === null ? [] : [[file, source]])));

/** `CODE@line:column` of each mistake, lines counted as in the page's example. */
function found(example: Example): string[] {
  const { source, before } = whole(example);
  const read = (path: string): string | null => libraries.get(path.replace(/^\.\//, "")) ?? null;
  const { diagnostics } = compile(source, { file: example.file ?? "model.mtl", read });
  return diagnostics.flatMap(({ code, severity, span }) => {
    if (severity !== "error") return [];
    const lines = source.slice(0, span?.start ?? 0).split("\n");
    return [`${code}@${lines.length - before}:${(lines.at(-1) ?? "").length + 1}`];
  });
}

describe("the language reference", () => {
  it("has examples, right and wrong ones", () => {
    expect(examples.filter(({ errors }) => errors.length === 0).length).toBeGreaterThan(20);
    expect(examples.filter(({ errors }) => errors.length > 0).length).toBeGreaterThan(7);
  });

  it.each(examples)("checks as it says, at line $line", (example) => {
    expect(found(example)).toEqual(example.errors);
  });

  it("names every word of the language that may be written", () => {
    const callable = [...registry.layer.values()].filter(({ callable }) => callable !== false);
    const tables = [
      callable,
      ...[registry.loss, registry.metric, registry.optimizer, registry.schedule, registry.balance, registry.start],
      ...[registry.clip, registry.average, registry.stop, registry.penalty, registry.tie, registry.sampling],
      ...[registry.augment, registry.tokenizer, registry.source],
      ...[registry.inputKind, registry.taskKind, registry.blockKind],
    ];
    const words = tables.flatMap((table) => [...table.values()].map(({ name }) => name));
    const code = (text.match(/`[^`\n]+`/g) ?? []).join(" ");
    expect(words.filter((word) => !new RegExp(`(?<![\\w.])${word}\\b`).test(code))).toEqual([]);
  });

  it("names every key of every section", () => {
    const keys = [...registry.section.values()].flatMap((section) => Object.keys(section.keys));
    expect(keys.filter((key) => !text.includes(`\`${key}`))).toEqual([]);
  });
});
