/**
 * The library in a browser: check a model, and answer from a trained run through TensorFlow.js. Nothing here needs Node; training and
 * run folders do.
 */
import { compile as check } from "../compiler/compile.ts";
import { DiagnosticError, report } from "../compiler/diagnostics/diagnostic.ts";
import { runs } from "../compiler/diagnostics/runs.ts";
import type { Model } from "../compiler/ir/model.ts";
import type { Codes } from "../runtime/data/data.ts";
import { sizesOf } from "../runtime/data/sizes.ts";
import type { Tfjs } from "../runtime/engines/tfjs/arguments.ts";
import { PLAIN_BACKEND } from "../runtime/engines/tfjs/backends.ts";
import { TfjsEngine } from "../runtime/engines/tfjs/engine.ts";
import { watchWebgpu } from "../runtime/engines/tfjs/refusals.ts";
import { codesProblem } from "../runtime/run/codes-of-model.ts";
import { isCodes } from "../runtime/run/recorded.ts";
import { readSafetensors } from "../runtime/run/safetensors.ts";
import { loadedRun, type LoadedRun, type LoadHooks } from "./loaded.ts";
import { checkedWeights, networkOn } from "./project/network.ts";

export type { Diagnostic, Edit, Fix, Label, Severity } from "../compiler/diagnostics/diagnostic.ts";
export type { Model } from "../compiler/ir/model.ts";
export type { Answer, ClassAnswer, FlagAnswer, OrdinalAnswer } from "../runtime/train/answers.ts";
export type { TaskMetrics } from "../runtime/train/metrics.ts";
export { DiagnosticError } from "../compiler/diagnostics/diagnostic.ts";
export { compile, type CompiledModel, type CompileResult } from "./compile.ts";
export type { InputValue, LoadedRun, LoadHooks, Row } from "./loaded.ts";
export { version } from "./version.ts";

/** What a run folder holds of its network, as fetched. */
export interface RunFiles {
  readonly "model.mtl": string;
  /** Its text, or what it says. */
  readonly "codes.json": unknown;
  readonly "model.safetensors": ArrayBuffer | Uint8Array;
}

export interface LoadOptions extends LoadHooks {
  /** The module `@tensorflow/tfjs`, whose backend is the one that it uses then. */
  readonly tf: Tfjs;
  /** Brings the text of a file that the model imports, as `compile` takes it. */
  readonly read?: (path: string, from: string) => string | null;
}

/** Opens a run by its files. Throws a DiagnosticError where something in them is missing or broken. */
export async function load(files: RunFiles, { tf, read, onWarning }: LoadOptions): Promise<LoadedRun> {
  const text = files["model.mtl"];
  const unsized = sound(text, read, {});
  const codes = codesIn(files["codes.json"], unsized);
  const model = sound(text, read, sizesOf(unsized, codes));
  const bytes = files["model.safetensors"];
  const file = "model.safetensors";
  const { tensors } = readSafetensors(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes), file);
  await tf.ready();
  const backend = tf.getBackend();
  const engine = new TfjsEngine(
    { tf, backend, check: backend === "webgpu" ? watchWebgpu(tf) : () => undefined },
    {
      name: "tfjs",
      device: backend === PLAIN_BACKEND ? "cpu" : backend,
      threads: 1,
      reason: "asked for",
      version: `@tensorflow/tfjs ${tf.version.tfjs}`,
    },
  );
  return loadedRun(networkOn(engine, { model, codes, weights: checkedWeights(tensors, model, file) }), { onWarning });
}

function sound(text: string, read: LoadOptions["read"], sizes: Readonly<Record<string, number>>): Model {
  const { model, diagnostics } = check(text, { file: "model.mtl", read, sizes });
  if (!model) throw new DiagnosticError(diagnostics);
  return model;
}

function codesIn(given: unknown, model: Model): Codes {
  const broken = (problem: string): DiagnosticError =>
    new DiagnosticError([report(runs.brokenFile, { file: "codes.json", problem })]);
  let codes = given;
  if (typeof given === "string") {
    try {
      codes = JSON.parse(given);
    } catch {
      throw broken("it is no whole JSON");
    }
  }
  if (!isCodes(codes)) throw broken("it lacks what codes hold");
  const problem = codesProblem(model, codes);
  if (problem !== null) throw broken(problem);
  return codes;
}
