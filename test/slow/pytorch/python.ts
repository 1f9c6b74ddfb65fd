import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const cache = fileURLToPath(new URL("../../../.cache/pytorch", import.meta.url));

/** A Python that has PyTorch, or why there is none. */
export type Python = { readonly path: string } | { readonly path: null; readonly reason: string };

async function hasTorch(path: string): Promise<boolean> {
  try {
    await run(path, ["-c", "import torch; torch.zeros(1)"], { timeout: 120_000 });
    return true;
  } catch {
    return false;
  }
}

/**
 * The Python that `MTLC_TORCH_PYTHON` names, or else one in `.cache/pytorch`, which is made and given torch at the first call
 * (some minutes, a large download).
 */
export async function pythonWithTorch(): Promise<Python> {
  const named = process.env.MTLC_TORCH_PYTHON;
  if (named) {
    if (await hasTorch(named)) return { path: named };
    return { path: null, reason: `MTLC_TORCH_PYTHON is ${named}, and that cannot import torch` };
  }
  const path = join(cache, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  if (existsSync(path) && (await hasTorch(path))) return { path };
  try {
    // What an earlier installation left unfinished is of no use.
    rmSync(cache, { recursive: true, force: true });
    mkdirSync(cache, { recursive: true });
    await run("python3", ["-m", "venv", cache], { timeout: 120_000 });
    await run(path, ["-m", "pip", "install", "--quiet", "torch", "numpy"], { timeout: 840_000 });
  } catch (error) {
    const said = error instanceof Error ? error.message.trim().split("\n").at(-1) : String(error);
    return { path: null, reason: `Python with torch cannot be installed here: ${said}` };
  }
  return (await hasTorch(path)) ? { path } : { path: null, reason: "torch was installed and cannot be imported" };
}
