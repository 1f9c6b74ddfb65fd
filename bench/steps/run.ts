import { parseArgs } from "node:util";
import { openSource } from "../../src/project/sources.ts";
import { runTraining } from "../../src/project/training.ts";

/**
 * One workload as users run it: `mtlc train` without a run folder. The time of a step is that between two calls of the hook
 * that `train` shows its progress with, so that it holds all that a step costs: gathering the batch, forward and backward
 * pass, the checks of losses and norm, the update. Prints one JSON line with the fields that the other programs print.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: "string", default: "1" },
    engine: { type: "string", default: "onnx" },
    steps: { type: "string", default: "50" },
    warmup: { type: "string", default: "5" },
    clock: { type: "string", default: "wall" },
  },
});
const [workload] = positionals;
const [threads, steps, warmup] = [values.threads, values.steps, values.warmup].map(Number);

/** Milliseconds that passed, or that the processor spent on this process. */
function now(): number {
  if (values.clock === "wall") return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const ends: number[] = [];
const started = now();
const source = openSource(`bench/steps/${workload.toLowerCase()}.mtl`, [`train.steps=${steps + warmup + 1}`]);
await runTraining(source, {
  engine: { engine: values.engine, threads },
  keepNothing: true,
  hooks: { onStep: () => void ends.push(now()) },
});

const times = ends
  .slice(1)
  .map((end, k) => end - ends[k])
  .slice(warmup)
  .sort((a, b) => a - b);
const rounded = (milliseconds: number): number => Number(milliseconds.toFixed(3));
console.log(
  JSON.stringify({
    workload,
    engine: "mtlc",
    threads,
    ms_min: rounded(times[0]),
    ms_median: rounded(times[times.length >> 1]),
    first_ms: Math.round(ends[0] - started),
  }),
);
