import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { TFJS_VERSION } from "../../runtime/engines/tfjs/packages.ts";

/**
 * `@tensorflow/tfjs-node` with a binding of our own, after the recipe of `docs/engines.md`: the published one is downloaded
 * from elsewhere and bound to an old TensorFlow; this one is compiled against the libraries in the wheel of `tensorflow-cpu`.
 * Kept in `.cache`.
 */
const cache = resolve(".cache/tfjs-node");

/** What is needed to build it and is not there. */
export function missingTools(): string[] {
  const tools = ["g++", "make", "python3"].filter((tool) => !answers(tool, ["--version"]));
  return headersFolder() === null ? [...tools, "headers of Node"] : tools;
}

function answers(tool: string, args: readonly string[]): boolean {
  try {
    execFileSync(tool, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** The folder above `include/node`. */
function headersFolder(): string | null {
  const folders = [dirname(dirname(process.execPath)), "/usr", "/usr/local"];
  return folders.find((folder) => existsSync(join(folder, "include/node/node_api.h"))) ?? null;
}

/** Builds it if it is not there; the folder of packages that holds it. */
export function buildTfjsNode(): string {
  const packages = join(cache, "node_modules");
  const home = join(packages, "@tensorflow/tfjs-node");
  if (existsSync(join(cache, "built"))) return packages;
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const run = (command: string, args: readonly string[], cwd = cache): string =>
    execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 });

  run("python3", ["-m", "venv", "python"]);
  const python = join(cache, "python/bin/python");
  run(python, ["-m", "pip", "install", "--quiet", "tensorflow-cpu==2.21.0"]);
  const where = "import importlib.util as u; print(u.find_spec('tensorflow').origin)";
  const wheel = dirname(run(python, ["-c", where]).trim());

  writeFileSync(join(cache, "package.json"), "{}");
  run("npm", ["install", `@tensorflow/tfjs-node@${TFJS_VERSION}`, "--ignore-scripts", "--no-audit", "--no-fund"]);
  const libraries = join(home, "deps/lib");
  mkdirSync(libraries, { recursive: true });
  symlinkSync(join(wheel, "include"), join(home, "deps/include"));
  for (const [file, name] of [
    ["libtensorflow_cc.so.2", "libtensorflow.so"],
    ["libtensorflow_framework.so.2", "libtensorflow_framework.so"],
    ["libtensorflow_cc.so.2", "libtensorflow_cc.so.2"],
    ["libtensorflow_framework.so.2", "libtensorflow_framework.so.2"],
  ]) {
    symlinkSync(join(wheel, file), join(libraries, name));
  }
  const build = ["--no-install", "node-pre-gyp", "install", "--build-from-source", `--nodedir=${headersFolder()}`];
  run("npx", build, home);
  writeFileSync(join(cache, "built"), "");
  return packages;
}
