import { compile } from "../../compiler/compile.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { besidesUnbuilt } from "./checked.ts";

/** What a check says, in a form that tests can spell out. */
export interface Said {
  readonly code: string;
  readonly message: string;
  /** The text at its place. */
  readonly at: string | undefined;
  readonly help: string | undefined;
}

export function diagnosed(text: string): {
  said: readonly Said[];
  diagnostics: readonly Diagnostic[];
  model: Model | null;
} {
  const { diagnostics: all, model } = compile(text, { file: "test.mtl" });
  const diagnostics = besidesUnbuilt(all);
  const said = diagnostics.map(({ code, message, span, help }) => ({
    code,
    message,
    at: span && text.slice(span.start, span.end),
    help,
  }));
  return { said, diagnostics, model };
}

/** The one thing that is said, as "code message | at | help". */
export function only(text: string): string {
  return diagnosed(text)
    .said.map(({ code, message, at, help }) => [`${code} ${message}`, at, help].join(" | "))
    .join("\n");
}

/** A model of two tasks around a train section. */
export function withTrain(train: string, validation = true): string {
  return `model T
input x: f32[8]
shared trunk = x -> dense(8) -> relu
task digit: class(3) { head: trunk -> dense }
task size: real { head: trunk -> dense, unit: "g" }
${train}
data { train: csv("rows.csv")${validation ? ", validation: part(0.1, of: train)" : ""} }`;
}

/** A model around data sections. */
export function withData(data: string): string {
  return `model T
input x: f32[8]
task digit: class(3) { head: x -> dense }
task size: real { head: x -> dense }
train { epochs: 3 }
${data}`;
}

/** A model around a task. */
export function withTask(task: string): string {
  return `model T
input x: f32[8]
input words: tokens(10)
shared both = concat(x, words -> embed(4) -> mean_pool)
task other: flag { head: both -> dense }
${task}
train { epochs: 3 }
data { train: csv("rows.csv") }`;
}
