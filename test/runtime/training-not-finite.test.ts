import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { registry } from "../../compiler/registry/index.ts";
import type { Snapshot } from "../../runtime/train/snapshot.ts";
import { mtlc } from "../slow/command.ts";
import {
  bits,
  csv,
  folderOf,
  numbersFrom,
  prepared,
  trained,
  type TrainOptions,
  type Trained,
} from "./small-training.ts";

/** Numbers that go wrong: nothing is changed by such a step, and the message says where it was. */

const ROWS = 40;
const random = numbersFrom(31);
const columns: Record<string, (number | string | null)[]> = Object.fromEntries(
  ["a", "b", "c", "mass", "size"].map((name) => [name, Array.from({ length: ROWS }, random)]),
);
/** With these cells of `mass`, by row from 0. */
const table = (masses: Readonly<Record<number, number | string | null>> = {}): Record<string, string> => ({
  "birds.csv": csv({ ...columns, mass: columns.mass.map((value, row) => (row in masses ? masses[row] : value)) }),
});
const text = (train: string): string => `model Birds
input x: f32[3] { from: ["a", "b", "c"] }
shared trunk = x -> dense(6) -> batch_norm -> relu
task mass: real { head: trunk -> dense(3) -> batch_norm -> dense }
task size: real { head: trunk -> dense }
train { shuffle: false, seed: 2, batch: 8, epochs: 2, ${train} }
data { train: csv("birds.csv"), validation: csv("birds.csv") }`;

/** What a training that cannot go on says, and what it keeps. */
async function stopped(program: string, rows: Record<string, string>, options: TrainOptions = {}) {
  let snapshot: Snapshot | undefined;
  let kept: ReadonlyMap<string, Float32Array> | undefined;
  const ready = await prepared(program, rows);
  try {
    await trained(ready, { ...options, save: (saved) => (snapshot = saved), keep: (weights) => (kept = weights) });
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return { diagnostics: error.diagnostics, snapshot: snapshot!, kept: kept!, ready };
  }
  return expect.fail("training should have stopped");
}

const run = async (train: string, rows: Record<string, string>): Promise<Trained> =>
  trained(await prepared(text(train), rows));

/** (p - 1e30)² is infinite in 32 bits. */
const HUGE = 1e30;

describe("a loss that is not finite", () => {
  test.each([
    "optimizer: adamw",
    "balance: [uncertainty, pcgrad(smoothing: 0.5)], optimizer: sgd(momentum: 0.9)",
    "balance: dwa(every: 2), optimizer: adam, average: ema(0.9)",
  ])("ends training before its step, under %s", async (train) => {
    // The third batch, rows 17 to 24 of the file; the second line of the file is row 1.
    const { diagnostics, snapshot, kept } = await stopped(text(train), table({ 20: HUGE }));
    expect(diagnostics.map(({ code }) => code)).toEqual(["MTL8401"]);
    expect(diagnostics[0].message).toBe(
      "the loss of `mass` became infinite in step 3 (epoch 1, rows 17, 18, 19, 20, 21 and 3 more of birds.csv)",
    );
    expect(diagnostics[0].help).toContain("the weights are those of the step before");
    // What is kept is the run of two steps, to the bit.
    const two = await trained(await prepared(text(train), table(), ["train.steps=2"]));
    expect(bits(kept)).toEqual(bits(two.weights));
    expect(snapshot.cursor.step).toBe(2);
    for (const [name, { data }] of two.snapshot.tensors)
      expect([...snapshot.tensors.get(name)!.data], name).toEqual([...data]);
  });

  test("is named by the numbers of its rows in the file, shuffled or not, filtered or not", async () => {
    const rows = table({ 20: HUGE });
    const program = text("shuffle: true, optimizer: adam")
      .replace("shuffle: false, ", "")
      .replace("batch: 8", "batch: 1");
    const only = program.replace('train: csv("birds.csv"),', 'train: csv("birds.csv", only: { keep: "yes" }),');
    const marked = {
      "birds.csv": rows["birds.csv"].replaceAll("\n", ",yes\n").replace(",yes\n", ",keep\n").replace(",yes\n", ",no\n"),
    };
    for (const [source, data] of [
      [program, rows],
      [only, marked],
    ] as const) {
      const failed = await trained(await prepared(source, data)).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(DiagnosticError);
      expect(String(failed)).toMatch(/\(epoch 1, row 21 of birds\.csv\)/);
    }
  });

  test("a state that was kept goes on with other settings", async () => {
    const { snapshot } = await stopped(text("optimizer: adam"), table({ 20: HUGE }));
    const mended = await prepared(text("optimizer: adam"), table({ 20: HUGE }), [
      "train.clip=norm(1)",
      "train.balance=static(on_nonfinite: skip)",
    ]);
    const result = await trained(mended, { from: snapshot });
    expect(result.steps[0].step).toBe(3);
    expect(result.snapshot.cursor.step).toBe(10);
  });
});

