import { build } from "esbuild";

/** Programs of `bench/steps` as scripts of a folder from which the engine's package is found. */
export async function bundle(entryPoints, outdir) {
  await build({
    entryPoints,
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["onnxruntime-node"],
    define: { MTLC_VERSION: JSON.stringify("bench") },
    logLevel: "error",
  });
}
