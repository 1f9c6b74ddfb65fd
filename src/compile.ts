import { compile as check, type CompileOptions } from "../compiler/compile.ts";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import type { Model } from "../compiler/ir/model.ts";

/** The pure part of the library: text in, model and diagnostics out, in Node and in a browser alike. */

/** A sound model with the text that it came from, as `train` takes it. */
export interface CompiledModel {
  readonly name: string;
  /** The model's meaning, as `mtlc ir` prints it. */
  readonly ir: Model;
  readonly source: string;
  readonly file: string;
  readonly read: (path: string, from: string) => string | null;
}

export interface CompileResult {
  /** Null where there is an error, and for a library file. */
  readonly model: CompiledModel | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks a model's text. `read` brings the text of an imported file (its path as written, the file that imports it), or null
 * where there is none.
 */
export function compile(source: string, options: Pick<CompileOptions, "file" | "read"> = {}): CompileResult {
  const { model: ir, diagnostics } = check(source, options);
  const file = options.file ?? "model.mtl";
  const read = options.read ?? (() => null);
  return { model: ir && { name: ir.name, ir, source, file, read }, diagnostics };
}