describe("on_nonfinite: skip", () => {
  const rules = [
    "static(on_nonfinite: skip)",
    "uncertainty(on_nonfinite: skip)",
    "[uncertainty, pcgrad(on_nonfinite: skip)]",
  ];
  test.each(rules)("leaves the task out of the step, as if it had no answer: %s", async (rule) => {
    const train = `balance: ${rule}, optimizer: adamw, average: ema(0.9)`;
    const skipped = await run(train, table({ 20: HUGE }));
    const holes = Object.fromEntries(Array.from({ length: 8 }, (_, k) => [16 + k, null]));
    const absent = await run(train, table(holes));
    expect(skipped.snapshot.cursor.skipped).toBe(2);
    expect(absent.snapshot.cursor.skipped).toBe(0);
    expect(skipped.steps).toEqual(absent.steps);
    expect(bits(skipped.weights)).toEqual(bits(absent.weights));
    expect(Object.keys(skipped.steps[2].losses)).toEqual(["size"]);
  });

  test("also where the head's own output is not finite", async () => {
    // In row 20 the head gives about 1e60, which is infinite in 32 bits; the slope of its loss there is infinite too.
    const program = (train: string): string =>
      text(train)
        .replace("shared trunk", "input w: f32\nshared trunk")
        .replace(
          "trunk -> dense(3) -> batch_norm -> dense }",
          "(trunk -> dense(3) -> batch_norm -> dense(1)) * w * w }",
        );
    const w = columns.a.map((_, row) => (row === 20 ? 1e30 : 1));
    const train = "balance: uncertainty(on_nonfinite: skip), optimizer: adamw";
    const of = async (masses: (number | string | null)[]): Promise<Trained> =>
      trained(await prepared(program(train), { "birds.csv": csv({ ...columns, w, mass: masses }) }));
    const skipped = await of(columns.mass);
    const absent = await of(columns.mass.map((mass, row) => (row >= 16 && row < 24 ? null : mass)));
    expect(skipped.snapshot.cursor.skipped).toBe(2);
    expect(Object.keys(skipped.steps[2].losses)).toEqual(["size"]);
    expect(bits(skipped.weights)).toEqual(bits(absent.weights));
  });

  test("also among batches that are accumulated", async () => {
    const train = "balance: static(on_nonfinite: skip), optimizer: adamw, accumulate: 2";
    const skipped = await run(train, table({ 12: HUGE }));
    // The task is out of the whole step, of its first batch too.
    const absent = await run(train, table(Object.fromEntries(Array.from({ length: 16 }, (_, row) => [row, null]))));
    expect(bits(skipped.weights)).toEqual(bits(absent.weights));
  });

  test("ends after ten such steps in a row", async () => {
    const all = Object.fromEntries(Array.from({ length: ROWS }, (_, row) => [row, HUGE]));
    const { diagnostics, snapshot } = await stopped(
      text("balance: static(on_nonfinite: skip), optimizer: adam"),
      table({ ...all, 0: 1 }),
    );
    expect(diagnostics[0].code).toBe("MTL8403");
    expect(diagnostics[0].message).toContain(
      "10 steps in a row were skipped because the loss of `mass` was not finite",
    );
    // The others have taken the tenth step, too, and a resumed run would not take it again.
    expect(snapshot.cursor).toMatchObject({ step: 10, skipped: 10, skippedInRow: 10 });
    expect(snapshot.cursor.stepCounts["size.dense_1.kernel"]).toBe(10);
    // One good step between them, and the count begins anew.
    const { [32]: _, ...others } = Object.fromEntries(Object.entries(all).filter(([row]) => Number(row) < 32));
    const result = await run(
      "balance: static(on_nonfinite: skip), optimizer: adam, epochs: 4".replace("epochs: 4", ""),
      table(others),
    );
    expect(result.snapshot.cursor).toMatchObject({ skipped: 8, skippedInRow: 0 });
  });
});

