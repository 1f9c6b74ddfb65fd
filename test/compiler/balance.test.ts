import { describe, expect, it } from "vitest";
import {
  balanceRows,
  scaledAlpha,
  scaleWeights,
  smoothedAlpha,
  solveGradientRule,
} from "../../compiler/balance/index.ts";
import { createBuilder } from "../../compiler/graph/create.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { randomStream } from "../../compiler/random/index.ts";
import type { BalanceRow } from "../../compiler/registry/rows.ts";
import { expectClose, settingsOf } from "./golden.ts";

function rowOf(name: string): BalanceRow {
  const row = balanceRows.find((row) => row.name === name);
  if (row === undefined) throw new Error(`no rule ${name}`);
  return row;
}
function gramOf(rows: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(rows.flatMap((a) => rows.map((b) => a.reduce((sum, v, k) => sum + v * b[k], 0))));
}
function solve(
  rows: readonly (readonly number[])[],
  options: { present?: number[]; tasks?: number; rule?: BalanceRow; random?: ReturnType<typeof randomStream> } = {},
) {
  const rule = options.rule ?? rowOf("pcgrad");
  return solveGradientRule(rule, settingsOf(rule, {}), {
    tasks: options.tasks ?? rows.length,
    present: options.present ?? rows.map((_, i) => i),
    gram: gramOf(rows),
    losses: Float64Array.from(rows, () => 1),
    random: options.random ?? randomStream(1, "balance"),
    state: {},
  });
}
/** A rule that must not be asked. */
const never: BalanceRow = {
  ...rowOf("pcgrad"),
  gradientRule() {
    throw new Error("asked");
  },
};

describe("which tasks a rule on gradients sees", () => {
  it("none where nothing has a gradient", () => {
    expect(
      solve(
        [
          [0, 0],
          [0, 0],
        ],
        { rule: never },
      ),
    ).toEqual({ alpha: new Float64Array(2), live: [], fallback: false });
  });
  it("a single live task counts 1 without asking the rule", () => {
    const got = solve(
      [
        [0, 0],
        [3, 1],
      ],
      { present: [1, 3], tasks: 4, rule: never },
    );
    expect(got).toEqual({ alpha: Float64Array.of(0, 0, 0, 1), live: [3], fallback: false });
  });
  it("rows far shorter than the longest are taken out", () => {
    const got = solve([
      [1e16, 0],
      [0, 1],
      [-1e15, 1],
    ]);
    expect(got.live).toEqual([0, 2]);
    expect(got.alpha[1]).toBe(0);
  });
  it("rules are handed live tasks only, with their losses and places", () => {
    let seen: { gram: number[]; tasks: readonly number[]; losses: number[] } | null = null;
    const rule: BalanceRow = {
      ...rowOf("pcgrad"),
      gradientRule({ gram, tasks, losses }) {
        seen = { gram: [...gram], tasks, losses: [...losses] };
        return Float64Array.of(5, 7);
      },
    };
    const rows = [
      [1, 0],
      [0, 0],
      [1, 1],
    ];
    const got = solveGradientRule(rule, settingsOf(rule, {}), {
      tasks: 5,
      present: [0, 2, 4],
      gram: gramOf(rows),
      losses: Float64Array.of(0.5, 0.25, 2),
      random: randomStream(1, "balance"),
      state: {},
    });
    expect(seen).toEqual({ gram: [1, 1, 1, 2], tasks: [0, 4], losses: [0.5, 2] });
    expect([...got.alpha]).toEqual([5, 0, 0, 0, 7]);
  });
  it("a result or a matrix that is not finite gives ones, and says so", () => {
    const broken: BalanceRow = { ...rowOf("pcgrad"), gradientRule: () => Float64Array.of(1, NaN) };
    expect(
      solve(
        [
          [1, 0],
          [0, 1],
        ],
        { rule: broken },
      ),
    ).toEqual({ alpha: Float64Array.of(1, 1), live: [0, 1], fallback: true });
    expect(
      solve(
        [
          [Infinity, 0],
          [0, 1],
        ],
        { rule: never },
      ),
    ).toEqual({ alpha: Float64Array.of(1, 1), live: [0, 1], fallback: true });
  });
});

describe("pcgrad", () => {
  const step = (rows: readonly (readonly number[])[], alpha: Float64Array) =>
    rows[0].map((_, k) => rows.reduce((sum, row, i) => sum + alpha[i] * row[k], 0));

  it("of two tasks hurts neither", () => {
    const random = randomStream(8, "test");
    for (let trial = 0; trial < 200; trial++) {
      const rows = [0, 1].map(() => Array.from({ length: 4 }, () => random.normal() * 10 ** (random.below(7) - 3)));
      const d = step(rows, solve(rows).alpha);
      const length = Math.sqrt(d.reduce((sum, v) => sum + v * v, 0));
      for (const row of rows) {
        const along = row.reduce((sum, v, k) => sum + v * d[k], 0);
        const scale = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0)) * length;
        expect(along).toBeGreaterThanOrEqual(-1e-9 * Math.max(1, scale));
      }
    }
  });
  it("of opposite tasks stands still, and without conflict is the plain sum", () => {
    expectClose(
      step(
        [
          [1, 2],
          [-2, -4],
        ],
        solve([
          [1, 2],
          [-2, -4],
        ]).alpha,
      ),
      [0, 0],
      1e-12,
    );
    expect([
      ...solve([
        [1, 2],
        [2, 1],
        [0, 3],
      ]).alpha,
    ]).toEqual([1, 1, 1]);
  });
  it("shuffles afresh at every step, and repeats when its stream is put back", () => {
    const rows = [
      [1, 0.2],
      [-1, 0.5],
      [0.1, -1],
      [-0.7, -0.4],
    ];
    const random = randomStream(3, "balance");
    const position = random.save();
    const first = Array.from({ length: 20 }, () => solve(rows, { random }).alpha.join());
    random.seek(position);
    const again = Array.from({ length: 20 }, () => solve(rows, { random }).alpha.join());
    expect(again).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(3);
  });
});

