import { describe, expect, it } from "vitest";
import { createBuilder } from "../../compiler/graph/create.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import type { Value } from "../../compiler/ir/model.ts";
import { clipFactor, clipValue, decayAt, optimizerRows } from "../../compiler/optimizers/index.ts";
import type { OptimizerRow } from "../../compiler/registry/rows.ts";
import { plateauDrops, scheduleRows } from "../../compiler/schedules/index.ts";
import { expectClose, golden, numbers, printUnbuilt, settingsOf } from "./golden.ts";
import type { Nested } from "./golden.ts";

type Word = { kind: string } & Record<string, Value>;
interface Entry {
  id: string;
  /** `exclude` lists tensors without weight decay. */
  optimizer: Word;
  clip: { norm?: number; value?: number } | null;
  rates?: number[];
  after: Nested[][];
  norms_before_clip?: number[];
  tolerance: number;
}
interface File {
  initial: Nested[];
  gradients: Nested[][];
  entries: Entry[];
  schedules: { id: string; schedule: Word; total_steps: number; factors: number[]; tolerance: number }[];
  averages: { id: string; ema: { decay: number; ramp: boolean }; average: Nested[][]; tolerance: number }[];
}
const file = golden<File>("optimizers.json");
const norm = (x: readonly number[]) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));

function split({ kind, ...settings }: Word): { kind: string; settings: Record<string, Value> } {
  return { kind, settings };
}

/** One tensor's update as a function of numbers: the row's operations, evaluated. */
function updater(row: OptimizerRow, settings: Record<string, Value>, n: number) {
  const g = createBuilder();
  const vector = { element: "f32", shape: [n] } as const;
  const names = row.state(settings);
  const scalars = Object.keys(row.scalars(settings, { t: 1, rate: 1, decay: true }));
  const inputs = (list: readonly string[], prefix: string, type: { element: "f32"; shape: readonly number[] }) =>
    Object.fromEntries(list.map((name) => [name, g.input(`${prefix}.${name}`, type)]));
  const next = row.update?.(g, {
    settings,
    parameter: g.input("parameter", vector),
    gradient: g.input("gradient", vector),
    state: inputs(names, "state", vector),
    scalars: inputs(scalars, "scalar", { element: "f32", shape: [] }),
  });
  if (next === undefined) throw new Error(`${row.name} is not built`);
  expect(Object.keys(next.state).sort()).toEqual([...names].sort());
  const graph = g.finish({ parameter: next.parameter, ...next.state });
  const state = new Map<string, Float64Array>(names.map((name) => [name, new Float64Array(n)]));
  return (parameter: Float64Array, gradient: readonly number[], t: number, rate: number, decay: boolean) => {
    const values = row.scalars(settings, { t, rate, decay });
    const got = evaluate(graph, {
      parameter,
      gradient,
      ...Object.fromEntries([...state].map(([name, value]) => [`state.${name}`, value])),
      ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`scalar.${name}`, [value]])),
    });
    for (const name of names) state.set(name, got[name]);
    return got.parameter;
  };
}

describe("optimizers against other programs", () => {
  const rowOf = (name: string) => optimizerRows.find((row) => row.name === name);
  const built = file.entries.filter((entry) => rowOf(entry.optimizer.kind)?.built);

  it("prints what is not built", () => {
    const missing = file.entries.filter((entry) => !built.includes(entry)).map((entry) => entry.optimizer.kind);
    printUnbuilt("optimizers.json", missing);
    expect(missing).toEqual([]);
  });

  it.each(built)("$id", (entry) => {
    const { exclude, ...optimizer } = entry.optimizer;
    const { kind, settings: given } = split(optimizer);
    const row = rowOf(kind);
    if (row === undefined) throw new Error(`no optimizer ${kind}`);
    const settings = settingsOf(row, given);
    const rate = Number(settings.rate);
    const parameters: Float64Array[] = file.initial.map((tensor) => Float64Array.from(numbers(tensor)));
    const updates = parameters.map((tensor) => updater(row, settings, tensor.length));
    file.gradients.forEach((step, k) => {
      const gradients = step.map(numbers);
      const length = norm(gradients.flat());
      if (entry.norms_before_clip) expectClose([length], [entry.norms_before_clip[k]], entry.tolerance);
      const factor = entry.clip?.norm === undefined ? 1 : clipFactor(length, entry.clip.norm);
      const limit = entry.clip?.value ?? Infinity;
      updates.forEach((update, tensor) => {
        const clipped = gradients[tensor].map((v) => clipValue(v * factor, limit));
        const decay = !(Array.isArray(exclude) && exclude.includes(tensor));
        parameters[tensor] = update(parameters[tensor], clipped, k + 1, entry.rates?.[k] ?? rate, decay);
        expectClose(parameters[tensor], numbers(entry.after[k][tensor]), entry.tolerance);
      });
    });
  });

  it.each(file.averages)("average $id", ({ ema, average, tolerance }) => {
    const run = file.entries.find((entry) => entry.id === "adam_4");
    if (run === undefined) throw new Error("no run adam_4");
    let kept = file.initial.map(numbers);
    average.forEach((expected, k) => {
      const decay = decayAt(ema, k);
      const now = run.after[k].map(numbers);
      kept = kept.map((tensor, i) => tensor.map((a, j) => decay * a + (1 - decay) * now[i][j]));
      kept.forEach((tensor, i) => expectClose(tensor, numbers(expected[i]), tolerance));
    });
  });

  it.each(file.schedules)("schedule $id", ({ schedule, total_steps, factors, tolerance }) => {
    const { kind, settings } = split(schedule);
    const row = scheduleRows.find((row) => row.name === kind);
    if (row === undefined) throw new Error(`no schedule ${kind}`);
    const all = settingsOf(row, settings);
    const got = factors.map((_, step) => row.factor?.(all, { step, total: total_steps, epoch: 0, plateau: 0 }));
    expectClose(
      got.map((factor) => factor ?? NaN),
      factors,
      tolerance,
    );
  });
});

