/**
 * What starting costs, beside bare node: `npm run bench`. Commands come from the packed package; each is run in turn with
 * `node -e 0`, and the median of the differences counts. Then those of this folder that take no more than minutes:
 * `rows.mjs` and `accuracy.mjs` are run by themselves. Exits with 1 where a limit is passed.
 */
import { build } from "esbuild";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROUNDS = 15;
const root = fileURLToPath(new URL("..", import.meta.url));
const programs = join(root, "../shared/design/programs");
const folder = mkdtempSync(join(tmpdir(), "mtlc-bench-"));
const rows = [];
const bareTimes = [];
try {
  const mtlc = installed();
  writeFileSync(join(folder, "hundred.mtl"), hundredLines());
  writeFileSync(join(folder, "deep.mtl"), manyLayers(500));
  writeFileSync(join(folder, "rows.csv"), `${columns().join(",")}\n${columns().fill("0").join(",")}\n`);
  overBare("mtlc --version", [mtlc, "--version"], null);
  overBare("mtlc check, 100 lines", [mtlc, "check", "hundred.mtl"], 60);
  overBare("mtlc check, 500 layers", [mtlc, "check", "deep.mtl"], 1000);
  const penguins = join(root, "examples/penguins/penguins.mtl");
  overBare("mtlc train penguins, first step and evaluation", [mtlc, "train", penguins, "--dry-run"], 600);
  await sessions();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
print();
const [least, usual] = [Math.min(...bareTimes), median(bareTimes)];
if (usual > 1.3 * least) {
  const spread = `bare node took ${Math.round(least)} ms at best and ${Math.round(usual)} ms as a rule`;
  console.log(`The machine has other work: ${spread}. These times are too long.`);
}
const others = ["checking", "csv", "costs", "steps"].map((name) => {
  const script = join(root, `bench/${name}.mjs`);
  return spawnSync(process.execPath, [script], { stdio: "inherit" }).status === 0;
});
process.exitCode = others.every(Boolean) && rows.every(({ late }) => !late) ? 0 : 1;

/** The command of the packed package, with the engine's package of this project beside it. */
function installed() {
  execFileSync("npm", ["run", "build", "--silent"], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const [{ filename }] = JSON.parse(execFileSync("npm", pack, { cwd: root, encoding: "utf8" }));
  execFileSync("tar", ["-xzf", filename], { cwd: folder });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(root, "node_modules/onnxruntime-node"), join(folder, "node_modules/onnxruntime-node"));
  return join(folder, "package/dist/mtlc.cjs");
}

function milliseconds(words) {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8" });
  const took = performance.now() - started;
  if (status !== 0) throw new Error(`node ${words.join(" ")} ended with ${status}: ${stderr}`);
  return took;
}

function overBare(what, words, limit) {
  const pairs = Array.from({ length: ROUNDS }, () => ({ bare: milliseconds(["-e", "0"]), whole: milliseconds(words) }));
  bareTimes.push(...pairs.map(({ bare }) => bare));
  add(what, median(pairs.map(({ whole, bare }) => whole - bare)), limit, median(pairs.map(({ bare }) => bare)));
}

/** Every program from its text to a session that is ready for the first step. */
async function sessions() {
  const script = join(mkdtempSync(join(root, "node_modules/.bench-")), "session.mjs");
  try {
    await build({
      entryPoints: [join(root, "bench/session.ts")],
      outfile: script,
      bundle: true,
      format: "esm",
      platform: "node",
      external: ["onnxruntime-node"],
      logLevel: "error",
    });
    const examples = readdirSync(join(root, "examples")).map((name) => join(root, "examples", name, `${name}.mtl`));
    const design = existsSync(programs)
      ? readdirSync(programs).filter((name) => name.endsWith(".mtl") && name !== "blocks.mtl")
      : [];
    for (const program of [...examples, ...design.map((name) => join(programs, name))]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [script, program], {
        encoding: "utf8",
        cwd: root,
      });
      if (status !== 0) throw new Error(`${program}: ${stderr}`);
      const { seconds, why } = JSON.parse(stdout.trim().split("\n").at(-1));
      if (why) console.error(`left out: ${basename(program)}: ${why}`);
      else add(`ready session, ${basename(program, ".mtl")}`, 1000 * seconds, 1000, null);
    }
  } finally {
    rmSync(dirname(script), { recursive: true });
  }
}

