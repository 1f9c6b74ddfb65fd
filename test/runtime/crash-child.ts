import { openSource } from "../../src/project/sources.ts";
import { runTraining } from "../../src/project/training.ts";

/** Trains `file` into `run`, going on where it can, with a snapshot after every step; the parent kills it at any moment. */
const [file, run, resume] = process.argv.slice(2);
const training = await runTraining(openSource(file), {
  engine: { threads: 1 },
  run,
  resume: resume === "resume",
  logSteps: true,
  saveEvery: 0,
  hooks: { onStart: () => process.stdout.write("ready\n") },
});
process.stdout.write(`finished ${training.result.cursor.step}\n`);
