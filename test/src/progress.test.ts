import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { widthOf } from "../../compiler/prose/width.ts";
import type { EpochEvent, PhaseEvent, StepEvent } from "../../runtime/train/hooks.ts";
import { createProgress } from "../../src/render/progress.ts";
import { createPace } from "../../src/render/pace.ts";
import { terminalOf, type Terminal } from "./terminal.ts";

/** What a terminal shows while a network is trained: a history of epochs, and below it where training stands. */

beforeEach(() => {
  vi.stubEnv("NO_COLOR", "");
  vi.stubEnv("TERM", "xterm-256color");
});
afterEach(() => vi.unstubAllEnvs());

const penguins = compile(readFileSync(join(import.meta.dirname, "../../examples/penguins/penguins.mtl"), "utf8"), {
  file: "penguins.mtl",
}).model!;

const phase: PhaseEvent = {
  phase: null,
  number: 1,
  phases: 1,
  epoch: 1,
  epochs: 60,
  patience: 10,
  waited: 0,
  later: 0,
  mayStop: true,
};
const weights = { species: 1.12, sex: 1.11, mass: 1.06 };
const step = (done: number, losses: Record<string, number>): StepEvent => ({
  step: done,
  losses,
  weights: Object.fromEntries(Object.keys(losses).map((task, k) => [task, Object.values(weights)[k % 3]])),
  rate: 0.005,
  epoch: Math.floor((done - 1) / 7) + 1,
  epochs: 60,
  done,
  total: 420,
});
const epoch = (number: number, losses: Record<string, number>, loss: number | null, best = false): EpochEvent => ({
  epoch: number,
  phase: null,
  step: number * 7,
  rate: 0.005,
  seconds: 1,
  losses,
  weights: Object.fromEntries(Object.keys(losses).map((task, k) => [task, Object.values(weights)[k % 3]])),
  validation: loss === null ? null : { loss, losses: {}, metrics },
  best,
});
const metrics = { species: { accuracy: 1 }, sex: { accuracy: 0.9552 }, mass: { mae: 284.1 } };
const losses = { species: 0.0271, sex: 0.2984, mass: 0.1722 };

/** Two epochs and some steps of the third; a step takes a tenth of a second. */
function shown(terminal: Terminal, given: Record<string, number> = losses, loss: number | null = 0.425) {
  let now = 0;
  const progress = createProgress(terminal, () => now);
  progress.begin(penguins);
  progress.phase(phase);
  for (let done = 1; done <= 16; done++) {
    now += 100;
    progress.step(step(done, given));
    if (done % 7 === 0) progress.epoch(epoch(done / 7, given, loss === null ? null : loss + done / 1000, done === 7));
  }
  return progress;
}

