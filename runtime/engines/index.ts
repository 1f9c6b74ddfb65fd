import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { deviceUnknown, engineUnknown } from "../../compiler/diagnostics/engines.ts";
import type { Engine } from "./engine.ts";
import { engineMeant, remedyFor } from "./meant.ts";
import { checkThreads } from "./threads.ts";

export interface EngineChoice {
  /** Where absent: `tfjs-node-gpu` where it is installed and computes on a GPU, else `onnx`. */
  readonly engine?: string;
  /** The engine's first where absent. */
  readonly device?: string;
  readonly threads?: number;
}

/** Every engine with its devices, the one it takes by itself first. */
export const ENGINES = {
  onnx: ["cpu", "webgpu", "cuda"],
  "tfjs-node-gpu": ["cuda", "cpu"],
  "tfjs-node": ["cpu"],
  tfjs: ["cpu", "webgpu"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type EngineName = keyof typeof ENGINES;

/**
 * Opens an engine by name; its package is loaded here and not before. Throws a DiagnosticError where the engine or the device
 * that was asked for cannot be had.
 */
export async function openEngine(choice: EngineChoice = {}): Promise<Engine> {
  const { threads } = choice;
  const engine = choice.engine ?? "onnx";
  checkThreads(threads);
  switch (engine) {
    case "onnx": {
      const device = deviceOf(engine, choice.device);
      if (choice.engine === undefined && choice.device === undefined) {
        const found = await engineOfGpu(threads);
        if (found) return found;
      }
      const { createOnnxEngine } = await import("./onnx.ts");
      return createOnnxEngine({ threads, device });
    }
    case "tfjs":
    case "tfjs-node":
    case "tfjs-node-gpu": {
      const device = deviceOf(engine, choice.device);
      const { createTfjsEngine } = await import("./tfjs/index.ts");
      return createTfjsEngine(engine, { threads, device });
    }
    default:
      throw new DiagnosticError([
        report(engineUnknown, { engine, known: Object.keys(ENGINES) }, { help: engineMeant(engine, ENGINES) }),
      ]);
  }
}

function deviceOf<E extends EngineName>(engine: E, device: string | undefined): (typeof ENGINES)[E][number] {
  const known: readonly (typeof ENGINES)[E][number][] = ENGINES[engine];
  const found = device === undefined ? known[0] : known.find((name) => name === device);
  if (found === undefined) {
    throw new DiagnosticError([
      report(
        deviceUnknown,
        { engine, device: String(device), known },
        { help: remedyFor(engine, String(device), ENGINES) },
      ),
    ]);
  }
  return found;
}

/** The engine for CUDA where its package is installed and really reports a GPU; looking for it costs nothing elsewhere. */
async function engineOfGpu(threads: number | undefined): Promise<Engine | null> {
  const { isInstalled } = await import("./tfjs/packages.ts");
  if (!isInstalled("tfjs-node-gpu")) return null;
  const { createTfjsEngine } = await import("./tfjs/index.ts");
  try {
    return await createTfjsEngine("tfjs-node-gpu", { threads, device: "cuda", reason: "it reports a GPU" });
  } catch (problem) {
    if (problem instanceof DiagnosticError) return null;
    throw problem;
  }
}
