import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { build } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import { exportRun } from "../../src/project/export-typescript.ts";
import { expectSameAnswers } from "../src/expect-same-answers.ts";
import { cases, exported } from "../src/exported.ts";
import { findChromium, outcomeOf, type Content } from "./browser/chromium.ts";
import { pack } from "./package.ts";

/**
 * The packed library in headless Chromium: bundled for a browser without anything in Node's place, it checks files, and answers as
 * `mtlc predict` does through TensorFlow.js, and through the exported graph with its loader over onnxruntime-web. So does the generated
 * module of a run.
 */
const chromium = findChromium();
if (chromium === null) console.warn("The browser is not tested: Chromium is not here and cannot be installed");

const web = resolve(".cache/onnxruntime-web");

/** Installs onnxruntime-web where it is not kept already; false where it cannot be had. */
function prepareRuntime(): boolean {
  if (existsSync(join(web, "ready"))) return true;
  mkdirSync(web, { recursive: true });
  writeFileSync(join(web, "package.json"), "{}");
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  const wanted = `onnxruntime-web@${dependencies["onnxruntime-node"]}`;
  try {
    execFileSync("npm", ["install", "--no-audit", "--no-fund", wanted], { cwd: web, stdio: "ignore" });
  } catch {
    console.warn("The browser is not tested: onnxruntime-web cannot be installed");
    return false;
  }
  writeFileSync(join(web, "ready"), "");
  return true;
}

const folder = mkdtempSync(resolve("node_modules/.browser-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The package as it would be installed, in the folder's `node_modules`. */
function unpack(): void {
  execFileSync("tar", ["-xzf", pack(folder)], { cwd: folder });
  // A package of its own: what is around it is ours.
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  mkdirSync(join(folder, "node_modules"));
  renameSync(join(folder, "package"), join(folder, "node_modules/mtlc"));
}

/** The generated module of a run, with its weights, importing TensorFlow.js alone. */
async function writeModule(run: string): Promise<void> {
  const options = { out: join(folder, "penguins-module.ts"), javascript: true, standalone: true, alone: true };
  for (const [path, text] of await exportRun(run, options)) if (path.endsWith(".mjs")) writeFileSync(path, text);
  const types = "export function predict(rows: readonly never[]): Promise<unknown[]>;";
  writeFileSync(join(folder, "penguins-module.d.mts"), types);
}

const forBrowsers = { bundle: true, platform: "browser", format: "esm", write: false } as const;

const types: Readonly<Record<string, string>> = {
  ".mjs": "text/javascript",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

describe.skipIf(chromium === null || !prepareRuntime())("in Chromium", () => {
  it("checks, and predicts through TensorFlow.js and onnxruntime-web", async () => {
    unpack();
    const runs = new Map<string, string>();
    const expected = new Map<string, readonly unknown[]>();
    for (const example of cases) {
      const { loader, answers, file } = await exported(example, folder);
      runs.set(example.name, file);
      expected.set(example.name, answers);
      writeFileSync(join(folder, `${example.name.replaceAll(" ", "-")}.ts`), loader);
    }
    copyFileSync("test/slow/browser/page.ts", join(folder, "page.ts"));
    await writeModule(dirname(runs.get("penguins") ?? ""));

    const tsc = resolve("node_modules/typescript/bin/tsc");
    const paths = { "onnxruntime-web": [join(web, "node_modules/onnxruntime-web/types.d.ts")] };
    const compilerOptions = {
      ...{ strict: true, noEmit: true, noUnusedLocals: true, noUncheckedIndexedAccess: true, skipLibCheck: true },
      ...{ module: "esnext", moduleResolution: "bundler", target: "es2023", lib: ["es2023", "dom"], types: [] },
      ...{ allowImportingTsExtensions: true, paths },
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["page.ts"] }));
    expect(spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" }).stdout).toBe("");

    const { outputFiles } = await build({
      ...forBrowsers,
      entryPoints: [join(folder, "page.ts")],
      nodePaths: [join(web, "node_modules")],
      logLevel: "error",
    });
    const [{ contents: script }] = outputFiles;

    const contentOf = (path: string): Content | null => {
      if (path === "/")
        return { type: "text/html", body: '<!doctype html><script type="module" src="/page.js"></script>' };
      if (path === "/page.js") return { type: "text/javascript", body: script };
      if (path === "/examples.json")
        return {
          type: "application/json",
          body: JSON.stringify(cases.map(({ name, rows, columns }) => ({ name, rows, columns }))),
        };
      const [, kind, ...rest] = path.split("/");
      if (kind === "ort") {
        const file = join(web, "node_modules/onnxruntime-web/dist", ...rest);
        return existsSync(file) ? { type: types[extname(file)] ?? "", body: readFileSync(file) } : null;
      }
      const graph = kind === "runs" ? runs.get(rest[0]) : undefined;
      if (graph === undefined) return null;
      const file = rest[1] === "graph.onnx" ? graph : join(dirname(graph), rest[1]);
      return { type: "application/octet-stream", body: readFileSync(file) };
    };
    const outcome = await outcomeOf(chromium ?? "", contentOf);
    expect(outcome).toMatchObject({ node: "undefined", sound: "Penguins", imported: [] });
    expect(outcome).toMatchObject({ broken: [{ code: "MTL2002", fixes: [{ edits: [{ text: "dense" }] }] }] });
    if (typeof outcome !== "object" || outcome === null || !("answers" in outcome)) throw new Error("no answers");
    const answers = new Map<string, object>(Object.entries(outcome.answers ?? {}));
    for (const [name, wanted] of expected) {
      const found = Object.entries(answers.get(name) ?? {});
      const ways = ["tfjs", "webgl", "onnxruntime", ...(name === "penguins" ? ["module"] : [])];
      expect(found.map(([way]) => way)).toEqual(ways);
      for (const [way, list] of found) expectSameAnswers(list, wanted, `${name} by ${way}`);
    }
  });

  it("is what a bundler for browsers takes for `mtlc`", async () => {
    const stdin = { contents: 'export { compile, load } from "mtlc";', resolveDir: folder };
    const { metafile } = await build({ ...forBrowsers, metafile: true, stdin, logLevel: "error" });
    const taken = Object.keys(metafile.inputs).filter((path) => path !== "<stdin>");
    expect(taken).toEqual([expect.stringMatching(/node_modules\/mtlc\/dist\/browser\.js$/)]);
    const lacking = { contents: 'export { train } from "mtlc";', resolveDir: folder };
    await expect(build({ ...forBrowsers, stdin: lacking, logLevel: "silent" })).rejects.toThrow(
      /No matching export .* "train"/,
    );
  });
});
