import { availableParallelism } from "node:os";
import util from "node:util";
import { DiagnosticError, report } from "../../../compiler/diagnostics/diagnostic.ts";
import { deviceNotHad, engineNotInstalled, tfjsVersionDiffers } from "../../../compiler/diagnostics/engines.ts";
import type { Tfjs } from "./arguments.ts";
import type { LoadedTfjs } from "./engine.ts";
import { installation, PACKAGES, requireFor, TFJS_VERSION, type TfjsEngineName } from "./packages.ts";
import { watchWebgpu } from "./refusals.ts";
import { addWebgpu } from "./webgpu.ts";

export interface LoadedPackage extends LoadedTfjs {
  readonly package: string;
  /** The version of libtensorflow, or null for plain JavaScript. */
  readonly library: string | null;
}

export interface TfjsChoice {
  readonly engine: TfjsEngineName;
  readonly device: TfjsDevice;
  readonly threads: number | undefined;
}

export type TfjsDevice = "cpu" | "cuda" | "webgpu";

/** Loads an engine's package and makes its backend the one in use. Throws a DiagnosticError where that fails. */
export async function loadTfjs({ engine, device, threads }: TfjsChoice): Promise<LoadedPackage> {
  const { name } = PACKAGES[engine];
  const backend = device === "webgpu" ? device : PACKAGES[engine].backend;
  prepareProcess(device, threads);
  const tf = required(engine, name);
  const found = tf.version.tfjs;
  if (found !== TFJS_VERSION) {
    const holes = { engine, package: name, found, wanted: TFJS_VERSION };
    throw new DiagnosticError([report(tfjsVersionDiffers, holes, { help: mending(engine) })]);
  }
  // Without its warning about Node, and without checks of every value.
  tf.enableProdMode();
  if (device === "webgpu") await addWebgpu(tf);
  if (!(await tf.setBackend(backend))) throw missing(engine, `its backend ${backend} does not start`);
  await tf.ready();
  if (device === "cuda" && !computesOnGpu(tf)) {
    const reason = "libtensorflow finds no graphics card, or not CUDA 11.2 with cuDNN 8, which it is built for";
    const help = `\`nvidia-smi\` says whether the driver sees a card; without one: \`--engine ${engine} --device cpu\``;
    throw new DiagnosticError([report(deviceNotHad, { engine, device, reason }, { help })]);
  }
  const check = device === "webgpu" ? watchWebgpu(tf) : () => undefined;
  return { tf, backend, package: name, library: libraryVersion(tf), check };
}

/** Must be done before libtensorflow is loaded: it reads these from the environment. */
function prepareProcess(device: TfjsDevice, threads: number | undefined): void {
  // Nothing but errors; absl's own line about itself cannot be turned off.
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "3";
  if (device === "cpu") process.env["CUDA_VISIBLE_DEVICES"] ??= "-1";
  if (threads !== undefined) {
    process.env["TF_NUM_INTRAOP_THREADS"] = String(threads);
    process.env["TF_NUM_INTEROP_THREADS"] = "1";
  }
  // The package calls a function that Node 23 took away.
  if (!("isNullOrUndefined" in util)) {
    Object.defineProperty(util, "isNullOrUndefined", {
      configurable: true,
      value: (value: unknown) => value === null || value === undefined,
    });
  }
}

/** Threads that libtensorflow takes. */
export function nativeThreads(): number {
  const set = Number(process.env["TF_NUM_INTRAOP_THREADS"]);
  return Number.isInteger(set) && set > 0 ? set : availableParallelism();
}

function required(engine: TfjsEngineName, name: string): Tfjs {
  const require = requireFor(name);
  if (require === null) throw missing(engine, `the package ${name} is not installed`);
  let found: unknown;
  try {
    found = require(name);
  } catch (problem) {
    throw missing(engine, reasonOf(name, problem));
  }
  if (!isTfjs(found)) throw missing(engine, `${name} is not the package that is meant`);
  return found;
}

function missing(engine: TfjsEngineName, reason: string): DiagnosticError {
  return new DiagnosticError([report(engineNotInstalled, { engine, reason }, { help: mending(engine) })]);
}

/** npm leaves install scripts out where it is told to, and these bring the binding: hence the second command. */
function mending(engine: TfjsEngineName): string {
  const line = `install it with \`${installation(engine)}\``;
  return engine === "tfjs"
    ? line
    : `${line}; where the binding it brings cannot be used, docs/engines.md tells how to build one`;
}

/** One line of why a package that is there does not load. */
function reasonOf(name: string, problem: unknown): string {
  const text = problem instanceof Error ? problem.message : String(problem);
  if (/native addon module.*can ?not be found/is.test(text)) return `${name} is installed without its binding`;
  return `the binding of ${name} does not load: ${text.split("\n")[0]}`;
}

function isTfjs(found: unknown): found is Tfjs {
  return (
    typeof found === "object" &&
    found !== null &&
    ["matMul", "tensor", "engine", "setBackend", "version"].every((name) => name in found)
  );
}

function computesOnGpu(tf: Tfjs): boolean {
  const backend: unknown = tf.backend();
  return hasKey(backend, "isUsingGpuDevice") && backend.isUsingGpuDevice === true;
}

function libraryVersion(tf: Tfjs): string | null {
  const backend: unknown = tf.backend();
  if (!hasKey(backend, "binding") || !hasKey(backend.binding, "TF_Version")) return null;
  return String(backend.binding.TF_Version);
}

function hasKey<K extends string>(value: unknown, key: K): value is Record<K, unknown> {
  return typeof value === "object" && value !== null && key in value;
}
