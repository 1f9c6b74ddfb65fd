import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openSource } from "../../src/project/sources.ts";
import { runTraining } from "../../src/project/training.ts";
import { mtlc } from "../slow/command.ts";
import { scripts, type Ended } from "../runtime/processes.ts";
import { csv, folderOf, numbersFrom } from "../runtime/small-training.ts";

/** Training in processes of its own: killed at any moment, interrupted from the keyboard, and gone on with. */

const { base, started } = scripts({
  child: "test/runtime/crash-child.ts",
  command: "src/cli/run.ts",
});

function expectSound({ code, err }: Ended): void {
  expect(code, err).toBe(0);
}

const random = numbersFrom(61);
const columns = Object.fromEntries(["a", "b", "c"].map((name) => [name, Array.from({ length: 64 }, random)]));
const table = csv({
  ...columns,
  kind: columns.a.map((value, row) => (value > columns.b[row] ? 1 : 0)),
  mass: columns.c.map((value, row) => (row % 5 === 0 ? null : value * columns.a[row])),
});
const birds = (train: string): string => `model Birds
input x: f32[3] { from: ["a", "b", "c"] }
shared trunk = x -> dense(8) -> batch_norm -> relu -> dropout(0.25)
task kind: class(2) { head: trunk -> dense }
task mass: real { head: trunk -> dense }
${train}
data { train: csv("rows.csv"), validation: part(0.25, of: train) }`;
const modelFile = (train: string): string =>
  join(folderOf({ "birds.mtl": birds(train), "rows.csv": table }), "birds.mtl");

/** What a run folder holds, without what a clock says. */
function contents(run: string) {
  const lines = (file: string): unknown[] =>
    readFileSync(join(run, file), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => ({ ...JSON.parse(line), seconds: 0 }));
  const info = JSON.parse(readFileSync(join(run, "run.json"), "utf8"));
  return {
    files: readdirSync(run).sort(),
    weights: readFileSync(join(run, "model.safetensors")).toString("hex"),
    history: lines("history.jsonl"),
    steps: existsSync(join(run, "steps.jsonl")) ? lines("steps.jsonl") : [],
    info: { ...info, seconds: 0, file: "", folder: "", checksum: "" },
  };
}

/** The bytes of a run's weights, without the header, which says of what run they are. */
function numbersOf(run: string): Buffer {
  const bytes = readFileSync(join(run, "model.safetensors"));
  return bytes.subarray(8 + Number(bytes.readBigUInt64LE()));
}

describe("a run that is killed", () => {
  test("and killed again, goes on to the same bits, with no line lost or doubled", async () => {
    const file = modelFile(
      "train a { balance: [uncertainty, pcgrad(smoothing: 0.5)], stop: early(patience: 60), batch: 8, epochs: 25, seed: 4 }\n" +
        "train b { optimizer: sgd(rate: 0.01, momentum: 0.9), average: ema(0.9), stop: none, epochs: 5 }",
    );
    const whole = join(base, "whole");
    expectSound(await started("child", [file, whole]));
    const killed = join(base, "killed");
    const kill = numbersFrom(Date.now() % 100_000);
    let kills = 0;
    let steps = 0;
    for (let round = 0; kills < 10; round++) {
      if (round > 60) throw new Error(`only ${kills} of ${round} processes could be killed`);
      // Also before the run is there, and while its first files are written.
      const resume = existsSync(join(killed, "run.json")) ? ["resume"] : [];
      const wait = Math.max(0, round === 0 ? 0 : 60 * (kill() + 1));
      let asked = false;
      const ended = await started("child", [file, killed, ...resume], (printed, signal) => {
        if (asked || !printed.includes("ready")) return;
        asked = true;
        setTimeout(() => signal("SIGKILL"), wait);
      });
      if (ended.signal === "SIGKILL") kills += 1;
      else {
        // A fast machine ends it before the last kill: the next one is begun.
        expectSound(ended);
        expect(contents(killed)).toEqual(contents(whole));
        rmSync(killed, { recursive: true });
      }
      const state = existsSync(join(killed, "state.safetensors"));
      if (state) steps = Math.max(steps, readFileSync(join(killed, "steps.jsonl"), "utf8").split("\n").length);
    }
    expect(steps).toBeGreaterThan(3);
    expectSound(await started("child", [file, killed, ...(existsSync(join(killed, "run.json")) ? ["resume"] : [])]));
    expect(contents(killed)).toEqual(contents(whole));
    expect(contents(whole).steps.length).toBe(180);
  }, 60_000);

  test("before its first file is whole leaves a folder that a new run may take", async () => {
    const file = modelFile("train { batch: 32, epochs: 1 }");
    const folder = folderOf({ "model.mtl": "model Old", "codes.json.17.tmp": "{", "codes.json": "{}" });
    const { run } = await runTraining(openSource(file), { run: folder });
    expect(run).toBe(folder);
    expect(readdirSync(folder).sort()).toEqual([
      "codes.json",
      "history.jsonl",
      "model.mtl",
      "model.safetensors",
      "run.json",
      "state.safetensors",
    ]);
    await expect(runTraining(openSource(file), { run: folder })).rejects.toThrow("exists and is not empty");
  });
});