describe("a gradient that is not finite", () => {
  // The loss is 1e38 / 8, its gradient about 1e22 an element, and the sum of its squares infinite in 32 bits.
  const rows = table({ 20: 1e19 });
  const heavy = (train: string): string =>
    text(train)
      .replace("task mass: real {", "task mass: real { weight: 10_000")
      .replace(', validation: csv("birds.csv")', "");
  test("ends training, with the tasks of the batch named", async () => {
    const { diagnostics, snapshot } = await stopped(heavy("optimizer: sgd"), rows);
    expect(diagnostics[0].code).toBe("MTL8402");
    expect(diagnostics[0].message).toBe(
      "the gradient is not finite in step 3 (epoch 1, rows 17, 18, 19, 20, 21 and 3 more of birds.csv), though the losses of `mass`, `size` are",
    );
    expect(snapshot.cursor.step).toBe(2);
  });

  test.each([
    "balance: static(on_nonfinite: skip)",
    "balance: [uncertainty, dwa(smoothing: 0.5, on_nonfinite: skip)]",
    "balance: pcgrad(smoothing: 0.9, on_nonfinite: skip)",
    "balance: static(on_nonfinite: skip), accumulate: 3",
  ])("is a step that changes nothing under %s", async (balance) => {
    const train = `${balance}, optimizer: adamw, average: ema(0.9)`;
    const at = balance.includes("accumulate") ? 0 : 2;
    const ready = await prepared(heavy(train), rows);
    const states: Snapshot[] = [];
    let from: Snapshot | undefined;
    for (let k = 0; k < 5; k++) {
      let asked = 0;
      from = (await trained(ready, { from, interrupted: () => ++asked >= 1 })).snapshot;
      states.push(from);
    }
    const before = at === 0 ? (await trained({ ...ready, model: unstarted(ready.model) })).snapshot : states[at - 1];
    const after = states[at];
    for (const [name, { data }] of before.tensors) expect([...after.tensors.get(name)!.data], name).toEqual([...data]);
    expect(after.cursor.stepCounts).toEqual(at === 0 ? expect.anything() : before.cursor.stepCounts);
    expect(Object.values(after.cursor.stepCounts).every((steps) => steps === at)).toBe(true);
    if (at > 0) expect(after.cursor.balance).toEqual(before.cursor.balance);
    expect(after.cursor).toMatchObject({ step: at + 1, skipped: 1, averaged: at });
    expect(states[4].cursor.skipped).toBe(balance.includes("accumulate") ? 2 : 1);
  });
});

const unstarted = <M extends { readonly phases: readonly object[] }>(model: M): M => ({
  ...model,
  phases: model.phases.map((phase) => ({ ...phase, epochs: 0 })),
});

