import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll } from "vitest";

/** Scripts of the project in processes of their own, which may be killed or interrupted. */

const root = join(import.meta.dirname, "../..");

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** Sees all that a script has printed so far, and may signal it. */
export type Watch = (printed: string, signal: (name: NodeJS.Signals) => void) => void;

export interface Scripts {
  /** An empty folder, gone after the tests: where the scripts run. */
  readonly base: string;
  started(name: string, words: readonly string[], watch?: Watch): Promise<Ended>;
}

/** Bundles files of the project before the tests: by name, the path from the project's root. */
export function scripts(files: Readonly<Record<string, string>>): Scripts {
  const base = mkdtempSync(join(tmpdir(), "mtlc-processes-"));
  afterAll(() => rmSync(base, { recursive: true, force: true }));
  beforeAll(async () => {
    symlinkSync(join(root, "node_modules"), join(base, "node_modules"));
    await build({
      entryPoints: Object.fromEntries(Object.entries(files).map(([name, path]) => [name, join(root, path)])),
      outdir: base,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      format: "esm",
      platform: "node",
      external: ["onnxruntime-node"],
      define: { MTLC_VERSION: '"0.0.0"' },
      logLevel: "error",
    });
  });
  return {
    base,
    started(name, words, watch = () => {}) {
      const script = join(base, `${name}.mjs`);
      const child = spawn(process.execPath, [script, ...words], { cwd: base, stdio: ["ignore", "pipe", "pipe"] });
      let [out, err] = ["", ""];
      const look = (): void => watch(out + err, (signal) => child.kill(signal));
      child.stdout.on("data", (text) => ((out += text), look()));
      child.stderr.on("data", (text) => ((err += text), look()));
      return new Promise((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code, signal) => resolve({ code, signal, out, err }));
      });
    },
  };
}
