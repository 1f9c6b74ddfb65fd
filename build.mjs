/**
 * Builds what users run: `dist/mtlc.js` (the command) and `dist/index.js` (the library), bundled so that starting the
 * command loads few small files; the engine stays outside and loads when it is needed. Declarations go to `dist/types`.
 */
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL(".", import.meta.url)));
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
rmSync("dist", { recursive: true, force: true });
const { metafile } = await build({
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
  legalComments: "none",
  external: ["onnxruntime-node"],
  define: { MTLC_VERSION: JSON.stringify(version) },
  chunkNames: "chunks/[name]-[hash]",
  metafile: true,
});
chmodSync("dist/mtlc.js", 0o755);
cpSync("src/templates", "dist/templates", { recursive: true });
writeFileSync("dist/licences.txt", licencesOf(Object.keys(metafile.inputs)));
declarations();
linkCommand();

/** What the bundled packages ask to be told with them: name, version and licence of each. */
function licencesOf(files) {
  const folders = new Set(files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]).filter(Boolean));
  const texts = [...folders].sort().map((folder) => {
    const { name, version: bundled, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} comes without the text of its licence`);
    return `${name} ${bundled} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

function declarations() {
  const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
  const tsc = join(typescript, "../bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: "inherit" });
}

/** npm links no package's command into that package itself; with this link `npx mtlc` starts at once in a clone. */
function linkCommand() {
  const link = "node_modules/.bin/mtlc";
  if (process.platform === "win32" || !existsSync("node_modules/.bin")) return;
  rmSync(link, { force: true });
  symlinkSync("../../dist/mtlc.js", link);
}
