import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { openSource } from "../../src/project/sources.ts";
import { runTraining } from "../../src/project/training.ts";
import { csv, folderOf, numbersFrom } from "../runtime/small-training.ts";
import { mtlc } from "../slow/command.ts";

/** What `--resume` goes on with, and what it refuses. */

const number = numbersFrom(5);
const a = Array.from({ length: 40 }, number);
const table = csv({ a, y: a.map((value) => 2 * value) });
const text = (name: string, train = "epochs: 4, batch: 8"): string => `model ${name}
input a: f32
task y: real { head: a -> dense }
train { ${train} }
data { train: csv("rows.csv") }
`;

let folder = "";
let run = "";
beforeEach(() => {
  folder = folderOf({ "pupils.mtl": text("Pupils"), "energy.mtl": text("Energy"), "rows.csv": table });
  run = join(folder, "run");
});
const file = (name: string): string => join(folder, name);

/** Trains until so many steps are done. */
async function stopped(steps: number, set: readonly string[] = [], resume = false): Promise<number> {
  let done = 0;
  const hooks = { onStep: () => void done++, interrupted: () => done === steps };
  const source = openSource(file("pupils.mtl"), set);
  return (await runTraining(source, { run, resume, hooks })).result.cursor.step;
}

/** Every file of the run, to see that none was touched. */
const contents = (): Record<string, string> =>
  Object.fromEntries(readdirSync(run).map((name) => [name, readFileSync(join(run, name)).toString("hex")]));

async function refused(...words: readonly string[]): Promise<string> {
  const before = contents();
  const { code, err } = await mtlc("train", ...words, "--resume", "--run", run);
  expect(code).not.toBe(0);
  expect(contents()).toEqual(before);
  return err;
}

describe("--resume refuses, and touches nothing", () => {
  it("a run of another model, by one error that names both", async () => {
    await stopped(3);
    const err = await refused(file("energy.mtl"));
    expect(err).toContain(`error[MTL8608] \`${run}\` is a run of \`Pupils\`, not of \`Energy\``);
    expect(err.match(/error\[/g)).toHaveLength(1);
    // Also where the file's own mistakes, or other columns, would be told of first.
    writeFileSync(file("energy.mtl"), text("Energy").replace("-> dense", "-> dens").replace("input a", "input b"));
    expect(await refused(file("energy.mtl"))).toContain("is a run of `Pupils`, not of `Energy`");
  });

  it("another seed, and takes the one that the run has", async () => {
    await stopped(3, ["train.seed=2"]);
    expect(await refused(file("pupils.mtl"), "--seed", "5")).toContain("began with seed 2 and cannot go on with 5");
    expect((await mtlc("train", file("pupils.mtl"), "--resume", "--run", run, "--seed", "2")).code).toBe(0);
  });

  it("a trained run that has lost its state", async () => {
    expect((await mtlc("train", file("pupils.mtl"), "--run", run)).code).toBe(0);
    rmSync(join(run, "state.safetensors"));
    const expected = `error[MTL8608] \`${run}\` holds no state.safetensors: there is nothing to go on from`;
    expect(await refused(file("pupils.mtl"))).toContain(expected);
    rmSync(join(run, "model.safetensors"));
    expect(await refused(file("pupils.mtl"))).toContain(expected);
  });

  it("--dry-run beside it", async () => {
    await stopped(3);
    expect(await refused(file("pupils.mtl"), "--dry-run")).toContain("`--dry-run` writes nothing");
  });
});

describe("--resume says", () => {
  it("where it goes on, and nothing of a file that is as it was", async () => {
    await stopped(7);
    const { code, err } = await mtlc("train", file("pupils.mtl"), "--resume", "--run", run);
    expect(code).toBe(0);
    expect(err).toContain(`resumed    ${run}, after 1 epoch, 7 steps\n`);
    expect(err).not.toContain("has changed");
  });

  it("that a changed file has no part in it", async () => {
    await stopped(3);
    writeFileSync(file("pupils.mtl"), text("Pupils", "epochs: 9, batch: 8"));
    const { code, err } = await mtlc("train", file("pupils.mtl"), "--resume", "--run", run);
    expect(code).toBe(0);
    expect(err).toContain(
      `${file("pupils.mtl")} has changed since the run began: the run goes on with its own model.mtl`,
    );
    expect(err).toContain("epoch 4 of 4");
  });

  it("that a run which was stopped before it saved starts anew", async () => {
    await stopped(3);
    for (const name of ["state.safetensors", "model.safetensors"]) rmSync(join(run, name));
    const { code, err } = await mtlc("train", file("pupils.mtl"), "--resume", "--run", run);
    expect(code).toBe(0);
    expect(err).toContain("nothing was saved before it stopped: it starts anew");
    expect(err).toContain("epoch 1 of 4");
  });
});

it("a run that is asked for fewer epochs than it has done keeps its place, and its later epochs their numbers", async () => {
  // Five steps an epoch: it stands in the middle of the third.
  expect(await stopped(12)).toBe(12);
  expect(await stopped(-1, ["train.epochs=1"], true)).toBe(12);
  expect(JSON.parse(readFileSync(join(run, "run.json"), "utf8"))).toMatchObject({ epochs: 2, steps: 12 });
  expect(await stopped(-1, ["train.epochs=4"], true)).toBe(20);
  const lines = readFileSync(join(run, "history.jsonl"), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => [JSON.parse(line).epoch, JSON.parse(line).step])).toEqual([
    [1, 5],
    [2, 10],
    [3, 15],
    [4, 20],
  ]);
  const straight = join(folder, "straight");
  await runTraining(openSource(file("pupils.mtl")), { run: straight });
  const weights = (of: string): string => readFileSync(join(of, "model.safetensors")).toString("hex");
  expect(weights(run)).toBe(weights(straight));
});

