import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { loadTfjs } from "../../runtime/engines/tfjs/loading.ts";
import { infoOf, variablesOf } from "../../runtime/generated/network.ts";
import type { Evaluation } from "../../runtime/generated/results.ts";
import type { Rows } from "../../runtime/generated/rows.ts";
import { exportModel } from "../../src/project/export-typescript.ts";
import type { ModelSource } from "../../src/project/sources.ts";
import type { Trace } from "./trace.ts";

/** Generated modules, written beside the packages that they import, and run. */

const base = mkdtempSync(join(tmpdir(), "mtlc-generated-"));
symlinkSync(resolve("node_modules"), join(base, "node_modules"));
let modules = 0;

interface Step {
  readonly losses: Readonly<Record<string, number>>;
  readonly factors: Readonly<Record<string, number>>;
  readonly network: { readonly weights: object };
}

interface TrainOptions {
  readonly seed?: number;
  readonly from?: string;
  readonly onStep?: (event: Step) => void;
  readonly onEpoch?: (event: { readonly validation: Evaluation | null }) => void;
  readonly onWarning?: (warning: Diagnostic) => void;
}

interface Loaded {
  load(folder: string): Promise<unknown>;
  predict(
    examples: readonly object[],
    network: unknown,
    options?: { readonly onWarning?: (warning: Diagnostic) => void },
  ): Promise<readonly unknown[]>;
  readRows(network: object, options: { from?: string }): Promise<Readonly<Record<string, Rows>>>;
  evaluate(rows: Rows, network: object): Promise<Evaluation>;
  train(options: TrainOptions): Promise<{ weights: object }>;
}

export interface GeneratedModule extends Loaded {
  /** The file that it was loaded from. */
  readonly path: string;
}

/** The text of a model's module, which imports its runtime from the sources beside it, or holds what it needs of them. */
export async function moduleText(source: ModelSource, { standalone = false } = {}): Promise<string> {
  const written = await exportModel(source, {
    out: join(source.folder, "module.ts"),
    javascript: false,
    standalone,
    runtime: resolve("src/runtime.ts"),
  });
  const [text] = written.values();
  return text;
}

/** A folder that is not there yet, from which the packages that modules import are found. */
export function folderBesidePackages(): string {
  return join(base, String(modules++));
}

/** Loads a module from a file of its own. */
export async function loadModule(text: string): Promise<GeneratedModule> {
  const path = join(folderBesidePackages(), "module.ts");
  return { ...(await importModule(text, path)), path };
}

export async function importModule(text: string, path = join(folderBesidePackages(), "module.ts")): Promise<Loaded> {
  mkdirSync(dirname(path));
  writeFileSync(path, text.replace(/\/\/# sourceMappingURL=.*\n/, ""));
  const loaded: unknown = await import(pathToFileURL(path).href);
  if (!isModule(loaded)) throw new Error("the module exports no `train`");
  const { train, load, predict, readRows, evaluate } = loaded;
  return { train, load, predict, readRows, evaluate };
}

function isModule(value: unknown): value is Loaded {
  return typeof value === "object" && value !== null && "train" in value && typeof value.train === "function";
}

class Enough extends Error {}

/**
 * Takes so many steps from the start, and notes all that comes of each. Throws where it is not the module's own code that
 * tells of a step, and where steps leave tensors behind.
 */
export async function traceOfModule(
  module: GeneratedModule,
  source: ModelSource,
  steps: number,
  noted: () => void = () => undefined,
): Promise<Trace> {
  const losses: Record<string, number>[] = [];
  const weights: Map<string, Float32Array>[] = [];
  let diverged = false;
  const { tf } = await loadTfjs({ engine: "tfjs", device: "cpu", threads: undefined });
  const tensors: number[] = [];
  const onStep = (event: Step): void => {
    const [, , caller = ""] = (new Error().stack ?? "").split("\n");
    if (!caller.includes(module.path))
      throw new Error(`a step comes from ${caller.trim()}, and not from ${module.path}`);
    losses.push({ ...event.losses });
    weights.push(weightsIn(event.network));
    noted();
    tensors.push(tf.memory().numTensors);
    if (losses.length === steps) throw new Enough();
  };
  const result = await module
    .train({ from: `${resolve(source.folder)}/`, onStep, onWarning: () => undefined })
    .catch((error: unknown) => {
      diverged = error instanceof Error && /not finite/.test(error.message);
      if (!(error instanceof Enough) && !diverged) throw error;
      return null;
    });
  const latest = tensors.slice(-5);
  if (latest.length === 5 && latest.every((count, k) => k === 0 || count > latest[k - 1]))
    throw new Error(`each step leaves tensors behind: ${latest.join(", ")}`);
  return { losses, weights, diverged, result: result && weightsIn(result) };
}

function weightsIn(network: { readonly weights: object }): Map<string, Float32Array> {
  return new Map(
    variablesOf(network.weights).map((variable) => {
      const { name, fixed } = infoOf(variable);
      return [`${fixed ? "statistic" : "parameter"}/${name}`, Float32Array.from(variable.dataSync())];
    }),
  );
}

/** The folder that a file's data paths are relative to. */
export function folderOf(file: string): string {
  return dirname(resolve(file));
}