describe("progress on a terminal", () => {
  it("goes on while a part is measured, which may take longer than the epoch", () => {
    const terminal = terminalOf(80);
    let now = 0;
    const progress = createProgress(terminal, () => now);
    progress.begin(penguins);
    progress.phase(phase);
    progress.step(step(7, losses));
    const barOf = (): string => terminal.screen().find((line) => line.startsWith("epoch 1 of 60")) ?? "";
    for (const done of [0, 1280, 6400]) {
      now += 1000;
      progress.measure({ part: "validation", done, rows: 12_800 });
      expect(barOf()).toMatch(new RegExp(`validation: ${done.toLocaleString("en")} of 12,800 rows$`));
      expect(barOf().split("━").length - 1).toBeGreaterThan(0);
    }
    now += 1000;
    progress.step(step(8, losses));
    expect(terminal.screen().join("\n")).not.toContain("rows");
    expect(terminal.screen().join("\n")).toContain("epoch 2 of 60");
  });

  it("is as the page of commands shows it, in 80 columns", () => {
    const terminal = terminalOf(80);
    shown(terminal);
    const page = readFileSync(join(import.meta.dirname, "../../docs/commands.md"), "utf8");
    const [, sample] = /```text terminal\n([\s\S]*?)```/.exec(page) ?? [];
    expect(`${terminal.screen().join("\n")}\n`).toBe(sample);
  });

  it("tells more where there is room", () => {
    const terminal = terminalOf(120);
    shown(terminal);
    expect(terminal.screen()).toEqual([
      "epoch  1 of 60   species 0.027 (×1.1)   sex 0.298 (×1.1)   mass 0.172 (×1.1)   validation 0.432 (best)",
      "epoch  2 of 60   species 0.027 (×1.1)   sex 0.298 (×1.1)   mass 0.172 (×1.1)   validation 0.439",
      "epoch 3 of 60 ━╸━━━━━━━━━━━━━━━━━━━━━━━━━━━ 10 steps/s, at most 40 s left",
      "loss        species 0.027 (×1.1)   sex 0.298 (×1.1)   mass 0.172 (×1.1)",
      "validation  0.439   species accuracy 1.000   sex accuracy 0.955   mass mae 284 g   no better for 1 of 10",
    ]);
  });

  it("tells less where there is little", () => {
    const terminal = terminalOf(40);
    shown(terminal);
    expect(terminal.screen()).toEqual([
      "epoch  1 of 60  validation 0.432 (best)",
      "epoch  2 of 60  validation 0.439",
      "epoch 3 of 60 ╸━━━━ at most 40 s left",
      "loss        species 0.027 (×1.1)",
      "            sex 0.298 (×1.1)",
      "            mass 0.172 (×1.1)",
      "validation  0.439",
      "            species accuracy 1.000",
      "            sex accuracy 0.955",
      "            mass mae 284 g",
    ]);
  });

  it("keeps the bar alone where there are few rows", () => {
    const terminal = terminalOf(80, 8);
    shown(terminal);
    expect(terminal.screen().filter((line) => !line.startsWith("epoch  "))).toHaveLength(1);
  });

  it.each([30, 80, 220])("is never wider than %i columns, with many tasks and long names", (columns) => {
    const many = Object.fromEntries(
      Array.from({ length: 12 }, (_, k) => [`task_${k}_${"字long_".repeat(k)}`, k + 0.5]),
    );
    for (const [given, loss] of [
      [many, 0.425],
      [many, null],
      [{ one: 1e-9 }, 123456],
    ] as const) {
      const lines: string[] = [];
      const terminal = terminalOf(columns);
      const write = terminal.write;
      terminal.write = (text) => {
        lines.push(...text.split(/[\r\n]/).map((line) => line.replace(/\u001b\[\d*\w/g, "")));
        return write(text);
      };
      shown(terminal, given, loss).end();
      expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns);
      expect(terminal.screen().filter(Boolean)).toHaveLength(2);
      for (const line of terminal.screen().filter(Boolean)) expect(line).toMatch(/^epoch +[12]\b/);
    }
  });

  it("counts the tasks that have no room", () => {
    const terminal = terminalOf(80);
    shown(terminal, Object.fromEntries(Array.from({ length: 40 }, (_, k) => [`assay_${k}`, k])));
    const [first, , , ...below] = terminal.screen();
    expect(first).toBe("epoch  1 of 60  assay_0 0.000  assay_1 1.000  … 38 more  validation 0.432 (best)");
    expect(below.join("\n")).toMatch(/… \d+ more\nvalidation {2}0\.439/);
  });

  it("leaves the history alone when it ends, and what is printed then begins a line", () => {
    const terminal = terminalOf(80);
    shown(terminal).end();
    terminal.write("Interrupted after step 16\n");
    expect(terminal.screen()).toEqual([
      "epoch  1 of 60  species 0.027  sex 0.298  mass 0.172  validation 0.432 (best)",
      "epoch  2 of 60  species 0.027  sex 0.298  mass 0.172  validation 0.439",
      "Interrupted after step 16",
      "",
    ]);
  });

  it("draws itself anew where the terminal changes, and leaves nothing of before behind", () => {
    for (const [before, after] of [
      [120, 50],
      [50, 120],
      [80, 40],
    ]) {
      const terminal = terminalOf(before);
      const progress = shown(terminal);
      terminal.resize(after);
      const below = terminal.screen().filter((line) => /[━╸]|^loss|^validation/.test(line));
      expect(
        below.map((line) => line.split(" ")[0]),
        `${before} ${after}`,
      ).toEqual(["epoch", "loss", "validation"]);
      progress.end();
      expect(terminal.screen().filter((line) => /[━╸]|^loss|^validation/.test(line))).toEqual([]);
      // The history is whole.
      expect(
        terminal
          .screen()
          .join(" ")
          .match(/epoch +\d of 60/g),
      ).toHaveLength(2);
    }
  });

  it("names phases, says how one ended, and counts the steps of those that follow into the time left", () => {
    const terminal = terminalOf(80);
    let now = 0;
    const progress = createProgress(terminal, () => now);
    progress.begin(penguins);
    progress.phase({ ...phase, phase: "heads", phases: 2, later: 1000, mayStop: false });
    for (let done = 1; done <= 21; done++) {
      now += 100;
      progress.step(step(done, losses));
    }
    expect(terminal.screen()[0]).toBe("phase heads (1 of 2), epochs 1 to 60");
    // 399 steps of its own and 1000 more, ten a second.
    expect(terminal.screen()[1]).toMatch(/10 steps\/s, 2 min 20 s left$/);
    progress.phaseEnd({ phase: "heads", epoch: 3, waited: 2, kept: 1 });
    progress.end();
    expect(terminal.screen().filter(Boolean)).toEqual([
      "phase heads (1 of 2), epochs 1 to 60",
      "stopped after epoch 3: no better for 2; epoch 1 is kept",
    ]);
  });

  it.each([
    ["NO_COLOR", "1"],
    ["TERM", "dumb"],
  ])("has no bar and no colour under %s=%s, and its lines are whole", (name, value) => {
    vi.stubEnv(name, value);
    const written: string[] = [];
    const terminal = terminalOf(80);
    terminal.write = (text) => written.push(text);
    shown(terminal).end();
    expect(written.join("")).toBe(
      "epoch  1 of 60  species 0.027  sex 0.298  mass 0.172  validation 0.432 (best)\n" +
        "epoch  2 of 60  species 0.027  sex 0.298  mass 0.172  validation 0.439\n",
    );
  });
});

describe("the pace", () => {
  it("is that of the last half minute, and begins anew with a phase", () => {
    const pace = createPace();
    expect(pace.stepsPerSecond()).toBeNull();
    for (let k = 1; k <= 100; k++) pace.note(k, k * 1000);
    expect(pace.stepsPerSecond()).toBe(1);
    for (let k = 1; k <= 400; k++) pace.note(100 + k, 100_000 + k * 100);
    expect(pace.stepsPerSecond()).toBe(10);
    pace.note(1, 200_000);
    expect(pace.stepsPerSecond()).toBeNull();
    pace.note(3, 200_500);
    expect(pace.stepsPerSecond()).toBe(4);
  });
});