describe("a loss below 0", () => {
  test("ends training under a rule that needs losses above 0", async () => {
    // No rule that can run needs them yet: one is taken for such.
    const dwa = registry.balance.get("dwa")!;
    const positive = { ...registry, balance: new Map(registry.balance).set("dwa", { ...dwa, positive: true }) };
    const program = text("balance: dwa, optimizer: sgd, clip: norm(1)").replace("task mass: real", "task mass: count");
    // e^z - t z is about 1 - 0 at first; with t = 1000 and a bias that has learnt it falls far below.
    const counts = { "birds.csv": csv({ ...columns, mass: columns.mass.map((_, row) => (row >= 16 ? 1000 : 0)) }) };
    const ready = await prepared(program, counts);
    const failed = await trained(ready, { registry: positive }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(DiagnosticError);
    expect(String(failed)).toMatch(
      /MTL8405 the loss of `mass` is -[0-9.]+ in step \d+ \(epoch 1, rows .* of birds\.csv\), and `dwa` needs losses above 0/,
    );
    expect((await trained(ready)).steps.length).toBe(10);
  });
});

describe("the command", () => {
  test("says where it keeps the last good weights, and they can be measured", async () => {
    const folder = folderOf({ "birds.mtl": text("optimizer: adam"), ...table({ 20: HUGE }) });
    const run = join(folder, "run");
    const { code, err } = await mtlc("train", join(folder, "birds.mtl"), "--run", run, "--threads", "1");
    expect(code).toBe(1);
    expect(err).toContain("error[MTL8401] the loss of `mass` became infinite in step 3");
    expect(err).toContain(`The weights of step 2 are kept in ${run}`);
    expect(JSON.parse(readFileSync(join(run, "run.json"), "utf8"))).toMatchObject({
      finished: false,
      steps: 2,
      epochs: 0,
    });
    expect((await mtlc("evaluate", run, "--bootstrap", "0")).code).toBe(0);
  });

  test.each([
    // Batches of 8 rows, in the order of the file.
    ["in its third step", "optimizer: adam", { 20: HUGE }, "The weights of step 2 are kept", "after 0 epochs, 2 steps"],
    [
      "in its first step",
      "optimizer: adam",
      { 3: HUGE },
      "The weights as they began are kept",
      "after 0 epochs, 0 steps",
    ],
    [
      "in a step of two batches",
      "optimizer: adam, accumulate: 2",
      { 20: HUGE },
      "The weights of step 1 are kept",
      "after 0 epochs, 1 step",
    ],
  ])("says of one that stops %s, resumed or not, which weights it keeps", async (_, train, cells, kept, resumed) => {
    const folder = folderOf({ "birds.mtl": text(train), ...table(cells) });
    const words = [join(folder, "birds.mtl"), "--run", join(folder, "run"), "--threads", "1"];
    expect((await mtlc("train", ...words)).err).toContain(`${kept} in ${join(folder, "run")}\n`);
    const { code, err } = await mtlc("train", ...words, "--resume");
    expect(code).toBe(1);
    expect(err).toContain(resumed);
    expect(err).toContain(`${kept} in ${join(folder, "run")}\n`);
  });

  test("counts the steps of the phases before", async () => {
    const phases = "train one { $1 steps: 2, optimizer: adam }\ntrain two { $1 epochs: 2, optimizer: adam }";
    const program = text("").replace(/train \{ (.*) epochs: 2,\s+\}/, phases);
    const folder = folderOf({ "birds.mtl": program, ...table({ 20: HUGE }) });
    const words = [join(folder, "birds.mtl"), "--run", join(folder, "run"), "--threads", "1"];
    for (const more of [[], ["--resume"]]) {
      const { err } = await mtlc("train", ...words, ...more);
      expect(err).toContain("became infinite in step 5");
      expect(err).toContain("The weights of step 4 are kept");
    }
  });

  test("counts skipped steps, and those of a resumed run with them", async () => {
    const all = Object.fromEntries(Array.from({ length: ROWS }, (_, row) => [row, row === 0 ? 1 : HUGE]));
    const program = text("balance: static(on_nonfinite: skip), optimizer: adam").replace("epochs: 2", "epochs: 3");
    const folder = folderOf({ "birds.mtl": program, ...table(all) });
    const words = [join(folder, "birds.mtl"), "--run", join(folder, "run"), "--threads", "1"];
    const { err } = await mtlc("train", ...words);
    expect(err).toContain("10 steps in a row were skipped");
    expect(err).toContain("The weights of step 10 are kept");
    // The other task has moved in each of them.
    expect(err).not.toContain("the weights are those of the step before");
    const resumed = (await mtlc("train", ...words, "--resume")).err;
    expect(resumed).toContain("after 1 epoch, 10 steps");
    expect(resumed).toContain("epoch 2 of 3");
    expect(resumed).toContain("11 steps in a row were skipped");
    expect(resumed).toContain("The weights of step 11 are kept");
  });
});

describe("nothing to train", () => {
  const program = (end: string): string => `${text("").split("train {")[0]}${end}\ndata { train: csv("birds.csv") }`;

  test.each([
    ["", "train { freeze: [trunk, mass, size] }"],
    [" in `train b`", "train a { epochs: 1 }\ntrain b { freeze: [trunk, mass, size] }"],
  ])("every part frozen%s is found before there are rows", async (where, end) => {
    const written = program(end);
    const problem = await prepared(written, {}).catch((error: unknown) => error);
    if (!(problem instanceof DiagnosticError)) throw new Error("a model that cannot learn was taken");
    const [{ message, span, help }] = problem.diagnostics;
    expect(message).toBe(`every part of the network is frozen${where}`);
    expect(written.slice(span?.start).startsWith("[trunk, mass, size]")).toBe(true);
    expect(help).toBe("leave one of them out: `trunk`, `mass`, `size`");
  });

  test("a part that no loss reaches does not count, and the ones that could learn are named", async () => {
    const written = program(
      "task spare: real { head: x -> dense, target: none }\ntrain { freeze: [trunk, mass, size] }",
    );
    const { diagnostics } = await stopped(written, table());
    expect(diagnostics.map(({ message }) => message)).toEqual(["no loss reaches a part that is not frozen"]);
    expect(diagnostics[0].help).toBe("leave one of these out of `freeze`: `trunk`, `mass`, `size`");
    expect(written.slice(diagnostics[0].span?.start).startsWith("train {")).toBe(true);
  });

  test("no task has a target to learn", async () => {
    const targetless = text("optimizer: adam").replace(/(task \w+: real \{)/g, "$1 target: none ");
    await expect(prepared(targetless, table()).then((ready) => trained(ready))).rejects.toThrow(
      "no task has a target to learn",
    );
  });
});
