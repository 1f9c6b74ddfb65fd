import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { lockRun } from "../../runtime/run/lock.ts";
import { compile, train } from "../../src/index.ts";
import { openSource } from "../../src/project/sources.ts";
import { runTraining, type TrainingOptions } from "../../src/project/training.ts";
import { scripts } from "../runtime/processes.ts";
import { csv, folderOf } from "../runtime/small-training.ts";
import { mtlc } from "../slow/command.ts";

/** One process at a time trains in a run folder. */

const text = `model Pupils
input a: f32
task y: real { head: a -> dense }
train { epochs: 3, batch: 8 }
data { train: csv("rows.csv") }
`;
const a = Array.from({ length: 16 }, (_, k) => k / 8);
const { started } = scripts({ holder: "test/src/lock-holder.ts" });

let folder = "";
let file = "";
let run = "";
let lock = "";
beforeEach(() => {
  folder = folderOf({ "pupils.mtl": text, "rows.csv": csv({ a, y: a.map((x) => 2 * x) }) });
  [file, run] = [join(folder, "pupils.mtl"), join(folder, "run")];
  lock = join(run, "run.lock");
});

const training = (options: TrainingOptions = {}) => runTraining(openSource(file), { run, ...options });
async function problemOf(work: Promise<unknown>): Promise<DiagnosticError["diagnostics"][number]> {
  const problem: unknown = await work.catch((error: unknown) => error);
  if (problem instanceof DiagnosticError) return problem.diagnostics[0];
  throw new Error(`it was not refused: ${String(problem)}`);
}
const held = (change: object): void =>
  writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), began: null, since: "noon", ...change }));

it("names the process while it trains, and is gone afterwards, also where training was stopped or failed", async () => {
  let found = "";
  await training({ hooks: { onStep: () => (found = readFileSync(lock, "utf8")) } });
  expect(JSON.parse(found)).toMatchObject({ pid: process.pid, host: hostname() });
  expect(existsSync(lock)).toBe(false);
  const stop = { interrupted: () => true };
  await training({ resume: true, hooks: stop });
  expect(existsSync(lock)).toBe(false);
  const fail = (): never => {
    throw new Error("on purpose");
  };
  await expect(training({ resume: true, hooks: { onStart: fail } })).rejects.toThrow("on purpose");
  expect(existsSync(lock)).toBe(false);
});

it("stops a second training of a folder that is new, and a second one that goes on, by the library too", async () => {
  const second: (() => Promise<unknown>)[] = [];
  const { model } = compile(readFileSync(file, "utf8"), { file });
  if (!model) throw new Error("the model has mistakes");
  second.push(
    () => training(),
    () => train(model, { run }),
    () => train(model, { run, resume: true }),
  );
  const told: string[] = [];
  const working: Promise<unknown>[] = [];
  await training({
    saveEvery: 0,
    hooks: {
      onEpoch({ epoch }) {
        working.push(problemOf(second[epoch - 1]()).then(({ code, message }) => told.push(`${code} ${message}`)));
      },
    },
  });
  await Promise.all(working);
  expect(told).toHaveLength(3);
  for (const each of told)
    expect(each).toContain(`MTL8612 \`${run}\` is in use: process ${process.pid} trains there since 20`);
  // The first was not disturbed.
  expect(JSON.parse(readFileSync(join(run, "run.json"), "utf8"))).toMatchObject({ finished: true, epochs: 3 });
});

describe("of another process", () => {
  it("holds while that lives and is ignored when it was killed", async () => {
    await training();
    const before = readFileSync(join(run, "model.safetensors"));
    let seen: Promise<void> | undefined;
    const ended = await started("holder", [run], (printed, signal) => {
      if (!printed.includes("held")) return;
      seen ??= mtlc("train", file, "--resume", "--run", run).then(({ code, err }) => {
        expect(code).toBe(1);
        expect(err).toMatch(/error\[MTL8612\] `.*` is in use: process \d+ trains there since/);
        expect(err).toContain(`if that process trains nothing, delete \`${lock}\``);
        signal("SIGKILL");
      });
    });
    await seen;
    expect(ended.signal).toBe("SIGKILL");
    expect(existsSync(lock)).toBe(true);
    await training({ resume: true });
    expect(existsSync(lock)).toBe(false);
    expect(readFileSync(join(run, "model.safetensors"))).toEqual(before);
  });

  it.skipIf(!existsSync("/proc/self/stat"))("is ignored where its number was given to another one since", async () => {
    await training();
    held({ began: "1" });
    await training({ resume: true });
    // Of this very process, the number alone would hold it.
    held({});
    expect((await problemOf(training({ resume: true }))).code).toBe("MTL8612");
  });

  it("on another machine holds until a person takes it away", async () => {
    await training();
    held({ host: "elsewhere", pid: 999_999_999 });
    const { message, help } = await problemOf(training({ resume: true }));
    expect(message).toBe(`\`${run}\` is in use: process 999999999 on elsewhere trains there since noon`);
    expect(help).toContain(`if nothing trains there any more, delete \`${lock}\``);
    rmSync(lock);
    await training({ resume: true });
  });

  it.each(["", "{", "[]", '{"pid":-1}'])("that says %j holds, and its file is named", async (content) => {
    await training();
    writeFileSync(lock, content);
    const { message, help } = await problemOf(training({ resume: true }));
    expect(message).toBe(`\`${run}\` is locked: its run.lock does not say by whom`);
    expect(help).toBe(`if nothing trains there, delete \`${lock}\``);
  });
});

it("does not keep anybody from predicting", async () => {
  await training();
  const { release } = lockRun(run);
  writeFileSync(join(folder, "asked.csv"), "a\n1\n");
  expect((await mtlc("predict", run, join(folder, "asked.csv"))).code).toBe(0);
  release();
});
