import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { deviceUnknown, engineUnknown } from "../../compiler/diagnostics/engines.ts";
import type { Engine } from "./engine.ts";
import { engineMeant, remedyFor } from "./meant.ts";
import { checkThreads } from "./threads.ts";

export interface EngineChoice {
  /** Where absent: `tfjs-node-gpu` where it is installed beside the program and computes on a GPU, else `onnx`. */
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
      const isOpen = choice.engine === undefined && choice.device === undefined;
      const found: GpuEngine = isOpen ? await engineOfGpu(threads) : { engine: null };
      if (found.engine) return found.engine;
      const { createOnnxEngine } = await import("./onnx.ts");
      return createOnnxEngine({ threads, device, reason: found.reason });
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

interface GpuEngine {
  readonly engine: Engine | null;
  /** Why it is not taken where it is there. */
  readonly reason?: string;
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

/**
 * The engine for CUDA where its package is installed beside the program and really reports a GPU; looking for it costs nothing
 * elsewhere. Loading a package runs it: one of the folder that the program happens to be started in, which may be anybody's, has
 * to be asked for, and so that is the reason why another engine is taken.
 */
async function engineOfGpu(threads: number | undefined): Promise<GpuEngine> {
  const { foundInWorkingFolder, isInstalled } = await import("./tfjs/packages.ts");
  if (!isInstalled("tfjs-node-gpu")) return { engine: null };
  const foreign = foundInWorkingFolder("tfjs-node-gpu", "cuda");
  if (foreign !== null)
    return { engine: null, reason: `${foreign} of the current folder is loaded with --engine tfjs-node-gpu only` };
  const { createTfjsEngine } = await import("./tfjs/index.ts");
  try {
    return { engine: await createTfjsEngine("tfjs-node-gpu", { threads, device: "cuda", reason: "it reports a GPU" }) };
  } catch (problem) {
    if (problem instanceof DiagnosticError) return { engine: null };
    throw problem;
  }
}
