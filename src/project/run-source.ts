import { dirname, join, relative, resolve } from "node:path";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { codesProblem } from "../../runtime/run/codes-of-model.ts";
import { files, type OpenRun } from "../../runtime/run/folder.ts";
import { compileSource, overridesOf, type ModelSource } from "./sources.ts";

/** The text of a run's model: how it is laid out in the run folder, and how it is read back. */

/** How a run names an imported file: its path from the model's folder. */
function importKey(folder: string, file: string): string {
  return relative(folder, resolve(file)).replaceAll("\\", "/");
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

/** The model of a run, as it was when it was trained. */
export function sourceOfRun(run: OpenRun): ModelSource {
  const folder = resolve(run.folder, run.info.folder);
  return {
    file: run.info.file,
    folder,
    text: run.text,
    overrides: overridesOf(run.info.set),
    read: (path, from) =>
      run.read(
        importKey(folder, join(folder, relative(folder, resolve(folder, dirname(relativeTo(run, from)), path)))),
      ),
  };
}

/** A file's path from the model's folder, whatever folder the command was started in. */
function relativeTo(run: OpenRun, file: string): string {
  const base = dirname(run.info.file);
  return relative(base, file) || file;
}

/** Throws where the run's codes lack what its model reads by them. */
export function checkCodes({ folder, codes }: OpenRun, model: Model): void {
  const problem = codesProblem(model, codes);
  if (problem === null) return;
  throw new DiagnosticError([report(runs.brokenFile, { file: join(folder, files.codes), problem })]);
}
