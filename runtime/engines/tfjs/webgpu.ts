import { pathToFileURL } from "node:url";
import { DiagnosticError, report } from "../../../compiler/diagnostics/diagnostic.ts";
import { deviceNotHad } from "../../../compiler/diagnostics/engines.ts";
import { loadModule } from "../../data/load-module.ts";
import { NO_ADAPTER } from "../adapters.ts";
import type { Tfjs } from "./arguments.ts";
import { requireFor, WEBGPU, WEBGPU_INSTALLATION } from "./packages.ts";

/**
 * WebGPU for TensorFlow.js: its backend looks for `navigator.gpu` and the names of WebGPU among the globals, as in a browser.
 * Node has neither; the package `webgpu` brings both. Throws a DiagnosticError where a package or a card is missing.
 */
export async function addWebgpu(tf: Tfjs): Promise<void> {
  const gpu = navigatorGpu() ?? (await installGpu());
  if ((await gpu.requestAdapter()) === null) throw notHad(NO_ADAPTER.reason, NO_ADAPTER.help);
  const require = requireFor(WEBGPU.backend);
  if (require === null) throw notInstalled(WEBGPU.backend);
  require(WEBGPU.backend);
  if (tf.engine().registryFactory["webgpu"] === undefined)
    throw notHad(
      `${WEBGPU.backend} stands beside another TensorFlow.js`,
      `install both anew with \`${WEBGPU_INSTALLATION}\``,
    );
}

interface Gpu {
  requestAdapter(): Promise<unknown>;
}

function navigatorGpu(): Gpu | null {
  const browser: unknown = Reflect.get(globalThis, "navigator");
  if (typeof browser !== "object" || browser === null || !("gpu" in browser)) return null;
  return isGpu(browser.gpu) ? browser.gpu : null;
}

async function installGpu(): Promise<Gpu> {
  const require = requireFor(WEBGPU.adapters);
  if (require === null) throw notInstalled(WEBGPU.adapters);
  let found: unknown;
  try {
    found = await loadModule(pathToFileURL(require.resolve(WEBGPU.adapters)).href);
  } catch (problem) {
    const text = problem instanceof Error ? problem.message : String(problem);
    throw notHad(`the package ${WEBGPU.adapters} does not load: ${text.split("\n")[0]}`, undefined);
  }
  const gpu: unknown = isAdapters(found) ? found.create([]) : null;
  if (!isAdapters(found) || !isGpu(gpu)) throw notHad(`${WEBGPU.adapters} is not the package that is meant`, undefined);
  Object.assign(globalThis, found.globals);
  const browser: unknown = Reflect.get(globalThis, "navigator");
  if (typeof browser === "object" && browser !== null)
    Object.defineProperty(browser, "gpu", { configurable: true, value: gpu });
  else Object.defineProperty(globalThis, "navigator", { configurable: true, value: { gpu, userAgent: "" } });
  return gpu;
}

function isGpu(value: unknown): value is Gpu {
  return typeof value === "object" && value !== null && "requestAdapter" in value;
}

function isAdapters(found: unknown): found is { create(options: readonly string[]): unknown; globals: object } {
  return typeof found === "object" && found !== null && "create" in found && "globals" in found;
}

function notInstalled(name: string): DiagnosticError {
  return notHad(`the package ${name} is not installed`, `install what it needs with \`${WEBGPU_INSTALLATION}\``);
}

function notHad(reason: string, help: string | undefined): DiagnosticError {
  return new DiagnosticError([report(deviceNotHad, { engine: "tfjs", device: "webgpu", reason }, { help })]);
}
