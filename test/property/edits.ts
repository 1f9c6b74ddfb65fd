import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "../../compiler/compile.ts";
import { describe } from "../../compiler/describe.ts";
import { printModel } from "../../compiler/ir/print.ts";
import { registry } from "../../compiler/registry/index.ts";
import { lex } from "../../grammar/lexer.ts";
import type { SourceTree } from "../../grammar/tree.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { accidentIn } from "../compiler/accidents.ts";
import { Draw } from "./draw.ts";
import { randomProgram } from "./program.ts";

/** Programs that somebody's hand slipped on: whatever stands in a file, checking it ends soon, in diagnostics and not in a fault. */

export interface Text {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const folders = ["test/programs", "examples/penguins", "examples/films", "src/templates/table"];

/** The programs that must run as written, the examples, and some random ones. */
export function wholeTexts(): Text[] {
  const files = folders.flatMap((folder) => {
    const at = join(root, folder);
    return readdirSync(at)
      .filter((name) => name.endsWith(".mtl"))
      .map((name) => ({ name, path: join(at, name), text: readFileSync(join(at, name), "utf8") }));
  });
  const random = [5001, 5002, 5003].map((seed) => ({
    name: `random ${seed}`,
    path: `random-${seed}.mtl`,
    text: randomProgram(seed).text,
  }));
  return [...files, ...random];
}

/** What a hand, a clipboard or a bad disk puts into a text. */
const pieces = [
  ...[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "=",
    ",",
    "->",
    ".",
    "-",
    "+",
    "*",
    "/",
    '"',
    "'",
    "//",
    "/*",
    "*/",
    "\n",
    " ",
  ],
  ...["0", "-1", "1e309", "1_000_000_000_000", "0.5", "9007199254740993", "true", "none", '"Species"', '"\\u{110000}"'],
  ...["dense", "Linear", "trunk", "input", "task", "train", "data", "model", "block", "layer", "shared", "import"],
  ...[
    "search(1, 2)",
    "none",
    "[]",
    "(0)",
    "(1e309)",
    "(-1)",
    "{ }",
    ": none",
    ": 1e309",
    ": 1 / 0",
    ": -1e-400",
    "* 1e308 * 1e308",
    "columns(",
    "each(",
    "repeat(1000000, dense(8))",
    "dense(1_000_000_000)",
    "[[[[",
    ".a.b.c",
    ".output",
    'trunk.output."x"',
    "\u0000",
    "\u{1F600}",
  ],
];

export function edited(draw: Draw, text: string, other: string): string {
  let result = text;
  for (let edits = draw.between(1, 4); edits > 0; edits--) result = editedOnce(draw, result, other);
  return result;
}

function editedOnce(draw: Draw, text: string, other: string): string {
  const lexemes = lex(text, "edited.mtl").lexemes;
  const at = draw.pick(lexemes);
  const near = draw.pick(lexemes);
  switch (draw.below(9)) {
    case 0:
      return text.slice(0, at.start) + text.slice(at.end);
    case 1:
      return `${text.slice(0, at.end)} ${text.slice(at.start)}`;
    case 2:
      return text.slice(0, at.start) + draw.pick(pieces) + text.slice(at.end);
    case 3:
      return `${text.slice(0, at.start)}${draw.pick(pieces)} ${text.slice(at.start)}`;
    case 4:
      return text.slice(0, at.start) + text.slice(near.start, near.end) + text.slice(at.end);
    case 5: {
      const [from, to] = [at.start, near.end].sort((a, b) => a - b);
      return text.slice(0, from) + text.slice(to);
    }
    case 6: {
      const from = draw.below(other.length);
      return text.slice(0, at.start) + other.slice(from, from + draw.below(200)) + text.slice(at.start);
    }
    case 7: {
      const place = draw.below(text.length + 1);
      return text.slice(0, place) + String.fromCharCode(draw.below(0x10000)) + text.slice(place + draw.below(3));
    }
    default: {
      const place = draw.below(text.length + 1);
      return text.slice(0, place) + draw.pick(pieces) + text.slice(place + draw.below(3));
    }
  }
}

/** Milliseconds of a processor that checking any of these texts may take: a text that never ends, or nearly so, is a fault. */
const LONGEST = 5_000;

/** Checks a text twice. Throws where that throws, takes too long, or says two things. */
export function checkTwice({ path, text }: Pick<Text, "path" | "text">): void {
  const started = process.cpuUsage();
  const first = said(path, text);
  const took = process.cpuUsage(started).user / 1000;
  if (took > LONGEST) throw new Error(`checking took ${Math.round(took)} ms`);
  if (said(path, text) !== first) throw new Error("checking it again says something else");
}

export function readImport(path: string, from: string): string | null {
  const file = join(dirname(from), path);
  return existsSync(file) && file.endsWith(".mtl") ? readFileSync(file, "utf8") : null;
}

/** Names of declarations that a model holds as they are. */
function declaredIn(tree: SourceTree | undefined): string[] {
  return (tree?.declarations ?? []).flatMap((declaration) => {
    const { kind } = declaration;
    return kind === "input" || kind === "shared" || kind === "task" || kind === "penalty"
      ? [declaration.name?.text ?? `a nameless ${kind}`]
      : [];
  });
}

function namesIn({ inputs, shared, tasks, penalties }: Model): ReadonlySet<string> {
  return new Set(
    [...inputs, ...shared, ...tasks.map(({ name, group = name }) => ({ name: group })), ...penalties].map(
      ({ name }) => name,
    ),
  );
}

function said(path: string, text: string): string {
  const { model, diagnostics, trees, library } = compile(text, { file: path, read: readImport });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  for (const diagnostic of diagnostics) {
    const { message, span, code } = diagnostic;
    const length = span ? (trees.get(span.file)?.text.length ?? -1) : 0;
    if (span && !(0 <= span.start && span.start <= span.end && span.end <= length))
      throw new Error(`${code} ${message} points outside its text`);
    const written = [...trees.values()].map((tree) => tree.text).join("\n");
    const accident = accidentIn(diagnostic, written);
    if (accident !== null) throw new Error(`it says by accident: ${accident}`);
  }
  if (model === null) {
    if (!library && errors.length === 0) throw new Error("no model, and no error");
    return JSON.stringify(diagnostics);
  }
  if (errors.length > 0) throw new Error("a model in spite of errors");
  const lost = declaredIn(trees.get(path)).filter((name) => !namesIn(model).has(name));
  if (lost.length > 0) throw new Error(`the model lacks ${lost.join(", ")}, and no error says why`);
  return JSON.stringify([diagnostics, describe(model, registry), printModel(model)]);
}