describe("a state that is not whole", () => {
  test("is refused by its name, wherever it was cut off", async () => {
    const file = modelFile("train { batch: 32, epochs: 2 }");
    const folder = join(base, "cut");
    await runTraining(openSource(file), { run: folder });
    const path = join(folder, "state.safetensors");
    const bytes = readFileSync(path);
    for (const length of [0, 5, 8, 100, bytes.length >> 1, bytes.length - 1]) {
      truncateSync(path, length);
      const { code, err } = await mtlc("train", file, "--run", folder, "--resume");
      expect(code).toBe(1);
      expect(err).toContain("error[MTL8602]");
      expect(err).toContain(path);
      writeFileSync(path, bytes);
    }
    // One that lies about where it stands was not written so.
    const lying = Buffer.from(bytes.toString("latin1").replace('\\"phaseStep\\":4', '\\"phaseStep\\":x'), "latin1");
    writeFileSync(path, lying);
    expect((await mtlc("train", file, "--run", folder, "--resume")).err).toContain("error[MTL8609]");
    writeFileSync(path, bytes);
    expect((await mtlc("train", file, "--run", folder, "--resume")).code).toBe(0);
  });

  test("lines after the last snapshot are taken away, all of them where there is no snapshot", async () => {
    const file = modelFile("train { batch: 32, epochs: 2 }");
    const [folder, whole] = [join(base, "lines"), join(base, "lines-whole")];
    await runTraining(openSource(file), { run: whole });
    await runTraining(openSource(file), { run: folder });
    for (const name of ["state.safetensors", "model.safetensors"]) rmSync(join(folder, name));
    const info = JSON.parse(readFileSync(join(folder, "run.json"), "utf8"));
    writeFileSync(join(folder, "run.json"), JSON.stringify({ ...info, finished: false, checksum: undefined }));
    writeFileSync(
      join(folder, "history.jsonl"),
      `${readFileSync(join(folder, "history.jsonl"), "utf8")}{"epoch":3,"lo`,
    );
    await runTraining(openSource(file), { run: folder, resume: true });
    expect(contents(folder)).toEqual(contents(whole));
  });
});

describe("Ctrl-C", () => {
  test("is seen at once in the middle of a long epoch", async () => {
    const rows = 60_000;
    const long = csv({
      a: Array.from({ length: rows }, random),
      kind: Array.from({ length: rows }, (_, row) => row % 2),
    });
    const text = `model Birds
input a: f32
task kind: class(2) { head: a -> dense(4) -> tanh -> dense }
train { batch: 1, epochs: 1 }
data { train: csv("rows.csv") }`;
    const file = join(folderOf({ "birds.mtl": text, "rows.csv": long }), "birds.mtl");
    const run = join(base, "long");
    let signalled = 0;
    const { code, err } = await started(
      "command",
      ["train", file, "--run", run, "--threads", "1"],
      (printed, signal) => {
        if (signalled > 0 || !printed.includes("engine ")) return;
        signalled = performance.now();
        signal("SIGINT");
      },
    );
    expect(code, err).toBe(130);
    expect(performance.now() - signalled).toBeLessThan(2000);
    const { epochs, steps } = JSON.parse(readFileSync(join(run, "run.json"), "utf8"));
    expect(epochs).toBe(0);
    expect(steps).toBeGreaterThan(0);
    expect(steps).toBeLessThan(rows);
  });

  test("saves, and the run goes on to the same bits", async () => {
    const file = modelFile("train { batch: 1, epochs: 40, seed: 2 }");
    const run = join(base, "interrupted");
    let signalled = 0;
    const ended = await started("command", ["train", file, "--run", run, "--threads", "1"], (printed, signal) => {
      if (signalled > 0 || !printed.includes("epoch 2 of 40")) return;
      signalled = performance.now();
      // A parent process may pass on what the terminal has sent to all of them.
      signal("SIGINT");
      signal("SIGTERM");
    });
    expect(ended.code, ended.err).toBe(130);
    expect(performance.now() - signalled).toBeLessThan(2000);
    expect(ended.err).toMatch(
      /Interrupted after step \d+; saved to .*interrupted\nGo on: mtlc train .* --resume --run .*interrupted\n/,
    );
    const { finished, steps } = JSON.parse(readFileSync(join(run, "run.json"), "utf8"));
    expect(finished).toBe(false);
    expect(steps).toBeLessThan(40 * 48);
    const whole = join(base, "uninterrupted");
    const command = ["train", file, "--threads", "1", "--format", "json"];
    const [there, straight] = [
      await started("command", [...command, "--run", run, "--resume"]),
      await started("command", [...command, "--run", whole]),
    ];
    expectSound(there);
    expect(contents(run)).toEqual(contents(whole));
    const { run: _a, seconds: _b, ...result } = JSON.parse(there.out);
    const { run: _c, seconds: _d, ...expected } = JSON.parse(straight.out);
    expect(result).toEqual(expected);
    // What a plain run says of its epochs, it says once for each.
    const epochs = [...`${ended.err}${there.err}`.matchAll(/^epoch (\d+) of 40/gm)].map(([, epoch]) => Number(epoch));
    expect(epochs).toEqual(Array.from({ length: 40 }, (_, k) => k + 1));
  }, 60_000);
});

