import { describe, expect, it } from "vitest";
import { balanceRows, liveRows, scaledAlpha, scaleWeights } from "../../compiler/balance/index.ts";
import { smoothedAlpha, smoothWeights, solveGradientRule } from "../../compiler/balance/index.ts";
import { projectConflicts } from "../../compiler/balance/pcgrad.ts";
import { subGram } from "../../compiler/balance/solve.ts";
import { createBuilder } from "../../compiler/graph/create.ts";
import type { Node } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import type { Value } from "../../compiler/ir/model.ts";
import { optimizerRows } from "../../compiler/optimizers/index.ts";
import { randomStream } from "../../compiler/random/index.ts";
import type { BalanceRow } from "../../compiler/registry/rows.ts";
import { expectClose, golden, printUnbuilt, settingsOf } from "./golden.ts";

type Settings = Record<string, Value>;
type Matrix = number[][];
interface Expected {
  method: string;
  settings: Settings;
  alpha: number[];
  direction?: number[];
  compare: "both" | "alpha" | "direction";
  order?: "index" | Record<string, number[]>;
  objective?: number;
  gradient_of_s?: number[];
  tolerance: number;
}
interface Case {
  id: string;
  jacobian: Matrix;
  losses: number[];
  expected: Expected[];
}
interface History {
  id: string;
  method: string | string[];
  settings: Settings;
  tolerance: number;
}
interface File {
  cases: Case[];
  scales: {
    case: string;
    method: string;
    settings: Settings;
    scale: "sum" | "mean";
    live: number;
    alpha: number[];
    tolerance: number;
  }[];
  histories: History[];
}
const file = golden<File>("balance.json");

function rowOf(name: string): BalanceRow {
  const row = balanceRows.find((row) => row.name === name);
  if (row === undefined) throw new Error(`no rule ${name}`);
  return row;
}
const isBuilt = (method: string | string[]): boolean =>
  [method].flat().every((name) => balanceRows.some((row) => row.name === name && row.built));

function gramOf(jacobian: Matrix): Float64Array {
  return Float64Array.from(jacobian.flatMap((a) => jacobian.map((b) => a.reduce((sum, v, k) => sum + v * b[k], 0))));
}
function combine(jacobian: Matrix, alpha: ArrayLike<number>): number[] {
  return jacobian[0].map((_, k) => jacobian.reduce((sum, row, i) => sum + alpha[i] * row[k], 0));
}
const all = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** A rule's graph on [tasks] vectors, evaluated in 64-bit floats. */
function evaluateLossRule(
  name: string,
  given: Settings,
  at: {
    losses: readonly (number | null)[];
    state?: Record<string, number[]>;
    host?: Record<string, readonly number[]>;
  },
) {
  const row = rowOf(name);
  const tasks = at.losses.length;
  const g = createBuilder();
  const vector = (input: string): Node => g.input(input, { element: "f32", shape: [tasks] });
  const vectors = (values: Record<string, readonly number[]> = {}) =>
    Object.fromEntries(Object.keys(values).map((key) => [key, vector(key)]));
  const result = row.lossRule?.(g, {
    settings: settingsOf(row, given),
    tasks,
    losses: vector("losses"),
    present: vector("present"),
    state: vectors(at.state),
    host: vectors(at.host),
  });
  if (result === undefined) throw new Error(`${name} is not built`);
  const outputs = {
    weights: result.weights,
    ...result.gradients,
    ...(result.objective && { objective: result.objective }),
  };
  return evaluate(g.finish(outputs), {
    losses: at.losses.map((loss) => loss ?? 0),
    present: at.losses.map((loss) => (loss === null ? 0 : 1)),
    ...at.state,
    ...at.host,
  });
}

