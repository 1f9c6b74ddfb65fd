import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Draw } from "../property/draw.ts";
import { scripts } from "../runtime/processes.ts";
import { csv, folderOf, numbersFrom } from "../runtime/small-training.ts";

/** A run that is killed at any moment of its life, again and again, is the run that was not: fifty kills in all. */

const { base, started } = scripts({ child: "test/runtime/crash-child.ts" });
const seed = Number(process.env.MTLC_PROPERTY_SEED ?? Date.now() % 1_000_000);
const KILLS = 50;

const random = numbersFrom(17);
const columns = Object.fromEntries(["a", "b", "c"].map((name) => [name, Array.from({ length: 96 }, random)]));
const table = csv({
  ...columns,
  kind: columns.a.map((value, row) => (value > columns.b[row] ? 1 : 0)),
  mass: columns.c.map((value, row) => (row % 5 === 0 ? null : value * columns.a[row])),
});
// Wide enough that a snapshot takes a while to write.
const text = `model Birds
input x: f32[3] { from: ["a", "b", "c"], scale: standard }
shared trunk = x -> dense(256) -> batch_norm -> relu -> dropout(0.25) -> dense(256) -> relu
task kind: class(2) { head: trunk -> dense }
task mass: real { head: trunk -> dense(32) -> tanh -> dense }
train first { balance: [uncertainty, pcgrad(smoothing: 0.5)], stop: early(patience: 200), batch: 8, epochs: 150, seed: 4 }
train last { optimizer: sgd(rate: 0.01, momentum: 0.9), average: ema(0.9), stop: none, epochs: 20 }
data { train: csv("rows.csv"), validation: part(0.25, of: train) }`;

test(`killed ${KILLS} times from seed ${seed}, it goes on to the same bits`, async () => {
  const draw = new Draw(seed, "kills");
  const file = join(folderOf({ "birds.mtl": text, "rows.csv": table }), "birds.mtl");
  const [whole, killed] = [join(base, "whole"), join(base, "killed")];
  const straight = await started("child", [file, whole]);
  expect(straight.code, straight.err).toBe(0);

  let kills = 0;
  let mid = 0;
  for (let round = 0; kills < KILLS; round++) {
    if (round > 6 * KILLS) throw new Error(`only ${kills} of ${round} processes could be killed`);
    const resume = existsSync(join(killed, "run.json")) ? ["resume"] : [];
    // From before anything is loaded to the middle of training.
    const early = draw.chance(0.2);
    const wait = early ? draw.uniform(0, 900) : draw.uniform(0, 80);
    let asked = false;
    const ended = await started("child", [file, killed, ...resume], (printed, signal) => {
      if (asked || (!early && !printed.includes("ready"))) return;
      asked = true;
      setTimeout(() => signal("SIGKILL"), wait);
    });
    if (ended.signal === "SIGKILL") {
      kills++;
      const halves = existsSync(killed) ? readdirSync(killed).filter((name) => name.endsWith(".tmp")) : [];
      if (halves.length > 0) mid++;
    } else {
      // A fast machine ends it before the last kill: the next one is begun.
      expect(ended.code, `seed ${seed}, round ${round}: ${ended.err}`).toBe(0);
      expectSame(whole, killed);
      rmSync(killed, { recursive: true });
    }
  }
  const last = await started("child", [file, killed, ...(existsSync(join(killed, "run.json")) ? ["resume"] : [])]);
  expect(last.code, `seed ${seed}: ${last.err}`).toBe(0);
  console.log(`${kills} kills, ${mid} of them while a file was written`);
  expectSame(whole, killed);
});

function expectSame(whole: string, killed: string): void {
  for (const name of ["model.safetensors", "history.jsonl", "steps.jsonl"])
    expect(plain(killed, name), name).toEqual(plain(whole, name));
  expect(readdirSync(killed).sort()).toEqual(readdirSync(whole).sort());
}

/** A file without what a clock says. */
function plain(run: string, name: string): unknown {
  const bytes = readFileSync(join(run, name));
  if (!name.endsWith(".jsonl")) return bytes.toString("hex");
  const lines = bytes.toString("utf8").trimEnd().split("\n");
  return lines.map((line) => ({ ...JSON.parse(line), seconds: 0 }));
}
