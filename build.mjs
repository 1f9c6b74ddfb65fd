/**
 * Builds what users run: `dist/mtlc.cjs` starts the command, which is one script (`dist/cli/run.cjs`) so that V8's cache
 * of it can come along; `dist/index.js` is the library, `dist/browser.js` what of it runs in a browser, with declarations in
 * `dist/types`. Packages that users install stay outside and load when they are needed.
 *
 * npm runs it in a clone after `npm ci` (its script `dependencies`, which a package that is installed does not run, so that
 * nobody is asked to allow it), and before the package is packed.
 */
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL(".", import.meta.url)));
const { version, dependencies, peerDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
rmSync("dist", { recursive: true, force: true });
const settings = {
  bundle: true,
  platform: "node",
  target: "node20",
  sourcemap: "linked",
  legalComments: "none",
  external: Object.keys({ ...dependencies, ...peerDependencies }),
  define: { MTLC_VERSION: JSON.stringify(version) },
  metafile: true,
};
const library = await build({
  ...settings,
  entryPoints: { index: "src/index.ts", runtime: "src/runtime.ts" },
  format: "esm",
  splitting: true,
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
});
// Without Node: whatever of it is reached fails the build.
const browser = await build({
  ...settings,
  entryPoints: { browser: "src/browser.ts" },
  platform: "browser",
  target: "es2023",
  external: [],
  format: "esm",
  outdir: "dist",
});
// Small, because every start of the command reads it. The library stays as it is written: Node shows the line that throws.
const script = { ...settings, minify: true, format: "cjs", outdir: "dist", outExtension: { ".js": ".cjs" } };
await build({ ...script, entryPoints: { mtlc: "src/mtlc.ts", "cli/load-module": "runtime/data/load-module.ts" } });
const command = await build({
  ...script,
  entryPoints: { "cli/run": "src/cli/run.ts" },
  define: { ...script.define, "import.meta.url": "moduleUrl" },
  banner: { js: 'const moduleUrl = require("node:url").pathToFileURL(__filename).href;' },
  // What a script from V8's code cache must not do itself.
  supported: { "dynamic-import": false },
  plugins: [outside(/\/load-module\.ts$/, "./load-module.cjs")],
});
chmodSync("dist/mtlc.cjs", 0o755);
await writeSources();
cpSync("src/templates", "dist/templates", { recursive: true });
writeFileSync(
  "dist/licences.txt",
  licencesOf([library, browser, command].flatMap(({ metafile }) => Object.keys(metafile.inputs))),
);
const models = ["src/templates/table", "src/templates/image"].map((folder) => `${folder}/model.mtl`);
models.push(...readdirSync("examples").map((name) => `examples/${name}/${name}.mtl`));
run("pipe", "build-code-cache.mjs", resolve("dist/cli/run.cjs"), "dist/cli/run.cache", ...models);
run("inherit", join(packageFolder("typescript"), "bin/tsc"), "-p", "tsconfig.build.json");

/** The sources of `mtlc/runtime` as modules take them in (`mtlc compile --standalone`), and of what loaders of graphs do. */
async function writeSources() {
  const path = "dist/roll-up.mjs";
  await build({
    stdin: {
      contents: `export * from "./src/typescript/roll-up.ts"; export * from "./src/typescript/ts-morph.ts"; export { entries } from "./src/typescript/runtime-source.ts";`,
      resolveDir: ".",
    },
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    outfile: path,
  });
  const { entries, loadMorph, rollUp } = await import(resolve(path));
  for (const { entry, file } of Object.values(entries))
    writeFileSync(join("dist", file), JSON.stringify(rollUp(await loadMorph(), resolve("."), entry)));
  rmSync(path);
}

/** Leaves a file out of a bundle, to be loaded from where the build puts it. */
function outside(filter, path) {
  return { name: "outside", setup: ({ onResolve }) => onResolve({ filter }, () => ({ path, external: true })) };
}

function run(stdio, ...words) {
  execFileSync(process.execPath, words, { stdio });
}

function packageFolder(name) {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
}

/** What the bundled packages ask to be told with them: names, versions and the text of their licence. */
function licencesOf(files) {
  const folders = new Set(files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]).filter(Boolean));
  const packages = new Map();
  for (const folder of [...folders].sort()) {
    const { name, version: bundled, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} comes without the text of its licence`);
    const text = readFileSync(join(folder, file), "utf8").trim();
    packages.set(text, [...(packages.get(text) ?? []), `${name} ${bundled} (${license})`]);
  }
  return [...packages].map(([text, names]) => `${names.join("\n")}\n\n${text}\n`).join(`\n${"-".repeat(80)}\n\n`);
}
