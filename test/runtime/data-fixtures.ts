import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { DataSection, Input, Instruction, Model, Source, Task, TaskKind } from "../../compiler/ir/model.ts";
import { unknownSize } from "../../compiler/ir/size.ts";
import type { Size } from "../../compiler/ir/size.ts";

/** Models and files for the tests of `runtime/data`: only what binding looks at. */

export function source(word: string, settings: Source["settings"] = {}, operands: readonly Source[] = []): Source {
  return { word, settings, operands };
}

export function section(parts: Partial<DataSection> & Pick<DataSection, "train">): DataSection {
  const order = (["train", "validation", "test"] as const).filter((name) => parts[name] !== undefined);
  return { name: null, validation: null, test: null, tasks: null, order, ...parts };
}

export function input(
  name: string,
  word: Input["kind"]["word"],
  rest: Partial<Input> & { shape?: readonly Size[] } = {},
): Input {
  const { shape = [], ...others } = rest;
  const kind = word === "f32" || word === "i32" ? { word } : { word: "category" as const };
  return {
    name,
    kind,
    type: { element: word === "f32" ? "f32" : "i32", shape },
    from: { kind: "names", names: [name] },
    scale: "none",
    fill: null,
    augment: [],
    ...others,
  };
}

export function task(name: string, kind: Partial<TaskKind> & Pick<TaskKind, "word">, rest: Partial<Task> = {}): Task {
  const learnt = kind.learnt ?? (kind.word === "class" && kind.size === undefined && kind.labels === undefined);
  return {
    name,
    kind: { size: learnt ? unknownSize(`labels(${name})`) : 1, learnt, shape: [], ...kind },
    head: `${name}.head`,
    probability: null,
    target: { kind: "names", names: [name] },
    scale: "none",
    unit: null,
    loss: [],
    weight: 1,
    metrics: [],
    role: "main",
    rowWeight: null,
    ...rest,
  };
}

/** Every task's head reads every input, unless `reads` says which. */
export function model(
  inputs: readonly Input[],
  tasks: readonly Task[],
  data: readonly DataSection[],
  reads: Readonly<Record<string, readonly string[]>> = {},
): Model {
  const instructions = tasks.map((each): Instruction => ({
    id: `${each.name}.head`,
    layer: "concat",
    inputs: reads[each.name] ?? inputs.map((one) => one.name),
    settings: {},
    path: each.name,
    owner: each.name,
    type: { element: "f32", shape: [1] },
  }));
  return {
    name: "Test",
    inputs,
    instructions,
    shared: [],
    tasks,
    penalties: [],
    phases: [],
    data,
    searches: [],
  };
}

/** A folder that is gone after the tests, and a function that writes a file into it. */
export function folder(): { path: string; write: (name: string, content: string | Uint8Array) => string } {
  const path = mkdtempSync(join(tmpdir(), "mtlc-data-"));
  afterAll(() => rmSync(path, { recursive: true }));
  return {
    path,
    write(name, content) {
      writeFileSync(join(path, name), content);
      return join(path, name);
    },
  };
}

/** The diagnostics that a promise or function fails with. */
export async function failures(work: () => unknown): Promise<readonly Diagnostic[]> {
  try {
    await work();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
  throw new Error("a failure was expected");
}
