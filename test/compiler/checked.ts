import { compile, type CompileOptions } from "../../compiler/compile.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Instruction, Model } from "../../compiler/ir/model.ts";
import { showType } from "../../compiler/layers/types.ts";

/** Checks of small programs, in a form that tests can spell out. */

/** Declarations with a model, inputs, a task on `x` and data around them; only what they lack is added. */
export function around(declarations: string): string {
  const has = (name: string) => new RegExp(`\\b${name}\\b`).test(declarations);
  return [
    "model Small",
    "input x: f32[8]",
    ...(has("image") ? ["input image: f32[12, 12, 3]"] : []),
    ...(has("words") ? ["input words: tokens(10)"] : []),
    ...(has("island") ? ["input island: category"] : []),
    declarations,
    ...(/^task /m.test(declarations) ? [] : ["task y: real { head: x -> dense }"]),
    "train { epochs: 3 }",
    `data { train: csv("rows.csv") }`,
  ].join("\n");
}

/** What is said besides that a word cannot be trained yet, which is no mistake of a file. */
export function besidesUnbuilt(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(({ code }) => code !== "MTL7001");
}

/** Every message as `line:column CODE headline`, in the order of the text. */
export function messages(text: string, options: CompileOptions = {}): string[] {
  const { diagnostics } = compile(text, options);
  return besidesUnbuilt(diagnostics).map(
    ({ span, code, message }) => `${place(text, span?.start ?? 0)} ${code} ${message}`,
  );
}

/** The messages about declarations put into a whole file, lines counted within the declarations. */
export function said(declarations: string): string[] {
  const text = around(declarations);
  const first = text.slice(0, text.indexOf(declarations)).split("\n").length - 1;
  return messages(text).map((message) => message.replace(/^\d+/, (line) => String(Number(line) - first)));
}

function place(text: string, offset: number): string {
  const before = text.slice(0, offset).split("\n");
  return `${before.length}:${before[before.length - 1].length + 1}`;
}

/** The model of a text that must have no error. */
export function modelOf(text: string, options: CompileOptions = {}): Model {
  const { model, diagnostics } = compile(text, options);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (model === null || errors.length > 0)
    throw new Error(errors.map(({ code, message, note }) => `${code} ${message} ${note ?? ""}`).join("\n"));
  return model;
}

/** `trunk.1 = dense(x) trunk.dense_1 [_, 16]`, with the instructions of chains indented below. */
export function lines(instructions: readonly Instruction[], indent = ""): string[] {
  return instructions.flatMap(({ id, layer, inputs, path, type, regions }) => [
    `${indent}${id} = ${layer}(${inputs.join(", ")}) ${path} ${showType(type)}${type.perTask ? " per task" : ""}`,
    ...(regions ?? []).flatMap((region) => lines(region.instructions, `${indent}  `)),
  ]);
}
