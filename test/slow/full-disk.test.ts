import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
  closeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { openRun } from "../../runtime/run/open-run.ts";
import { openSource } from "../../src/project/sources.ts";
import { runTraining } from "../../src/project/training.ts";
import { csv, folderOf, numbersFrom } from "../runtime/small-training.ts";
import { mtlc } from "./command.ts";

/** A disk that fills up while a network is trained: a small file system in memory, which only root may make. */

const base = mkdtempSync(join(tmpdir(), "mtlc-full-"));
const disk = join(base, "disk");
const mounted = mount();
afterAll(() => {
  if (mounted) execFileSync("umount", [disk]);
  rmSync(base, { recursive: true, force: true });
});

function mount(): boolean {
  mkdirSync(disk);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], { stdio: "pipe" });
    return true;
  } catch {
    console.warn("A disk that fills up is skipped: no file system may be mounted here.");
    return false;
  }
}

/** Takes what room is left but for some bytes. */
function fill(name: string, but = 0): void {
  const file = openSync(join(disk, name), "w");
  try {
    for (let size = 1 << 16; size >= 1;) {
      try {
        writeSync(file, Buffer.alloc(size));
      } catch {
        size >>= 1;
      }
    }
  } finally {
    closeSync(file);
  }
  if (but > 0) execFileSync("truncate", ["-s", `-${but}`, join(disk, name)]);
}
function empty(): void {
  execFileSync("sh", ["-c", `rm -rf ${disk}/*`]);
}

const random = numbersFrom(5);
const columns = Object.fromEntries(["a", "b", "c"].map((name) => [name, Array.from({ length: 32 }, random)]));
const table = csv({ ...columns, kind: columns.a.map((value, row) => (value > columns.b[row] ? 1 : 0)) });
const text = `model Birds
input x: f32[3] { from: ["a", "b", "c"] }
task kind: class(2) { head: x -> dense(64) -> batch_norm -> relu -> dropout(0.2) -> dense(64) -> relu -> dense }
train { batch: 8, epochs: 5, seed: 3 }
data { train: csv("rows.csv"), validation: part(0.25, of: train) }`;

describe.skipIf(!mounted)(`a disk that fills up${mounted ? "" : " (no mount is allowed here)"}`, () => {
  const file = join(folderOf({ "birds.mtl": text, "rows.csv": table }), "birds.mtl");
  const weightsOf = (run: string) => readFileSync(join(run, "model.safetensors"));

  test("ends training in the name of the file, and what was written last is whole", async () => {
    const whole = join(base, "whole");
    await runTraining(openSource(file), { run: whole, engine: { threads: 1 } });
    for (let step = 1; step <= 15; step++) {
      empty();
      const run = join(disk, "run");
      let left = step;
      const room = [0, 100, 5_000, 60_000][step % 4];
      const hooks = { onStep: () => void (--left === 0 && fill("filler", room)) };
      const failed = runTraining(openSource(file), { run, engine: { threads: 1 }, saveEvery: 0, hooks });
      const error: unknown = await failed.then(
        () => null,
        (problem: unknown) => problem,
      );
      if (!(error instanceof DiagnosticError)) throw new Error(`step ${step} ended otherwise`, { cause: error });
      expect(error.message).toMatch(/MTL8604 `.*disk\/run\/[\w.]+` cannot be written: the disk is full/);
      const saved = join(base, `saved-${step}`);
      cpSync(run, saved, { recursive: true });
      const opened = openRun(saved);
      if (step > 1) expect(opened.state().cursor.step).toBeGreaterThanOrEqual(step - 1);
      await runTraining(openSource(file), { run: saved, resume: true, engine: { threads: 1 } });
      expect(weightsOf(saved).equals(weightsOf(whole)), `filled in step ${step}`).toBe(true);
    }
  });

  test("is told by every command that writes, with exit code 1", async () => {
    empty();
    fill("filler");
    const trained = await mtlc("train", file, "--run", join(disk, "run"), "--threads", "1");
    expect(trained.code).toBe(1);
    expect(trained.err).toMatch(/MTL8604.*the disk is full/);
    expect(trained.err).not.toMatch(/\n\s+at /);
    const made = await mtlc("init", "table", "--to", join(disk, "new"));
    expect(made.code).toBe(1);
    expect(made.err).toMatch(/cannot be written: the disk is full/);
    writeFileSync(join(base, "slip.mtl"), text.replace("relu", "rellu"));
    cpSync(join(base, "slip.mtl"), join(base, "same.mtl"));
    rmSync(join(disk, "filler"));
    cpSync(join(base, "slip.mtl"), join(disk, "slip.mtl"));
    fill("filler");
    const mended = await mtlc("check", join(disk, "slip.mtl"), "--fix");
    expect([0, 1]).toContain(mended.code);
    expect(mended.err).not.toMatch(/\n\s+at |fault of mtlc/);
    expect(readFileSync(join(disk, "slip.mtl"), "utf8").length).toBeGreaterThan(text.length - 5);
  });
});
