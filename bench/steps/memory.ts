import { openSource } from "../../src/project/sources.ts";
import { runTraining } from "../../src/project/training.ts";

/** How much the memory of the process grows with each step of W1 after the first thousand, in batches of 16 rows. */
const STEPS = 50_000;
const FIRST = 1000;
let before = 0;
await runTraining(openSource("bench/steps/w1.mtl", [`train.steps=${STEPS}`, "train.batch=16"]), {
  engine: { threads: 1 },
  keepNothing: true,
  hooks: { onStep: ({ step }) => void (step === FIRST && (before = process.memoryUsage.rss())) },
});
const grown = process.memoryUsage.rss() - before;
console.log(JSON.stringify({ steps: STEPS - FIRST, bytes_per_step: Math.round(grown / (STEPS - FIRST)) }));