function add(what, took, limit, bare) {
  rows.push({ what, took, limit, bare, late: limit !== null && took > limit });
}

function print() {
  const head = ["what", "took", "limit", "bare node"];
  const time = (value) => (value === null ? "" : `${Math.round(value)} ms`);
  const lines = rows.map(({ what, took, limit, bare, late }) => [
    what,
    time(took) + (late ? " (late)" : ""),
    time(limit),
    time(bare),
  ]);
  const widths = head.map((_, k) => Math.max(...[head, ...lines].map((line) => line[k].length)));
  for (const line of [head, ...lines])
    console.log(
      line
        .map((cell, k) => cell.padEnd(widths[k]))
        .join("   ")
        .trimEnd(),
    );
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function columns() {
  return [...Array.from({ length: 8 }, (_, k) => `x${k}`), "kind", ...Array.from({ length: 8 }, (_, k) => `y${k}`)];
}

/** A model of 100 lines with a bit of everything: a block, a layer, categories, eight tasks, two phases. */
function hundredLines() {
  const tasks = Array.from({ length: 8 }, (_, k) => k).flatMap((k) =>
    k % 2 === 0
      ? [
          `/// The answer ${k}.`,
          `task y${k}: class {`,
          `  head:    ${k === 0 ? "deep" : `concat(deep, y${k - 1}.output -> stop_gradient)`} -> dense(16) -> relu -> dense`,
          `  loss:    cross_entropy(label_smoothing: 0.05)`,
          `  metrics: [accuracy, f1(average: macro)]`,
          `}`,
          ``,
        ]
      : [
          `task y${k}: real {`,
          `  head:    wide -> dense(16) -> relu -> dropout(0.1) -> dense`,
          `  scale:   standard`,
          `  unit:    "kg"`,
          `  weight:  0.${k}`,
          `  loss:    mse + 0.1 * huber(delta: 1)`,
          `  metrics: [mae, r2]`,
          `}`,
          ``,
        ],
  );
  const lines = [
    "/// A model as long as models get.",
    "model Hundred",
    "",
    "const width = 32",
    "",
    'input numbers: f32[8] { from: columns("x0", "x7"), scale: standard, fill: mean }',
    "input kind:    category",
    "",
    "layer project = dense(width) -> relu",
    "",
    "block around(x, width: int, drop: number = 0) {",
    "  y = x -> dense(width) -> batch_norm -> relu -> dropout(drop)",
    "  return relu(y + (x -> dense(width)))",
    "}",
    "",
    "shared all  = concat(numbers, kind -> embed(4))",
    "shared wide = all -> project -> around(width: 64, drop: 0.1)",
    "shared deep = wide -> repeat(3, dense(64) -> layer_norm -> gelu) -> around(width: width)",
    "",
    ...tasks,
    "penalty small = 0.001 * mean(square(deep))",
    "",
    "train together {",
    "  balance:   uncertainty",
    "  optimizer: adamw(rate: 1e-3, weight_decay: 1e-4)",
    "  schedule:  cosine(warmup: 100)",
    "  clip:      norm(1.0)",
    "  epochs:    10",
    "}",
    "train finish { freeze: [wide], epochs: 2 }",
    "",
    "data {",
    '  train: csv("rows.csv")',
    "  test:  part(0.2, of: train)",
    "}",
  ];
  const missing = 100 - lines.length;
  if (missing < 0) throw new Error(`the file has ${lines.length} lines`);
  return [...lines, ...Array(missing).fill("// The end.")].join("\n");
}

function manyLayers(count) {
  const layers = Array.from({ length: count / 2 }, () => "  -> dense(16) -> relu").join("\n");
  return `model Deep\ninput x: f32[8] { from: columns("x0", "x7") }\nshared trunk = x\n${layers}\ntask y1: real { head: trunk -> dense }\ndata { train: csv("rows.csv"), test: part(0.2, of: train) }\n`;
}
