import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { describe as describeModel } from "../../compiler/describe.ts";
import { printModel } from "../../compiler/ir/print.ts";
import { modelParameters } from "../../compiler/ir/parameters.ts";
import { registry } from "../../compiler/registry/index.ts";
import { descriptionText } from "../../src/cli/describe.ts";
import { screenOf } from "../../src/render/screen.ts";
import { renderDiagnostics } from "../../src/render/diagnostics.ts";
import { besidesUnbuilt } from "./checked.ts";

/**
 * `docs/language.md` is what it says. Every example checks as it is marked: `mtl` without any diagnostic, `mtl errors: …` with
 * exactly those, `mtl file: NAME` is there to be imported. A block marked `text ir`, `text describe`, `text parameters` or
 * `text check` is what the compiler makes of the example above it.
 */

const text = readFileSync(join(import.meta.dirname, "../../docs/language.md"), "utf8");

interface Block {
  /** Line of its first line in the page, from 1. */
  readonly line: number;
  readonly mark: string;
  readonly content: string;
}
interface Example extends Block {
  /** `CODE@line:column` of each diagnostic that it must give; empty where it must be right. */
  readonly errors: readonly string[];
  /** The name under which later examples import it. */
  readonly file: string | null;
}
interface Output extends Block {
  readonly kind: string;
  readonly of: Example;
}

const examples: Example[] = [];
const outputs: Output[] = [];
for (const { index, 1: language, 2: mark, 3: content } of text.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)) {
  const block = { line: text.slice(0, index).split("\n").length + 1, mark, content };
  if (language === "mtl") {
    const [, errors] = /^errors: (.*)$/.exec(mark) ?? [];
    const [, file] = /^file: (.*)$/.exec(mark) ?? [];
    if (mark !== "" && errors === undefined && file === undefined) throw new Error(`an example is marked \`${mark}\``);
    examples.push({ ...block, errors: errors?.split(" ") ?? [], file: file ?? null });
  } else if (mark !== "") outputs.push({ ...block, kind: mark, of: examples.at(-1)! });
}

const frame: Readonly<Record<string, string>> = {
  x: "f32[8]",
  image: "f32[28, 28, 1]",
  words: "tokens(20)",
  island: "category",
};

function isWhole({ content }: Example): boolean {
  return /^model\b/m.test(content);
}

/** The example as a whole file, and how many of its lines stand in front of those that a part is completed with. */
function whole(example: Example): { source: string; first: number; before: number } {
  const { content, file } = example;
  if (file !== null || isWhole(example)) return { source: content, first: 0, before: 0 };
  const imports = /^(?:import .*\n)*/.exec(content)?.[0] ?? "";
  const inputs = Object.entries(frame).filter(
    ([name]) =>
      !content.includes(`input ${name}:`) &&
      (name === "x" || new RegExp(`\\b${name}\\b`).test(content.replace(/"[^"]*"/g, ""))),
  );
  const before = ["model Example", ...inputs.map(([name, kind]) => `input ${name}: ${kind}`)];
  const after = [
    ...(/^task\b/m.test(content)
      ? []
      : ["task answer: real { head: x -> dense }", "task other: flag { head: x -> dense }"]),
    ...(/^train\b/m.test(content) ? [] : ["train { epochs: 3 }"]),
    ...(/^data\b/m.test(content)
      ? []
      : [`data { train: csv("rows.csv"), validation: part(0.1, of: train), test: part(0.2, of: train) }`]),
  ];
  const rest = content.slice(imports.length);
  const source = `${imports}${before.join("\n")}\n${rest}${after.join("\n")}\n`;
  return { source, first: imports.split("\n").length - 1, before: before.length };
}

const libraries = new Map(examples.flatMap(({ file, content }) => (file === null ? [] : [[file, content]])));
const read = (path: string): string | null => libraries.get(path.replace(/^\.\//, "")) ?? null;

function compiled(example: Example) {
  return compile(whole(example).source, { file: example.file ?? "model.mtl", read });
}

/** What says that nothing is wrong: a part of a file may hold names that the rest would use. */
const ofParts = new Set(["MTL2009"]);

/** `CODE@line:column` of each diagnostic, lines counted as in the page's example. */
function found(example: Example): string[] {
  const { source, first, before } = whole(example);
  const part = !isWhole(example) && example.file === null;
  return besidesUnbuilt(compiled(example).diagnostics).flatMap(({ code, span }) => {
    if (part && ofParts.has(code)) return [];
    const lines = source.slice(0, span?.start ?? 0).split("\n");
    const line = lines.length > first ? lines.length - before : lines.length;
    return [`${code}@${line}:${(lines.at(-1) ?? "").length + 1}`];
  });
}

/** What the compiler makes of an example, as a command would print it. */
function output({ kind, of }: Output): string {
  const { model, diagnostics } = compiled(of);
  if (kind === "check") {
    if (!isWhole(of)) throw new Error("a part of a file has other lines than its page");
    return renderDiagnostics(diagnostics, "pretty", () => of.content);
  }
  if (model === null) throw new Error("the example has mistakes");
  switch (kind) {
    case "ir":
      return printModel(model);
    case "describe":
      return descriptionText(describeModel(model, registry), screenOf({}));
    case "parameters": {
      const { parameters, states } = modelParameters(model, registry);
      return [...parameters, ...states].map(({ name, shape }) => `${name} [${shape.join(", ")}]\n`).join("");
    }
    default:
      throw new Error(`no output is called \`${kind}\``);
  }
}

describe("the language reference", () => {
  it("has examples, right and wrong ones, and what is made of some", () => {
    expect(examples.filter(({ errors }) => errors.length === 0).length).toBeGreaterThan(20);
    expect(examples.filter(({ errors }) => errors.length > 0).length).toBeGreaterThan(10);
    expect(new Set(outputs.map(({ kind }) => kind))).toEqual(new Set(["ir", "describe", "parameters", "check"]));
  });

  it.each(examples)("checks as it says, at line $line", (example) => {
    expect(found(example)).toEqual(example.errors);
  });

  it.each(outputs)("shows what is made of an example, at line $line", (shown) => {
    const made = `${output(shown).trimEnd()}\n`.replace(/ +$/gm, "");
    const pieces = shown.content.split(/^…\n/m);
    // A line that holds … alone stands for lines that are left out.
    if (pieces.length === 1) expect(shown.content).toBe(made);
    let from = 0;
    for (const [k, piece] of pieces.entries()) {
      const at = k === 0 ? 0 : made.indexOf(`\n${piece}`, from) + 1;
      expect(made.slice(at, at + piece.length), `after line ${made.slice(0, from).split("\n").length}`).toBe(piece);
      from = at + piece.length - 1;
    }
  });

  it("names every key of every section", () => {
    const keys = [...registry.section.values()].flatMap((section) => Object.keys(section.keys));
    expect(keys.filter((key) => !text.includes(`\`${key}`))).toEqual([]);
  });

  it("leads to headings that there are", () => {
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      title
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, "")
        .replaceAll(" ", "-"),
    );
    const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, target]) => target);
    expect(links.filter((link) => !headings.includes(link))).toEqual([]);
  });
});
