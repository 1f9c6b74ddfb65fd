/**
 * Trains one epoch on a CSV of 10,000,000 rows of 20 numbers and measures the most memory that the process ever held. The
 * promise: 4 GB. `node bench/rows.mjs [ROWS]`; takes some minutes and 1.5 GB of disk in the system's folder for temporary files.
 */
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROWS = Number(process.argv[2] ?? 10_000_000);
const COLUMNS = 20;
const LIMIT_BYTES = 4 * 2 ** 30;

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "mtlc-rows-"));
const script = join(mkdtempSync(join(root, "node_modules/.bench-")), "train.mjs");
try {
  await build({
    stdin: { contents: program(), resolveDir: root, loader: "ts" },
    outfile: script,
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["onnxruntime-node"],
    define: { MTLC_VERSION: JSON.stringify("bench") },
    logLevel: "error",
  });
  writeRows(join(folder, "rows.csv"));
  writeFileSync(join(folder, "rows.mtl"), model());
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, join(folder, "rows.mtl")], {
    encoding: "utf8",
    cwd: folder,
  });
  if (status !== 0) throw new Error(stderr);
  const { reading, training, bytes, steps } = JSON.parse(stdout.trim().split("\n").at(-1));
  const megabytes = Math.round(bytes / 2 ** 20);
  console.log(
    `${ROWS} rows of ${COLUMNS} numbers: read in ${reading.toFixed(1)} s, ${steps} steps in ${training.toFixed(1)} s, ${megabytes} MB of 4096 MB at the most`,
  );
  process.exitCode = bytes > LIMIT_BYTES ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
  rmSync(join(script, ".."), { recursive: true });
}

/** Pseudo-random numbers around 0, the same each time (a linear congruential generator). */
function writeRows(path) {
  const file = openSync(path, "w");
  let state = 1;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  writeSync(file, `${Array.from({ length: COLUMNS }, (_, i) => `x${i}`).join(",")}\n`);
  for (let row = 0; row < ROWS; row += 10_000) {
    const lines = [];
    for (let i = 0; i < Math.min(10_000, ROWS - row); i++) {
      const cells = [];
      for (let k = 0; k < COLUMNS; k++) cells.push(((next() - 0.5) * 10).toFixed(4));
      lines.push(cells.join(","));
    }
    writeSync(file, `${lines.join("\n")}\n`);
  }
  closeSync(file);
}

function model() {
  return `model Rows
input x: f32[18] { from: columns("x0", "x17"), scale: standard }
shared trunk = x -> dense(32) -> relu
task first:  real { head: trunk -> dense, target: "x18" }
task second: real { head: trunk -> dense, target: "x19", scale: standard }
train { epochs: 1, batch: 8192 }
data { train: csv("rows.csv"), test: part(0.05, of: train) }
`;
}

function program() {
  return `
    import { openSource } from "./src/project/sources.ts";
    import { runTraining } from "./src/project/training.ts";
    const started = performance.now();
    let ready = 0;
    const { result } = await runTraining(openSource(process.argv[2]), {
      keepNothing: true,
      hooks: { onStart: () => void (ready = performance.now()) },
    });
    console.log(JSON.stringify({
      reading: (ready - started) / 1000,
      training: (performance.now() - ready) / 1000,
      bytes: process.resourceUsage().maxRSS * 1024,
      steps: result.cursor.step,
    }));
  `;
}
