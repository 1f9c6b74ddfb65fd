/**
 * Builds what users run: `dist/mtlc.js` (the command) and `dist/index.js` (the library), bundled so that starting the
 * command loads one small file; engines and other heavy packages stay outside and load when they are needed.
 */
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
rmSync("dist", { recursive: true, force: true });
await build({
  entryPoints: { mtlc: "src/mtlc.ts", index: "src/index.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  minify: true,
  keepNames: true,
  sourcemap: "linked",
  legalComments: "linked",
  external: ["onnxruntime-node", "papaparse", "fflate"],
  define: { MTLC_VERSION: JSON.stringify(version) },
  chunkNames: "chunks/[name]-[hash]",
});
chmodSync("dist/mtlc.js", 0o755);
cpSync("src/templates", "dist/templates", { recursive: true });
const tsc = createRequire(import.meta.url)
  .resolve("typescript/package.json")
  .replace("package.json", "bin/tsc");
execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: "inherit" });