describe("resuming", () => {
  test("takes the newest run of this very model, and keeps what was set", async () => {
    const folder = folderOf({ "birds.mtl": birds("train { batch: 32, epochs: 2 }"), "rows.csv": table });
    const text = birds("train { batch: 32, epochs: 2 }").replace("model Birds", "model BirdsTwo");
    writeFileSync(join(folder, "other.mtl"), text.replace("model BirdsTwo", "model Birds_2"));
    const before = process.cwd();
    try {
      process.chdir(folder);
      const first = await mtlc("train", "birds.mtl", "--set", "train.epochs=1", "--seed", "7");
      expect(first.code).toBe(0);
      expect((await mtlc("train", "other.mtl")).code).toBe(0);
      const { code, err } = await mtlc("train", "birds.mtl", "--resume", "--set", "train.epochs=3");
      expect(code).toBe(0);
      expect(err).toMatch(/epoch 2 of 3[\s\S]*epoch 3 of 3/);
      expect(err).not.toMatch(/epoch 1 of 3/);
      const info = JSON.parse(readFileSync("runs/birds-1/run.json", "utf8"));
      expect(info).toMatchObject({ set: ["train.seed=7", "train.epochs=3"], seed: 7, epochs: 3, finished: true });
      const straight = await mtlc("train", "birds.mtl", "--set", "train.epochs=3", "--seed", "7", "--run", "straight");
      expect(straight.code).toBe(0);
      expect(numbersOf("runs/birds-1").equals(numbersOf("straight"))).toBe(true);
    } finally {
      process.chdir(before);
    }
  });

  test("says so where there is nothing to go on with", async () => {
    const folder = folderOf({ "birds.mtl": birds("train { epochs: 1 }"), "rows.csv": table });
    const before = process.cwd();
    try {
      process.chdir(folder);
      const { code, err } = await mtlc("train", "birds.mtl", "--resume");
      expect(code).toBe(1);
      expect(err).toContain("`runs` is no run folder: it holds no run of `Birds` to go on with");
    } finally {
      process.chdir(before);
    }
  });
});

describe("what is printed first", () => {
  test("is the number of threads that the step really has", async () => {
    const wide = birds("train { batch: 512, steps: 1 }").replace("dense(8) ->", "dense(2048) -> dense(2048) ->");
    const file = join(folderOf({ "birds.mtl": wide, "rows.csv": table }), "birds.mtl");
    const told: number[] = [];
    const { engine, run } = await runTraining(openSource(file), {
      run: join(base, "threads"),
      hooks: { onStart: (start) => told.push(start.engine.threads) },
    });
    const cores = availableParallelism();
    expect(told).toEqual([cores <= 4 ? cores : Math.floor(cores / 2)]);
    expect(engine.threads).toBe(told[0]);
    expect(JSON.parse(readFileSync(join(run!, "run.json"), "utf8")).threads).toBe(told[0]);
  });
});
