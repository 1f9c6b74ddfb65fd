import { compile } from "../../compiler/compile.ts";
import { emitTypeScript, Unsupported } from "../../compiler/emit/typescript/index.ts";
import { registry } from "../../compiler/registry/index.ts";
import { randomProgram } from "./program.ts";

/** Writes the program of a seed as a module, sizes that only data tell and all. Says what it cannot be made of, or null. */
export function emitRandom(seed: number): string | null {
  const { text } = randomProgram(seed);
  const { model } = compile(text);
  if (model === null) throw new Error(`seed ${seed} has a mistake\n${text}`);
  try {
    emitTypeScript(model, registry, {
      version: "0",
      hash: "0x0",
      file: "random.mtl",
      runtime: "mtlc/runtime",
      relocate: (path) => path,
      trained: null,
    });
    return null;
  } catch (error) {
    if (error instanceof Unsupported) return error.message;
    throw new Error(`MTLC_PROPERTY_SEED=${seed}: ${String(error)}\n\n${text}`, { cause: error });
  }
}