/** A rule on gradients through its row, in paper scale. */
function solve(method: string, given: Settings, gram: Float64Array, losses: readonly number[]): Float64Array {
  const row = rowOf(method);
  const tasks = losses.length;
  const random = randomStream(0, "balance");
  const problem = { tasks, present: all(tasks), gram, losses: Float64Array.from(losses), random, state: {} };
  return solveGradientRule(row, settingsOf(row, given), problem).alpha;
}

/** pcgrad with the visits that an entry lists. */
function solvePcgrad(gram: Float64Array, tasks: number, order: "index" | ((task: number) => number[])) {
  if (order === "index") return solve("pcgrad", { order: "index" }, gram, all(tasks));
  const live = liveRows(gram, tasks);
  const weights = projectConflicts(subGram(gram, tasks, live), live.length, (i) =>
    order(live[i]).flatMap((task) => (live.includes(task) ? [live.indexOf(task)] : [])),
  );
  const alpha = new Float64Array(tasks);
  live.forEach((task, k) => (alpha[task] = weights[k]));
  return alpha;
}

/** The comparison of the golden files: errors are measured against Σ |α_j| n_j. */
function compareGradientRule(alpha: ArrayLike<number>, jacobian: Matrix, expected: Expected): void {
  const norms = jacobian.map((row) => Math.sqrt(row.reduce((sum, v) => sum + v * v, 0)));
  const whole = expected.alpha.reduce((sum, a, i) => sum + Math.abs(a) * norms[i], 0);
  if (expected.compare !== "direction") {
    expected.alpha.forEach((e, i) => {
      expect(Math.abs(alpha[i] - e) * norms[i], `alpha ${i}`).toBeLessThanOrEqual(expected.tolerance * whole);
      if (e === 0) expect(alpha[i]).toBe(0);
    });
  }
  if (expected.compare !== "alpha") {
    const direction = combine(jacobian, alpha);
    expected.direction?.forEach((e, k) =>
      expect(Math.abs(direction[k] - e), `direction ${k}`).toBeLessThanOrEqual(expected.tolerance * whole),
    );
  }
}

describe("balance rules against other programs: single steps", () => {
  const entries = file.cases.flatMap((given) => given.expected.map((expected) => ({ ...given, expected })));
  const built = entries.filter(({ expected }) => isBuilt(expected.method));

  it("prints what is not built", () => {
    const missing = entries.filter((entry) => !built.includes(entry)).map(({ expected }) => expected.method);
    printUnbuilt("balance.json, cases", missing);
    expect(built.length).toBeGreaterThanOrEqual(75);
  });

  it.each(built.map((entry, k) => ({ ...entry, k, name: `${entry.id}: ${entry.expected.method}` })))(
    "$name ($k)",
    ({ jacobian, losses, expected }) => {
      const { method, settings, order, tolerance } = expected;
      if (rowOf(method).family === "gradient") {
        const orders = order === undefined || order === "index" ? "index" : (task: number) => order[String(task)];
        const gram = gramOf(jacobian);
        const alpha =
          method === "pcgrad" ? solvePcgrad(gram, jacobian.length, orders) : solve(method, settings, gram, losses);
        compareGradientRule(alpha, jacobian, expected);
        return;
      }
      const trainable = rowOf(method).trainable?.(settingsOf(rowOf(method), settings)) ?? {};
      const state = Object.fromEntries(
        Object.entries(trainable).map(([name, start]) => [name, losses.map(() => start)]),
      );
      const got = evaluateLossRule(method, settings, { losses, state });
      expected.alpha.forEach((e, i) =>
        expect(Math.abs(got.weights[i] - e)).toBeLessThanOrEqual(tolerance * Math.abs(e)),
      );
      if (expected.gradient_of_s) expectClose(got.s, expected.gradient_of_s, tolerance);
      if (expected.objective !== undefined) expectClose(got.objective, [expected.objective], tolerance);
    },
  );
});

