/**
 * How long a CSV of 1,000,000 rows of 10 numbers takes until it is encoded and ready for batches, and the memory of the process.
 * The promise: 5 seconds, 1 GB. Run it with `node bench/csv.mjs`; it bundles the reader first, and times it in a process of its own.
 */
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROWS = 1_000_000;
const COLUMNS = 10;
const LIMIT_SECONDS = 5;
const LIMIT_BYTES = 2 ** 30;

const spellings = {
  "four decimals": (x) => x.toFixed(4),
  "all digits": (x) => String(x),
  "whole numbers": (x) => String(Math.round(x * 1000)),
};

const folder = mkdtempSync(join(tmpdir(), "mtlc-csv-"));
let late = false;
try {
  await build({
    stdin: { contents: program(), resolveDir: join(import.meta.dirname, ".."), loader: "ts" },
    outfile: join(folder, "bind.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "error",
  });
  for (const [name, spell] of Object.entries(spellings)) {
    writeRows(join(folder, "rows.csv"), spell);
    const { stdout, stderr } = spawnSync(process.execPath, [join(folder, "bind.mjs"), folder], { encoding: "utf8" });
    if (stderr) console.error(stderr);
    const { seconds, bytes, cpu } = JSON.parse(stdout);
    late ||= seconds > LIMIT_SECONDS || bytes > LIMIT_BYTES;
    console.log(
      `csv, ${name.padEnd(14)} ${seconds.toFixed(2)} s of ${LIMIT_SECONDS} s, ${Math.round(bytes / 2 ** 20)} MB of 1024 MB (${cpu.toFixed(2)} s of processor)`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = late ? 1 : 0;

/** Pseudo-random numbers around 0, the same each time (a linear congruential generator). */
function writeRows(path, spell) {
  const file = openSync(path, "w");
  let state = 1;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  writeSync(file, `${Array.from({ length: COLUMNS }, (_, i) => `x${i}`).join(",")}\n`);
  for (let row = 0; row < ROWS; row += 10_000) {
    const lines = [];
    for (let i = 0; i < 10_000; i++) {
      const cells = [];
      for (let k = 0; k < COLUMNS; k++) cells.push(spell((next() + next() / 2 ** 20 - 0.5) * 10));
      lines.push(cells.join(","));
    }
    writeSync(file, `${lines.join("\n")}\n`);
  }
  closeSync(file);
}

function program() {
  const names = JSON.stringify(Array.from({ length: COLUMNS - 1 }, (_, i) => `x${i}`));
  return `
    import { bindData } from "./runtime/data/bind.ts";
    const start = performance.now();
    const f32 = { element: "f32", shape: [${COLUMNS - 1}] };
    const model = {
      name: "Rows",
      inputs: [{ name: "x", kind: { word: "f32" }, type: f32, from: { kind: "names", names: ${names} }, scale: "standard", fill: null, augment: [] }],
      instructions: [{ id: "head", layer: "dense", inputs: ["x"], settings: {}, path: "y", owner: "y", type: f32 }],
      shared: [],
      tasks: [{
        name: "y", kind: { word: "real", size: 1, learnt: false, shape: [] }, head: "head", probability: null,
        target: { kind: "names", names: ["x${COLUMNS - 1}"] }, scale: "standard", unit: null, loss: [], weight: 1, metrics: [], role: "main", rowWeight: null,
      }],
      penalties: [], phases: [], searches: [],
      data: [{
        name: null, tasks: null, order: ["train", "validation", "test"],
        train: { word: "csv", settings: { path: "rows.csv" }, operands: [] },
        validation: { word: "part", settings: { share: 0.1, of: "train" }, operands: [] },
        test: { word: "part", settings: { share: 0.1, of: "train" }, operands: [] },
      }],
    };
    const bound = await bindData(model, { folder: process.argv[2], seed: 1 });
    if (bound.sections[0].train.rows !== ${ROWS * 0.8}) throw new Error("rows are missing");
    const seconds = (performance.now() - start) / 1000;
    console.log(JSON.stringify({ seconds, bytes: process.resourceUsage().maxRSS * 1024, cpu: process.cpuUsage().user / 1e6 }));
  `;
}
