import { parseArgs } from "node:util";
import { openSource } from "../../src/project/sources.ts";
import { runTraining } from "../../src/project/training.ts";

/**
 * What more tasks cost: a trunk 64-256-256 with 8, 16, 32 and 64 tasks, one number each, batch 128, under a rule on gradients
 * (`pcgrad`, or another: `--rule`). Prints the median time of a step, and over the line through 0 and 8 tasks.
 */
const { values } = parseArgs({
  options: {
    rule: { type: "string", default: "pcgrad" },
    steps: { type: "string", default: "60" },
    tasks: { type: "string", default: "8,16,32,64" },
  },
});

const counts = values.tasks.split(",").map(Number);
const medians: number[] = [];
for (const count of counts) {
  const median = await stepTime(count);
  medians.push(median);
  const line = (medians[0] / counts[0]) * count;
  const milliseconds = Number(median.toFixed(3));
  console.log(
    JSON.stringify({ rule: values.rule, tasks: count, ms_median: milliseconds, linear: ratio(median, line) }),
  );
}

function ratio(a: number, b: number): number {
  return Number((a / b).toFixed(2));
}

function programOf(tasks: number): string {
  const heads = Array.from({ length: tasks }, (_, k) => `task y${k}: real { head: trunk -> dense }`);
  return `model Tasks
input x: f32[64]
shared trunk = x -> dense(256) -> relu -> dense(256) -> relu
${heads.join("\n")}
train { optimizer: adam(rate: 1e-3), balance: ${values.rule}, batch: 128, steps: ${Number(values.steps) + 10} }
data { train: module("./targets.mjs") }
`;
}

async function stepTime(tasks: number): Promise<number> {
  const ends: number[] = [];
  await runTraining(
    { ...openSource("bench/steps/w1.mtl"), text: programOf(tasks) },
    { engine: { threads: 1 }, keepNothing: true, hooks: { onStep: () => void ends.push(performance.now()) } },
  );
  const times = ends.slice(10).map((end, k) => end - ends[k + 9]);
  return times.sort((a, b) => a - b)[times.length >> 1];
}
