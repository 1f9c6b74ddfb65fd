import { unbuiltWords } from "../../compiler/unbuilt.ts";
import { DiagnosticError, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/ir/model.ts";
import { registry } from "../../compiler/registry/index.ts";
import { prepare } from "./prepare.ts";
import { soundModel } from "./sound-model.ts";
import type { ModelSource } from "./sources.ts";

/** What reading all of the data brings to light. Sources that run code are left alone: checking never runs any. */
export async function tryData(source: ModelSource): Promise<readonly Diagnostic[]> {
  const { model } = soundModel(source);
  const runsCode = (part: Source): boolean => part.word === "module" || part.operands.some(runsCode);
  const parts = model.data.flatMap(({ train, validation, test }) =>
    [train, validation, test].filter((part) => part !== null),
  );
  if (parts.some(runsCode) || unbuiltWords(model, registry).length > 0) return [];
  const before = new Set(soundModel(source).compilation.diagnostics.map(({ code, message }) => code + message));
  try {
    const { notes } = await prepare(source);
    return notes.filter(({ code, message }) => !before.has(code + message));
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
}