describe("scale", () => {
  it("keeps weights of mixed signs finite, and nothing nothing", () => {
    expect([...scaledAlpha(Float64Array.of(3, -1, 0), 2, 3, "sum")]).toEqual([1.5, -0.5, 0]);
    expect([...scaledAlpha(Float64Array.of(3, -1, 0), 2, 4, "mean")]).toEqual([0.375, -0.125, 0]);
    expect([...scaledAlpha(Float64Array.of(3, -1, 0), 2, 3, "paper")]).toEqual([3, -1, 0]);
    for (const mode of ["sum", "mean", "paper"] as const) {
      expect([...scaledAlpha(new Float64Array(2), 2, 2, mode)]).toEqual([0, 0]);
    }
  });
  it("inside a graph counts present tasks", () => {
    const g = createBuilder();
    const vector = { element: "f32", shape: [3] } as const;
    const [weights, present] = [g.input("weights", vector), g.input("present", vector)];
    const graph = g.finish({
      sum: scaleWeights(g, weights, present, "sum"),
      mean: scaleWeights(g, weights, present, "mean"),
    });
    const got = evaluate(graph, { weights: [1, 0, 3], present: [1, 0, 1] });
    expectClose(got.sum, [0.5, 0, 1.5], 1e-12);
    expectClose(got.mean, [0.25, 0, 0.75], 1e-12);
    expect([...evaluate(graph, { weights: [0, 0, 0], present: [0, 0, 0] }).sum]).toEqual([0, 0, 0]);
  });
});

it("smoothing: an absent task keeps its own weight for when it is back", () => {
  const kept: (number | null)[] = [null, null];
  expect([...smoothedAlpha(kept, Float64Array.of(1, 3), [0, 1], 0.5)]).toEqual([1, 3]);
  expect([...smoothedAlpha(kept, Float64Array.of(2, 0), [0], 0.5)]).toEqual([1.5, 0]);
  expect([...smoothedAlpha(kept, Float64Array.of(1.5, 1), [0, 1], 0.5)]).toEqual([1.5, 2]);
});

describe("rules on losses where tasks are absent", () => {
  const weightsOf = (
    name: string,
    present: readonly number[],
    host: Readonly<Record<string, readonly number[]>> = {},
  ) => {
    const row = rowOf(name);
    const g = createBuilder();
    const vector = { element: "f32", shape: [present.length] } as const;
    const node = (key: string) => g.input(key, vector);
    const state = row.trainable?.(settingsOf(row, {})) ?? {};
    const result = row.lossRule?.(g, {
      settings: settingsOf(row, {}),
      tasks: present.length,
      losses: node("losses"),
      present: node("present"),
      state: Object.fromEntries(Object.keys(state).map((key) => [key, node(key)])),
      host: Object.fromEntries(Object.keys(host).map((key) => [key, node(key)])),
    });
    if (result === undefined) throw new Error(`${name} is not built`);
    const losses = present.map((is) => 2 * is);
    const s = present.map(() => 0.5);
    return evaluate(g.finish({ weights: result.weights, ...result.gradients }), { losses, present, s, ...host });
  };
  it("static counts those that are there", () => {
    expect([...weightsOf("static", [1, 0, 1]).weights]).toEqual([1, 0, 1]);
  });
  it("random shares 1 among those that are there, without moving the others' draws", () => {
    const row = rowOf("random");
    const draw = (present: boolean[]) =>
      row.host?.(settingsOf(row, {}), { tasks: 3, present, epochMeans: [], random: randomStream(1, "balance") }) ?? {};
    const host = draw([true, true, true]);
    expect(draw([true, false, true])).toEqual(host);
    const { weights } = weightsOf("random", [1, 0, 1], host);
    expect(weights[1]).toBe(0);
    expectClose([weights[0] + weights[2], weights[0] / weights[2]], [1, Math.exp(host.z[0] - host.z[2])], 1e-12);
    expect([...weightsOf("random", [0, 0, 0], host).weights]).toEqual([0, 0, 0]);
  });
  it("uncertainty leaves an absent task's scalar where it is", () => {
    const { weights, s } = weightsOf("uncertainty", [1, 0]);
    expect([weights[1], s[1]]).toEqual([0, 0]);
    expectClose([weights[0], s[0]], [Math.exp(-0.5) / 2, 0.5 - Math.exp(-0.5)], 1e-12);
  });
  it("dwa counts a ratio with a part that is not above 0 as 1", () => {
    const row = rowOf("dwa");
    const at = {
      tasks: 2,
      present: [true, true],
      epochMeans: [
        [1, -1],
        [0.5, 2],
      ],
      random: randomStream(1, "balance"),
    };
    const got = row.host?.(settingsOf(row, { temperature: 1 }), at).weights ?? [];
    const total = Math.exp(0.5) + Math.exp(1);
    expectClose(got, [(2 * Math.exp(0.5)) / total, (2 * Math.exp(1)) / total], 1e-12);
  });
});
