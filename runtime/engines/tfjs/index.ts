import type { Engine } from "../engine.ts";
import { TfjsEngine } from "./engine.ts";
import { loadTfjs, nativeThreads, type TfjsDevice } from "./loading.ts";
import type { TfjsEngineName } from "./packages.ts";

/** TensorFlow.js by one of its packages, as the command line and the library of Node open it. */
export interface TfjsEngineOptions {
  readonly device: TfjsDevice;
  /** Threads of libtensorflow; the first engine of a process decides. Plain JavaScript has one. */
  readonly threads?: number;
  /** Why this engine. */
  readonly reason?: string;
}

export async function createTfjsEngine(engine: TfjsEngineName, options: TfjsEngineOptions): Promise<Engine> {
  const { device, threads, reason = "asked for" } = options;
  const loaded = await loadTfjs({ engine, device, threads });
  return new TfjsEngine(loaded, {
    name: engine,
    device,
    threads: engine === "tfjs" ? 1 : nativeThreads(),
    reason,
    version: `${loaded.package} ${loaded.tf.version.tfjs}${loaded.library === null ? "" : `, libtensorflow ${loaded.library}`}`,
  });
}
