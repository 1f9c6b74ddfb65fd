import { unbuiltWords } from "../../compiler/unbuilt.ts";
import { DiagnosticError, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Model, Source } from "../../compiler/ir/model.ts";
import { registry } from "../../compiler/registry/index.ts";
import { bindData } from "../../runtime/data/bind.ts";
import { obstacles } from "../../runtime/train/trainable.ts";
import { prepare } from "./prepare.ts";
import { soundModel } from "./sound-model.ts";
import type { ModelSource } from "./sources.ts";

/**
 * What reading all of the data brings to light: all that `train` would refuse before its first step. Null where it is not read:
 * sources that run code are left alone, for checking never runs any.
 */
export async function tryData(source: ModelSource): Promise<readonly Diagnostic[] | null> {
  const { model, compilation } = soundModel(source);
  if (runsCode(model) || unbuiltWords(model, registry).length > 0) return null;
  const before = new Set(compilation.diagnostics.map(({ code, message }) => code + message));
  return told(async () => {
    const { model: sized, data, notes } = await prepare(source);
    const found = obstacles(sized, registry, data);
    return [...notes.filter(({ code, message }) => !before.has(code + message)), ...found];
  });
}

/** The same of the sound declarations of a file with mistakes: errors alone, for what else would be said may change with them. */
export async function tryPart(model: Model, source: ModelSource): Promise<readonly Diagnostic[]> {
  if (runsCode(model)) return [];
  return told(async () => {
    await bindData(model, { folder: source.folder, seed: 0 });
    return [];
  });
}

async function told(work: () => Promise<readonly Diagnostic[]>): Promise<readonly Diagnostic[]> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
}

/** Whether reading a model's data would run code. */
export function runsCode({ data }: Model): boolean {
  const runs = (source: Source | null): boolean =>
    source !== null && (source.word === "module" || source.operands.some(runs));
  return data.some(({ train, validation, test }) => [train, validation, test].some(runs));
}
