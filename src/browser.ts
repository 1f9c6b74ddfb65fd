/**
 * The library in a browser: check a model, and answer from a trained run through TensorFlow.js. Nothing here needs Node; training and
 * run folders do.
 */
import { compile as check } from "../compiler/compile.ts";
import { DiagnosticError, report } from "../compiler/diagnostics/diagnostic.ts";
import { runs } from "../compiler/diagnostics/runs.ts";
import type { Model } from "../compiler/ir/model.ts";
import { sizesOf } from "../runtime/data/sizes.ts";
import type { Tfjs } from "../runtime/engines/tfjs/arguments.ts";
import { PLAIN_BACKEND } from "../runtime/engines/tfjs/backends.ts";
import { TfjsEngine } from "../runtime/engines/tfjs/engine.ts";
import { watchWebgpu } from "../runtime/engines/tfjs/refusals.ts";
import { codesProblem } from "../runtime/run/codes-of-model.ts";
import { isCodes } from "../runtime/run/recorded.ts";
import { readSafetensors } from "../runtime/run/safetensors.ts";
import { loadedRun, type LoadedRun, type LoadHooks } from "./loaded.ts";
import { Seals } from "../runtime/run/seals.ts";
import { sha256 } from "../runtime/run/sha256.ts";
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
  /** Its text, or what it says; with it a changed model is told. */
  readonly "run.json"?: unknown;
}

export interface LoadOptions extends LoadHooks {
  /** The module `@tensorflow/tfjs`, whose backend is the one that it uses then. */
  readonly tf: Tfjs;
  /** Brings the text of a file that the model imports, as `compile` takes it. */
  readonly read?: (path: string, from: string) => string | null;
}

/** Opens a run by its files. Throws a DiagnosticError where something in them is missing or broken. */
export async function load(files: RunFiles, { tf, read, onWarning }: LoadOptions): Promise<LoadedRun> {
  const seals = new Seals(sha256);
  if (files["run.json"] !== undefined) seals.describing("run.json", objectIn("run.json", files["run.json"]));
  const text = files["model.mtl"];
  seals.text("model.mtl", "model.mtl", text);
  const codes = seals.coding("codes.json", objectIn("codes.json", files["codes.json"]));
  if (!isCodes(codes)) throw broken("codes.json", "it lacks what codes hold");
  const unsized = sound(text, read, {});
  const problem = codesProblem(unsized, codes);
  if (problem !== null) throw broken("codes.json", problem);
  const model = sound(text, read, sizesOf(unsized, codes));
  const bytes = files["model.safetensors"];
  const file = "model.safetensors";
  const held = readSafetensors(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes), file);
  seals.tensors(file, held);
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
  const weights = checkedWeights(held.tensors, model, file);
  if (onWarning) seals.warnings.forEach(onWarning);
  return loadedRun(networkOn(engine, { model, codes, weights }), { onWarning });
}

function sound(text: string, read: LoadOptions["read"], sizes: Readonly<Record<string, number>>): Model {
  const { model, diagnostics } = check(text, { file: "model.mtl", read, sizes });
  if (!model) throw new DiagnosticError(diagnostics);
  return model;
}

/** What JSON says that is given as it is or as its text. */
function objectIn(file: string, given: unknown): Readonly<Record<string, unknown>> {
  let said = given;
  if (typeof given === "string") {
    try {
      said = JSON.parse(given);
    } catch {
      throw broken(file, "it is no whole JSON");
    }
  }
  if (isObject(said)) return said;
  throw broken(file, "it is no JSON object");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function broken(file: string, problem: string): DiagnosticError {
  return new DiagnosticError([report(runs.brokenFile, { file, problem })]);
}
