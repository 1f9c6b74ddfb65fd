import { oversized, unbuiltWords } from "../../compiler/buildable.ts";
import type { Compilation } from "../../compiler/compile.ts";
import { DiagnosticError, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { registry } from "../../compiler/registry/index.ts";
import { bindData } from "../../runtime/data/bind.ts";
import type { BoundData, Codes } from "../../runtime/data/data.ts";
import { compileSource, type ModelSource } from "./sources.ts";

/** A model ready to be trained: every size is a number, every word can run, its data is encoded. */
export interface Prepared {
  readonly model: Model;
  readonly data: BoundData;
  /** Warnings and advice, to be shown and not to stop at. */
  readonly notes: readonly Diagnostic[];
}

/** The model of a sound file. Throws a DiagnosticError with every diagnostic where there is an error. */
export function soundModel(
  source: ModelSource,
  sizes?: Readonly<Record<string, number>>,
): { model: Model; compilation: Compilation } {
  const compilation = compileSource(source, sizes);
  const { model, diagnostics } = compilation;
  if (!model || diagnostics.some(({ severity }) => severity === "error")) throw new DiagnosticError(diagnostics);
  return { model, compilation };
}

/** Reads the data, learns codes and scales from its training rows (or takes those of an earlier run), and fixes every size. */
export async function prepare(source: ModelSource, codes?: Codes): Promise<Prepared> {
  const { model, compilation } = soundModel(source);
  const missing = unbuiltWords(model, registry);
  if (missing.length > 0) throw new DiagnosticError(missing);
  const notes: Diagnostic[] = compilation.diagnostics.filter(({ severity }) => severity !== "info");
  const data = await bindData(model, {
    folder: source.folder,
    seed: model.phases[0].seed,
    codes,
    onWarning: (warning) => notes.push(warning),
  });
  return { model: sizedModel(source, data.sizes), data, notes };
}

/** The model with the sizes that data told. Throws where it would be too large for any engine. */
export function sizedModel(source: ModelSource, sizes: Readonly<Record<string, number>>): Model {
  const { model } = soundModel(source, sizes);
  const large = oversized(model, registry);
  if (large.length > 0) throw new DiagnosticError(large);
  return model;
}

/** Sizes that codes tell, for a model whose data is not at hand: `labels(species)`, `codes(island)`. */
export function sizesOf(codes: Codes): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const [name, { categories, tokens }] of Object.entries(codes.inputs)) {
    if (categories) sizes[`codes(${name})`] = categories.length + 1;
    if (tokens) sizes[`codes(${name})`] = tokens.length;
  }
  for (const [name, { labels }] of Object.entries(codes.tasks)) if (labels) sizes[`labels(${name})`] = labels.length;
  return sizes;
}