describe("weight decay", () => {
  it("of lamb makes its direction longer, not its step", () => {
    const row = optimizerRows.find((row) => row.name === "lamb");
    if (row === undefined) throw new Error("no lamb");
    const step = (weight_decay: number, start: readonly number[], gradient: readonly number[]) => {
      const settings = settingsOf(row, { rate: 0.1, weight_decay });
      return updater(row, settings, 2)(Float64Array.from(start), gradient, 1, 0.1, true);
    };
    for (const decay of [0, 0.5]) {
      const [a, b] = step(decay, [3, 4], [0.25, -0.5]);
      // A tenth of the tensor's own length, 5.
      expect(Math.hypot(a - 3, b - 4)).toBeCloseTo(0.5, 12);
    }
    // A tensor of zeros, or a step of none, has no length to keep to.
    const [c] = step(0, [0, 0], [0.25, -0.5]);
    expect(c).toBeCloseTo(-0.1, 6);
    expect([...step(0, [3, 4], [0, 0])]).toEqual([3, 4]);
  });

  it.each(["sgd", "adam", "adamw", "lion"])("%s decays kernels only, unless told otherwise", (name) => {
    const row = optimizerRows.find((row) => row.name === name);
    if (row === undefined) throw new Error(`no optimizer ${name}`);
    const step = (decay: string, applies: boolean) => {
      const settings = settingsOf(row, { rate: 0.1, weight_decay: 0.5, decay });
      return updater(row, settings, 1)(Float64Array.of(2), [0.25], 1, 0.1, applies)[0];
    };
    const none = updater(row, settingsOf(row, { rate: 0.1, weight_decay: 0 }), 1)(
      Float64Array.of(2),
      [0.25],
      1,
      0.1,
      true,
    )[0];
    expect(step("kernels", false)).toBeCloseTo(none, 12);
    expect(step("all", false)).toBe(step("kernels", true));
    // adam's first step has the size of the rate whatever the gradient, so decay inside it cannot be seen there.
    if (name !== "adam") expect(step("kernels", true)).toBeLessThan(none - 0.04);
  });
});

describe("schedules", () => {
  const factor = (
    name: string,
    given: Record<string, Value>,
    at: { step: number; epoch: number; plateau?: number },
  ) => {
    const row = scheduleRows.find((row) => row.name === name);
    return row?.factor?.(settingsOf(row, given), { total: 100, plateau: 0, ...at });
  };
  it("count epochs unless told otherwise", () => {
    expect(factor("step", { every: 10, factor: 0.3 }, { step: 55, epoch: 19 })).toBe(0.3);
    expect(factor("step", { every: 10, factor: 0.5 }, { step: 55, epoch: 20 })).toBe(0.25);
    expect(factor("exponential", { factor: 0.5 }, { step: 55, epoch: 3 })).toBe(0.125);
  });
  it("stay at 1 when constant, and all warm up alike", () => {
    expect(factor("constant", {}, { step: 55, epoch: 19 })).toBe(1);
    for (const name of ["constant", "cosine", "linear", "plateau", "one_cycle"]) {
      expect(factor(name, { warmup: 4 }, { step: 1, epoch: 0 })).toBe(0.5);
    }
  });
  it("are defined for a single step", () => {
    const row = scheduleRows.find((row) => row.name === "one_cycle");
    if (row === undefined) throw new Error("no one_cycle");
    expect(row.factor?.(settingsOf(row, {}), { step: 0, total: 1, epoch: 0, plateau: 0 })).toBeGreaterThan(0.1);
  });
  it("drop on a plateau after `patience` epochs without improvement, then wait as long again", () => {
    expect(plateauDrops([5, 4, 4, 4.5, 3], "down", 3)).toBe(0);
    expect(plateauDrops([5, 4, 4, 4.5, null], "down", 3)).toBe(1);
    expect(plateauDrops([5, 4, 4, 4, 4, 4, 4], "down", 2)).toBe(2);
    // After a drop the count begins anew, and the best value stays: 5.5 and 5.4 are no improvement on 5.
    expect(plateauDrops([5, 6, 6, 5.5, 5.4], "down", 2)).toBe(2);
    expect(plateauDrops([5, 6, 6, 5.5], "down", 2)).toBe(1);
    expect(plateauDrops([0.5, 0.6, 0.6, 0.7, 0.6], "up", 2)).toBe(0);
    expect(plateauDrops([0.5, 0.6, 0.6, 0.5, 0.7], "up", 2)).toBe(1);
    expect(factor("plateau", { factor: 0.1 }, { step: 55, epoch: 9, plateau: 2 })).toBeCloseTo(0.01, 12);
  });
});
