import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { scripts } from "../runtime/processes.ts";
import { csv, folderOf, numbersFrom } from "../runtime/small-training.ts";

/** Output that cannot be written: a reader that goes early, a file on a full disk. */

const { base, started } = scripts({ command: "src/cli/run.ts" });
const random = numbersFrom(3);
const a = Array.from({ length: 24 }, random);
const text = `model Birds
input a: f32
task kind: class(2) { head: a -> dense(4) -> tanh -> dense }
train { batch: 8, epochs: 30 }
data { train: csv("rows.csv") }`;
const file = (): string =>
  join(folderOf({ "birds.mtl": text, "rows.csv": csv({ a, kind: a.map((x) => (x > 0 ? 1 : 0)) }) }), "birds.mtl");

/** Runs the command with its standard output and error given as descriptors, or closed pipes. */
function run(
  words: readonly string[],
  out: number | "gone",
  err: number | "pipe",
): Promise<{ code: number | null; err: string }> {
  const stdio = ["ignore", out === "gone" ? "pipe" : out, err] as const;
  const child = spawn(process.execPath, [join(base, "command.mjs"), ...words], { cwd: base, stdio: [...stdio] });
  if (out === "gone") child.stdout?.destroy();
  let said = "";
  child.stderr?.on("data", (piece) => (said += piece));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, err: said }));
  });
}

describe("standard output", () => {
  test("may be closed by its reader", async () => {
    expect(await run(["explain", "dense"], "gone", "pipe")).toEqual({ code: 0, err: "" });
  });

  test.skipIf(!existsSync("/dev/full"))("on a full disk is told, without a stack trace", async () => {
    const full = openSync("/dev/full", "w");
    const { code, err } = await run(["explain", "dense"], full, "pipe");
    closeSync(full);
    expect(code).toBe(1);
    expect(err).toContain("error[MTL8604] `standard output` cannot be written: the disk is full");
    expect(err).not.toMatch(/\n\s+at /);
  });
});

test.skipIf(!existsSync("/dev/full"))("progress that nobody can read ends no run", async () => {
  const full = openSync("/dev/full", "w");
  const folder = join(base, "unseen");
  expect((await run(["train", file(), "--run", folder, "--threads", "1"], "gone", full)).code).toBe(0);
  closeSync(full);
  const seen = join(base, "seen");
  expect((await started("command", ["train", file(), "--run", seen, "--threads", "1"])).code).toBe(0);
  const weights = (of: string) => readFileSync(join(of, "model.safetensors")).toString("hex");
  expect(weights(folder)).toBe(weights(seen));
});
