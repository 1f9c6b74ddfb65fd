import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { deviceUnknown, engineNotBuilt, engineUnknown } from "../../compiler/diagnostics/engines.ts";
import type { Engine } from "./engine.ts";

export interface EngineChoice {
  /** `onnx` where absent. */
  readonly engine?: string;
  /** `cpu` where absent. */
  readonly device?: string;
  readonly threads?: number;
}

/** Engines of the manual that a later version runs. */
export const NOT_BUILT: readonly string[] = ["tfjs-node-gpu", "tfjs-node", "tfjs"];

/** Opens an engine by name; its package is loaded here and not before. Throws a DiagnosticError where it cannot be had. */
export async function openEngine(choice: EngineChoice = {}): Promise<Engine> {
  const engine = choice.engine ?? "onnx";
  if (NOT_BUILT.includes(engine)) throw new DiagnosticError([report(engineNotBuilt, { engine })]);
  if (engine !== "onnx") {
    throw new DiagnosticError([report(engineUnknown, { engine, known: ["onnx", ...NOT_BUILT] })]);
  }
  const device = choice.device ?? "cpu";
  if (device !== "cpu") throw new DiagnosticError([report(deviceUnknown, { engine, device, known: ["cpu"] })]);
  const { createOnnxEngine } = await import("./onnx.ts");
  return createOnnxEngine({ threads: choice.threads });
}
