/**
 * Time of whole training steps beside other programs, interleaved: in each round every program runs every workload once, in a
 * process of its own. `node bench/steps.mjs [--workloads W1,W1b,W2,W3] [--rounds 3] [--threads 1] [--modes NAME,NAME]
 * [--clock wall|processor]`
 *
 * W1, W1b, W2 and W3 are `bench/steps/*.mtl`. The other programs' scripts lie in ../shared/bench (another folder:
 * MTLC_BENCH_PEERS); MTLC_BENCH_TORCH and MTLC_BENCH_KERAS name the Python that has PyTorch and Keras, and
 * MTLC_BENCH_TFJS the `node_modules` that holds tfjs-node (the slow tests build one in .cache/tfjs-node). What is not there is
 * left out. Stock PyTorch takes a slower path on processors that are not Intel's; where a C compiler is found, the modes
 * ending in `-mkl` let it take the fast one. On a machine with other work `--clock processor` counts, for all alike, the time
 * that the processor spent on a program instead of the time that passed. Exits with 1 where a limit is passed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "./bundle.mjs";

const root = join(import.meta.dirname, "..");
const peers = process.env.MTLC_BENCH_PEERS ?? join(root, "../shared/bench");
const { MTLC_BENCH_TORCH: torch, MTLC_BENCH_KERAS: keras, MTLC_BENCH_TFJS: tfjsNode } = process.env;
const { values } = parseArgs({
  options: {
    workloads: { type: "string", default: "W1,W1b,W2,W3" },
    rounds: { type: "string", default: "3" },
    threads: { type: "string", default: "1" },
    modes: { type: "string" },
    clock: { type: "string", default: "wall" },
  },
});
const STEPS = { W1: 300, W1b: 100, W2: 15, W3: 20 };
/** What each workload should reach: our median over the best other median. */
const LIMITS = { W1: 0.9, W1b: 1.1, W2: 1.25, W3: 1.35 };

/** Runs a script whose clock stands still while the processor works for others. */
const processorClock = `
import runpy, sys, time
time.perf_counter = time.process_time
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
`;

const folder = mkdtempSync(join(root, "node_modules/.bench-"));
try {
  await bundle([join(root, "bench/steps/run.ts")], folder);
  const modes = availableModes(join(folder, "run.mjs"));
  for (const workload of values.workloads.split(",")) compare(workload, modes);
} finally {
  rmSync(folder, { recursive: true });
}

function availableModes(ours) {
  const modes = [{ name: "mtlc", command: [process.execPath, ours], options: ["--clock", values.clock] }];
  const clock = values.clock === "processor" ? ["-c", processorClock] : [];
  if (tfjsNode) {
    const options = [...modes[0].options, "--engine", "tfjs-node"];
    modes.push({ ...modes[0], name: "mtlc-tfjs-node", options, environment: { NODE_PATH: tfjsNode } });
  }
  const script = (name) => join(peers, name);
  if (torch && existsSync(script("peer_torch.py"))) {
    const command = [torch, ...clock, script("peer_torch.py")];
    const mkl = preloaded();
    const ways = [
      { name: "torch-fused", options: ["--adam", "fused"] },
      { name: "torch-foreach", options: ["--adam", "foreach"] },
      { name: "torch-compile", options: ["--engine", "compile", "--adam", "fused"] },
      { name: "torch-channels-last", options: ["--adam", "fused", "--channels-last"], only: "W2" },
    ];
    for (const way of ways) {
      modes.push({ ...way, command });
      if (mkl) modes.push({ ...way, name: `${way.name}-mkl`, command, environment: { LD_PRELOAD: mkl } });
    }
  }
  if (keras && existsSync(script("peer_keras.py"))) {
    const command = [keras, ...clock, script("peer_keras.py")];
    modes.push(
      { name: "keras-train_on_batch", command, options: [] },
      { name: "keras-loop", command, options: ["--loop", "1"] },
      { name: "keras-loop-jit", command, options: ["--loop", "1", "--jit", "1"] },
    );
  }
  const wanted = values.modes?.split(",");
  return modes.filter(({ name }) => name === "mtlc" || !wanted || wanted.includes(name));
}

/** The library that lets stock PyTorch take its fast path everywhere; null where it cannot be built. */
function preloaded() {
  const library = join(folder, "mkl_intel.so");
  const { status } = spawnSync("cc", ["-shared", "-fPIC", "-o", library, join(peers, "mkl_intel.c")]);
  return status === 0 ? library : null;
}

function compare(workload, modes) {
  const here = modes.filter(({ only }) => only === undefined || only === workload);
  const medians = new Map(here.map(({ name }) => [name, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const mode of here) {
      const result = once(mode, workload);
      if (result === null) continue;
      medians.get(mode.name).push(result.ms_median);
      console.log(JSON.stringify({ ...result, engine: mode.name, round }));
    }
  }
  const table = [...medians].filter(([, list]) => list.length > 0).map(([name, list]) => [name, median(list)]);
  const ours = table.find(([name]) => name === "mtlc")?.[1];
  const others = table.filter(([name]) => !name.startsWith("mtlc")).sort((a, b) => a[1] - b[1]);
  for (const [name, time] of table) console.log(`${workload.padEnd(4)} ${name.padEnd(26)} ${time.toFixed(3)} ms`);
  if (ours === undefined || others.length === 0) return;
  const [best, time] = others[0];
  const ratio = ours / time;
  const verdict = ratio <= LIMITS[workload] ? "reached" : "missed";
  if (verdict === "missed") process.exitCode = 1;
  console.log(`${workload.padEnd(4)} ${ratio.toFixed(2)} of ${best} (${LIMITS[workload]} wanted: ${verdict})`);
}

function once({ name, command: [program, ...first], options = [], environment }, workload) {
  const given = [...first, workload, "--threads", values.threads, "--steps", String(STEPS[workload]), ...options];
  const threads = { TF_NUM_INTRAOP_THREADS: values.threads, TF_NUM_INTEROP_THREADS: "1", TF_CPP_MIN_LOG_LEVEL: "3" };
  const { stdout, stderr, error } = spawnSync(program, given, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, ...threads, ...environment },
    timeout: 300_000,
  });
  const line = stdout?.split("\n").findLast((text) => text.startsWith('{"'));
  if (line) return JSON.parse(line);
  console.error(`${workload} ${name} gave nothing: ${error?.message ?? stderr?.trim().split("\n").at(-1)}`);
  return null;
}

function median(list) {
  return list.toSorted((a, b) => a - b)[list.length >> 1];
}
