/**
 * How long what is large takes to be checked, told and made into a module: names that nobody declared, long names, deep
 * networks, a long line. The compiler is bundled first. Run it with `node bench/checking.mjs`; exits with 1 where a limit is passed.
 */
import { build } from "esbuild";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const folder = mkdtempSync(join(tmpdir(), "mtlc-checking-"));
let late = false;
try {
  const outfile = join(folder, "compiler.mjs");
  const root = join(import.meta.dirname, "..");
  const contents = `export { compile } from "./compiler/compile.ts"; export { renderDiagnostics } from "./src/render/diagnostics.ts";
export { createBuilder } from "./compiler/graph/create.ts"; export { gradients } from "./compiler/graph/gradients.ts";`;
  const stdin = { contents, resolveDir: root, loader: "ts" };
  await build({ stdin, outfile, bundle: true, format: "esm", platform: "node", logLevel: "error" });
  const { compile, renderDiagnostics, createBuilder, gradients } = await import(pathToFileURL(outfile).href);
  compile(file("x -> dense(8)"));

  const settings = file(`x -> dense(8, ${named(8000, (name, k) => `${name}: ${k}`).join(", ")})`);
  const inputs = named(2000, (name) => `input ${name}: f32`).join("\n");
  const long = (letter) => named(40, (name) => letter.repeat(16_000) + name);
  const declared = long("a").map((name) => `input ${name}: f32`);
  const steps = Array.from({ length: 500 }, (_, k) => `shared t${k + 1} = ${k === 0 ? "x" : `t${k}`} -> dense(8)`);
  const doubled = Array.from({ length: 40 }, (_, k) => `block b${k + 1}(v) { return v -> b${k} -> b${k} }`);
  timed("8,000 unknown settings of one call", 2000, () => compile(settings));
  timed("8,000 unknown names beside 2,000 inputs", 1500, () =>
    compile(
      file(
        `concat(${named(8000)
          .map((name) => `${name}z`)
          .join(", ")})`,
        inputs,
      ),
    ),
  );
  timed("40 unknown names of 16,000 letters", 1000, () =>
    compile(file(`concat(${long("b").join(", ")})`, declared.join("\n"))),
  );
  timed("500 layers", 500, () => compile(file("t500", steps.join("\n"))));
  timed("blocks that double 40 times", 1000, () =>
    compile(file("x -> b40", `block b0(v) { return v -> relu }\n${doubled.join("\n")}`)),
  );
  const { diagnostics } = compile(settings);
  timed("8,000 frames of one long line", 1500, () => renderDiagnostics(diagnostics, "pretty", () => settings));
  timed("the gradient of 500 layers", 200, () => gradientOf(500, createBuilder, gradients));
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = late ? 1 : 0;

function timed(what, limit, work) {
  const started = performance.now();
  work();
  const took = performance.now() - started;
  late ||= took > limit;
  console.log(`${what.padEnd(44)} ${took.toFixed(0).padStart(6)} ms of ${limit}`);
}

function named(count, write = (name) => name) {
  return Array.from({ length: count }, (_, k) => {
    const letters = String(k).replace(/./g, (digit) => "klmnopqrst"[Number(digit)]);
    return write(`${"abcdefghij"[k % 10].repeat(6)}${letters}`, k);
  });
}

function file(head, declarations = "") {
  return `model A\ninput x: f32\n${declarations}\ntask y: real { head: ${head} -> dense }\ntrain { epochs: 1 }\ndata { train: csv("a.csv") }\n`;
}

function gradientOf(layers, createBuilder, gradients) {
  const g = createBuilder();
  const parameters = [];
  let y = g.input("x", { element: "f32", shape: [32, 64] });
  for (let layer = 0; layer < layers; layer++) {
    const kernel = g.input(`kernel${layer}`, { element: "f32", shape: [64, 64] });
    parameters.push(kernel);
    y = g.relu(g.matmul(y, kernel));
  }
  gradients(g, [{ node: g.sum(y), cotangent: null }], parameters);
}
