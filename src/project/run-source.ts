import { dirname, join, relative, resolve, sep } from "node:path";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { codesProblem } from "../../runtime/run/codes-of-model.ts";
import { files } from "../../runtime/run/names.ts";
import type { OpenRun } from "../../runtime/run/open-run.ts";
import { compileSource, overridesOf, type ModelSource } from "./sources.ts";

/** The text of a run's model: how it is laid out in the run folder, and how it is read back. */

/** How a run names an imported file: its path from the model's folder. */
function importKey(folder: string, file: string): string {
  return relative(folder, resolve(file)).split(sep).join("/");
}

/** The texts that a model imports, by the names that its run keeps them under. */
export function importsOf(source: ModelSource): ReadonlyMap<string, string> {
  const imported = new Map<string, string>();
  for (const [file, tree] of compileSource(source).trees) {
    if (file === source.file || source.overrides.some((override) => file.startsWith(override.file))) continue;
    imported.set(importKey(source.folder, file), tree.text);
  }
  return imported;
}

/**
 * The model of a run, as it was when it was trained: places in messages are those of the run's own text, for the file that
 * it was copied from may have changed since.
 */
export function sourceOfRun(run: OpenRun): ModelSource {
  return {
    file: join(run.folder, files.model).split(sep).join("/"),
    folder: resolve(run.folder, run.info.folder),
    text: run.text,
    overrides: overridesOf(run.info.set),
    // Imports are named as if they lay around the run's text as they lay around the model's file.
    read: (path, from) => run.read(importKey(run.folder, join(dirname(from), path))),
  };
}

/** Throws where the run's codes lack what its model reads by them. */
export function checkCodes({ folder, codes }: OpenRun, model: Model): void {
  const problem = codesProblem(model, codes);
  if (problem === null) return;
  throw new DiagnosticError([report(runs.brokenFile, { file: join(folder, files.codes), problem })]);
}
