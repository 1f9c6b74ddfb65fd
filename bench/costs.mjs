/**
 * Costs that should stay small: an epoch beside its steps, memory with each step, many tasks. `node bench/costs.mjs`; exits with
 * 1 where a limit is passed.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle.mjs";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(root, "node_modules/.bench-"));
try {
  await bundle(
    ["epoch", "memory", "tasks"].map((name) => join(root, `bench/steps/${name}.ts`)),
    folder,
  );
  const [{ ms_steps: steps, ms_rest: rest, share }] = printed("epoch");
  report(`an epoch of W1: ${steps} ms in steps, ${rest} ms in all else`, share, 0.1);
  const [{ bytes_per_step: bytes }] = printed("memory");
  report("bytes that memory grows with a step", bytes, 1024);
  for (const { rule, tasks, ms_median: time, linear } of printed("tasks")) {
    report(`${tasks} tasks under ${rule}: ${time} ms, over linear`, linear, 1.5);
  }
} finally {
  rmSync(folder, { recursive: true });
}

function printed(name) {
  const out = execFileSync(process.execPath, [join(folder, `${name}.mjs`)], { cwd: root, encoding: "utf8" });
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function report(what, value, limit) {
  const late = value > limit;
  if (late) process.exitCode = 1;
  console.log(`${what}: ${value} (${limit} at the most${late ? ", passed" : ""})`);
}