describe("scale", () => {
  const entries = file.scales.map((entry) => {
    const found = file.cases.find(({ id }) => id === entry.case);
    const same = JSON.stringify(entry.settings);
    const paper = found?.expected.find((e) => e.method === entry.method && JSON.stringify(e.settings) === same);
    return {
      ...entry,
      name: `${entry.case}: ${entry.method} in ${entry.scale}`,
      present: found?.losses.length ?? 0,
      paper: paper?.alpha ?? null,
    };
  });
  it("knows the paper scale of every entry", () => {
    expect(entries.filter(({ paper }) => paper === null).map(({ name }) => name)).toEqual([]);
  });
  // The weights in paper scale are the golden ones, so this holds for rules that are not built, too.
  it.each(entries)("$name", ({ paper, live, present, scale, alpha, tolerance }) => {
    expectClose(scaledAlpha(Float64Array.from(paper ?? []), live, present, scale), alpha, tolerance);
    if (live !== present) return;
    const g = createBuilder();
    const vector = { element: "f32", shape: [present] } as const;
    const scaled = scaleWeights(g, g.input("weights", vector), g.input("present", vector), scale);
    const got = evaluate(g.finish({ scaled }), { weights: paper ?? [], present: alpha.map(() => 1) });
    expectClose(got.scaled, alpha, tolerance);
  });
});