it("a run that has no step left says so, and one that was given up at its last steps is not finished by going on", async () => {
  const { code, err } = await mtlc("train", file("pupils.mtl"), "--run", join(folder, "whole"));
  expect([code, err.includes("No step was left")]).toEqual([0, false]);
  const again = await mtlc("train", file("pupils.mtl"), "--resume", "--run", join(folder, "whole"));
  expect(again.code, again.err).toBe(0);
  expect(again.err).toContain("No step was left to take: the run had done all that it is asked for");

  const twelve = Array.from({ length: 12 }, (_, k) => k / 12);
  const home = folderOf({
    "skips.mtl": `model Skips
input x: f32
task a: real { head: x -> dense }
task b: real { head: x -> dense }
train { balance: pcgrad(on_nonfinite: skip), epochs: 1, batch: 1, shuffle: false }
data { train: csv("rows.csv") }
`,
    "rows.csv": csv({ x: twelve, a: twelve, b: twelve.map((_, k) => (k < 2 ? k : 1e30)) }),
  });
  const [model, skips] = [join(home, "skips.mtl"), join(home, "run")];
  const given = await mtlc("train", model, "--run", skips);
  expect([given.code, given.err.includes("step 12")], given.err).toEqual([1, true]);
  for (let k = 0; k < 2; k++) {
    const resumed = await mtlc("train", model, "--resume", "--run", skips);
    expect(resumed.code, resumed.err).toBe(1);
    expect(resumed.err).toContain("was given up: its last 10 steps were skipped");
    expect(JSON.parse(readFileSync(join(skips, "run.json"), "utf8"))).toMatchObject({ finished: false, steps: 12 });
  }
});

describe("a run's folder", () => {
  it.skipIf(!existsSync("/proc/self"))("is refused where no folder can be made", async () => {
    const { code, err } = await mtlc("train", file("pupils.mtl"), "--run", "/proc/xx/yy");
    expect(code).toBe(1);
    expect(err).toContain("error[MTL8604] `/proc/xx/yy` cannot be written: no folder can be made in `/proc`");
  });

  it("is refused where a file stands, or stands in its way", async () => {
    const asked = async (path: string): Promise<string> => (await mtlc("train", file("pupils.mtl"), "--run", path)).err;
    const rows = file("rows.csv");
    expect(await asked(rows)).toContain(`\`${rows}\` cannot be written: a file of that name stands there`);
    expect(await asked(join(rows, "deep", "er"))).toContain(
      "cannot be written: a file stands where its folder should be",
    );
    expect(readFileSync(rows, "utf8")).toBe(table);
  });
});
