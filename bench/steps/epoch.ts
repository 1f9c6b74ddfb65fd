import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSource } from "../../src/project/sources.ts";
import { runTraining } from "../../src/project/training.ts";

/**
 * What an epoch of W1 costs beside its steps: order of the rows, validation with its metrics, the run's history and its saved
 * state. Prints medians over epochs, and the rest as a share of the time in steps; of the first step of an epoch, which the
 * rest comes before, the median of the other steps counts as its own.
 */
const EPOCHS = 40;
const whole = openSource("bench/steps/w1.mtl", [`train.epochs=${EPOCHS}`]);
const text = readFileSync("bench/steps/w1.mtl", "utf8").replace('mjs")', 'mjs"), validation: part(0.1, of: train)');

const epochs: { inside: number; rest: number; steps: number }[] = [];
let steps: number[] = [];
let last = 0;
let between = 0;
const folder = mkdtempSync(join(tmpdir(), "mtlc-epoch-"));
try {
  await runTraining(
    { ...whole, text },
    {
      engine: { threads: 1 },
      run: join(folder, "run"),
      hooks: {
        onStep() {
          const now = performance.now();
          steps.push(now - last);
          last = now;
        },
        onEpoch() {
          const now = performance.now();
          const [first, ...others] = steps;
          const usual = median(others);
          if (epochs.length > 0) epochs[epochs.length - 1].rest = between + first - usual;
          const inside = usual + others.reduce((sum, time) => sum + time, 0);
          epochs.push({ inside, rest: 0, steps: steps.length });
          between = now - last;
          last = now;
          steps = [];
        },
      },
    },
  );
} finally {
  rmSync(folder, { recursive: true });
}

// The first epochs warm up; of the last one nobody waited for the rest.
const counted = epochs.slice(3, -1);
const inside = median(counted.map((epoch) => epoch.inside));
const rest = median(counted.map((epoch) => epoch.rest));
console.log(
  JSON.stringify({
    steps: counted[0].steps,
    ms_steps: Number(inside.toFixed(2)),
    ms_rest: Number(rest.toFixed(2)),
    share: Number((rest / inside).toFixed(3)),
  }),
);

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[list.length >> 1];
}
