import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Packs the package into a folder; the path of the archive. */
export function pack(to: string): string {
  const root = join(import.meta.dirname, "../..");
  execFileSync("npm", ["pack", "--silent", "--pack-destination", to], { cwd: root, stdio: "pipe" });
  const [archive] = readdirSync(to).filter((name) => name.endsWith(".tgz"));
  return join(to, archive);
}

/** Installs as the README tells people without a network: the processor's runtime comes with the package. */
export function install(folder: string, ...packages: readonly string[]): void {
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" };
  const words = ["install", "--prefer-offline", "--no-audit", "--no-fund", ...packages];
  execFileSync("npm", words, { cwd: folder, env, stdio: "pipe" });
}
