import { oversized } from "../../compiler/oversized.ts";
import type { Compilation } from "../../compiler/compile.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { names } from "../../compiler/diagnostics/names.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { registry } from "../../compiler/registry/index.ts";
import { compileSource, type ModelSource } from "./sources.ts";

/** The model of a sound file. Throws a DiagnosticError with every diagnostic where there is an error. */
export function soundModel(
  source: ModelSource,
  sizes?: Readonly<Record<string, number>>,
): { model: Model; compilation: Compilation } {
  const compilation = compileSource(source, sizes);
  const { model, diagnostics, library, trees } = compilation;
  if (library && !diagnostics.some(({ severity }) => severity === "error")) {
    const empty = [...trees.values()].every(({ declarations }) => declarations.length === 0);
    throw new DiagnosticError([report(names.libraryFile, { file: source.file, empty })]);
  }
  if (!model || diagnostics.some(({ severity }) => severity === "error")) throw new DiagnosticError(diagnostics);
  return { model, compilation };
}

/** The model with the sizes that data told. Throws where it would be too large for any engine, with so many rows to train. */
export function sizedModel(source: ModelSource, sizes: Readonly<Record<string, number>>, rows = 1): Model {
  const { model } = soundModel(source, sizes);
  const large = oversized(model, registry, rows);
  if (large.length > 0) throw new DiagnosticError(large);
  return model;
}
