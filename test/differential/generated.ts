import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll } from "vitest";
import { infoOf, variablesOf } from "../../runtime/generated/network.ts";
import { exportModel } from "../../src/project/export-typescript.ts";
import type { ModelSource } from "../../src/project/sources.ts";
import type { Trace } from "./trace.ts";

/** Generated modules, written beside the packages that they import, and run. */

const base = mkdtempSync(join(tmpdir(), "mtlc-generated-"));
symlinkSync(resolve("node_modules"), join(base, "node_modules"));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let modules = 0;

interface Step {
  readonly losses: Readonly<Record<string, number>>;
  readonly factors: Readonly<Record<string, number>>;
  readonly network: { readonly weights: object };
}

export interface GeneratedModule {
  train(options: { seed?: number; from?: string; onStep?: (event: Step) => void }): Promise<{ weights: object }>;
}

/** The text of a model's module, which imports its runtime from the sources beside it. */
export async function moduleText(source: ModelSource): Promise<string> {
  const written = await exportModel(source, {
    out: join(source.folder, "module.ts"),
    javascript: false,
    runtime: resolve("src/runtime.ts"),
  });
  const [text] = written.values();
  return text;
}

/** Loads a module's text; a mark of the caller's own in it shows that it is the one that ran. */
export async function loadModule(text: string): Promise<GeneratedModule> {
  const folder = join(base, String(modules++));
  mkdirSync(folder);
  const path = join(folder, "module.ts");
  writeFileSync(path, text.replace(/\/\/# sourceMappingURL=.*\n/, ""));
  const loaded: unknown = await import(pathToFileURL(path).href);
  if (!isModule(loaded)) throw new Error("the module exports no `train`");
  return loaded;
}

function isModule(value: unknown): value is GeneratedModule {
  return typeof value === "object" && value !== null && "train" in value && typeof value.train === "function";
}

class Enough extends Error {}

/** Takes so many steps from the start, and notes all that comes of each. */
export async function traceOfModule(module: GeneratedModule, source: ModelSource, steps: number): Promise<Trace> {
  const losses: Record<string, number>[] = [];
  const weights: Map<string, Float32Array>[] = [];
  const onStep = (event: Step): void => {
    losses.push({ ...event.losses });
    weights.push(
      new Map(
        variablesOf(event.network.weights).map((variable) => {
          const { name, fixed } = infoOf(variable);
          return [`${fixed ? "statistic" : "parameter"}/${name}`, Float32Array.from(variable.dataSync())];
        }),
      ),
    );
    if (losses.length === steps) throw new Enough();
  };
  await module.train({ from: `${resolve(source.folder)}/`, onStep }).catch((error: unknown) => {
    if (!(error instanceof Enough)) throw error;
  });
  return { losses, weights };
}

/** The folder that a file's data paths are relative to. */
export function folderOf(file: string): string {
  return dirname(resolve(file));
}