describe("balance rules against other programs: histories", () => {
  const of = <T>(id: string): History & T => {
    const found = golden<{ histories: (History & T)[] }>("balance.json").histories.find((entry) => entry.id === id);
    if (found === undefined) throw new Error(`no history ${id}`);
    return found;
  };
  const { jacobians } = of<{ jacobians: Matrix[] }>("sequence");

  it("prints what is not built", () => {
    const missing = file.histories.filter(({ method, id }) => id !== "sequence" && !isBuilt(method));
    printUnbuilt(
      "balance.json, histories",
      missing.map(({ method }) => [method].flat().join(" + ")),
    );
    const left = file.histories.filter((entry) => !missing.includes(entry)).map(({ id }) => id);
    expect(left.sort()).toEqual([
      "compose_uncertainty_pcgrad",
      "dwa_0.5",
      "dwa_2.0",
      "dwa_absent",
      "random_normal",
      "sequence",
      "smoothing",
      "uncertainty_adam",
      "uncertainty_sgd",
    ]);
  });

  it.each(["dwa_2.0", "dwa_0.5", "dwa_absent"])("%s", (id) => {
    const { settings, epoch_losses, alpha, tolerance } = of<{ epoch_losses: (number | null)[][]; alpha: number[][] }>(
      id,
    );
    const row = rowOf("dwa");
    epoch_losses.forEach((losses, epoch) => {
      const host = row.host?.(settingsOf(row, settings), {
        tasks: losses.length,
        present: losses.map((loss) => loss !== null),
        epochMeans: epoch_losses.slice(0, epoch),
        random: randomStream(0, "balance"),
      });
      const got = evaluateLossRule("dwa", settings, { losses, host: { ...host } });
      expectClose(got.weights, alpha[epoch], tolerance);
    });
  });

  it("random_normal", () => {
    const { normal, alpha, tolerance } = of<{ normal: number[][]; alpha: number[][] }>("random_normal");
    normal.forEach((z, step) => {
      expectClose(
        evaluateLossRule("random", {}, { losses: z.map(() => 1), host: { z } }).weights,
        alpha[step],
        tolerance,
      );
    });
  });

  it.each(["uncertainty_adam", "uncertainty_sgd"])("%s", (id) => {
    const entry = of<{
      optimizer: { kind: string; rate: number };
      losses: number[][];
      scalars_before: number[][];
      scalars_after_last: number[];
      alpha: number[][];
      objective: number[];
    }>(id);
    const row = optimizerRows.find((row) => row.name === entry.optimizer.kind);
    if (row?.update === undefined) throw new Error(`no optimizer ${entry.optimizer.kind}`);
    const settings = settingsOf(row, { rate: entry.optimizer.rate });
    const tasks = entry.losses[0].length;
    const g = createBuilder();
    const vector = { element: "f32", shape: [tasks] } as const;
    const names = row.state(settings);
    const scalars = Object.keys(row.scalars(settings, { t: 1, rate: 1, decay: false }));
    const next = row.update(g, {
      settings,
      parameter: g.input("s", vector),
      gradient: g.input("gradient", vector),
      state: Object.fromEntries(names.map((name) => [name, g.input(name, vector)])),
      scalars: Object.fromEntries(scalars.map((name) => [name, g.input(name, { element: "f32", shape: [] })])),
    });
    const graph = g.finish({ ...next.state, s: next.parameter });
    let s = entry.losses[0].map(() => 0);
    let state: Record<string, ArrayLike<number>> = Object.fromEntries(
      names.map((name) => [name, new Float64Array(tasks)]),
    );
    entry.losses.forEach((losses, k) => {
      expectClose(s, entry.scalars_before[k], entry.tolerance);
      const got = evaluateLossRule("uncertainty", entry.settings, { losses, state: { s } });
      expectClose(got.weights, entry.alpha[k], entry.tolerance);
      expectClose(got.objective, [entry.objective[k]], entry.tolerance);
      const values = row.scalars(settings, { t: k + 1, rate: entry.optimizer.rate, decay: false });
      const fed = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));
      const { s: after, ...kept } = evaluate(graph, { s, gradient: got.s, ...state, ...fed });
      s = [...after];
      state = kept;
    });
    expectClose(s, entry.scalars_after_last, entry.tolerance);
  });

  it("smoothing", () => {
    const { orders, alpha, settings, tolerance } = of<{ orders: number[][][]; alpha: number[][] }>("smoothing");
    const a = Number(settings.smoothing);
    const kept: (number | null)[] = alpha[0].map(() => null);
    let inGraph = { kept: alpha[0].map(() => 0), seen: alpha[0].map(() => 0) };
    orders.forEach((order, step) => {
      const jacobian = jacobians[step];
      const fresh = solvePcgrad(gramOf(jacobian), jacobian.length, (task) => order[task]);
      expectClose(smoothedAlpha(kept, fresh, all(jacobian.length), a), alpha[step], tolerance);

      const g = createBuilder();
      const vector = (name: string): Node => g.input(name, { element: "f32", shape: [jacobian.length] });
      const next = smoothWeights(
        g,
        { kept: vector("kept"), seen: vector("seen") },
        vector("weights"),
        vector("present"),
        a,
      );
      const got = evaluate(g.finish({ ...next }), { ...inGraph, weights: fresh, present: fresh.map(() => 1) });
      expectClose(got.weights, alpha[step], tolerance);
      inGraph = { kept: [...got.kept], seen: [...got.seen] };
    });
  });

  it("compose_uncertainty_pcgrad", () => {
    const entry = of<{
      jacobian: Matrix;
      losses: number[];
      scalars: number[];
      orders: number[][];
      alpha_first: number[];
      alpha_second: number[];
      alpha: number[];
      direction: number[];
      gradient_of_s: number[];
    }>("compose_uncertainty_pcgrad");
    const first = evaluateLossRule("uncertainty", {}, { losses: entry.losses, state: { s: entry.scalars } });
    const scaled = entry.jacobian.map((row, i) => row.map((v) => v * first.weights[i]));
    const second = solvePcgrad(gramOf(scaled), scaled.length, (task) => entry.orders[task]);
    expectClose(first.weights, entry.alpha_first, entry.tolerance);
    expectClose(second, entry.alpha_second, entry.tolerance);
    expectClose(
      second.map((b, i) => b * first.weights[i]),
      entry.alpha,
      entry.tolerance,
    );
    expectClose(combine(scaled, second), entry.direction, entry.tolerance);
    expectClose(first.s, entry.gradient_of_s, entry.tolerance);
  });
});
