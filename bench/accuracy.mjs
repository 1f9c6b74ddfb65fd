/**
 * How good trained models are: `node bench/accuracy.mjs [NAME …]`. Trains the examples, and the programs of the design folder that
 * can be trained, with seeds 1 to 3 (`MTLC_BENCH_SEEDS`), each of which decides the split as well as the weights where the program
 * cuts its own test part. Prints the mean and the standard deviation of each metric on the test part.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const programs = join(root, "../shared/design/programs");
const seeds = Number(process.env.MTLC_BENCH_SEEDS ?? 3);
const wanted = process.argv.slice(2);
const runs = mkdtempSync(join(tmpdir(), "mtlc-accuracy-"));
try {
  console.log("| program | task | metric | test | seeds | seconds a run |\n| --- | --- | --- | --- | --- | --- |");
  for (const { name, file } of files()) {
    const began = performance.now();
    const results = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const words = ["train", file, "--seed", String(seed), "--run", join(runs, `${name}-${seed}`), "--format", "json"];
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "dist/mtlc.cjs"), ...words], {
        encoding: "utf8",
        maxBuffer: 2 ** 28,
      });
      if (status !== 0) {
        console.error(`left out: ${name}: ${stderr.trim().split("\n")[0]}`);
        break;
      }
      results.push(JSON.parse(stdout).splits.test);
    }
    if (results.length < seeds) continue;
    const seconds = (performance.now() - began) / 1000 / seeds;
    for (const [task, metrics] of Object.entries(results[0])) {
      for (const metric of Object.keys(metrics)) {
        const values = results.map((result) => result[task][metric]);
        console.log(`| ${name} | ${task} | ${metric} | ${spread(values)} | ${seeds} | ${seconds.toFixed(0)} |`);
      }
    }
  }
} finally {
  rmSync(runs, { recursive: true, force: true });
}

function files() {
  const examples = readdirSync(join(root, "examples")).map((name) => join(root, "examples", name, `${name}.mtl`));
  const others = existsSync(programs)
    ? readdirSync(programs).flatMap((name) => (name.endsWith(".mtl") ? [join(programs, name)] : []))
    : [];
  // The penguins are an example and a program; files that are imported are no programs.
  const byName = new Map([...others, ...examples].map((file) => [basename(file, ".mtl"), file]));
  return [...byName]
    .map(([name, file]) => ({ name, file }))
    .filter(
      ({ name, file }) => /^model /m.test(readFileSync(file, "utf8")) && (wanted.length === 0 || wanted.includes(name)),
    );
}

function spread(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = values.length > 1 ? ` (${Math.sqrt(squares / (values.length - 1)).toFixed(3)})` : "";
  return `${mean.toPrecision(3)}${deviation}`;
}
