import { describe, expect, it } from "vitest";
import { createBuilder } from "../../compiler/graph/create.ts";
import { gradients } from "../../compiler/graph/gradients.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { bestPath, logMarginals, type PathScores } from "../../compiler/losses/crf-paths.ts";
import { crf } from "../../compiler/losses/crf.ts";
import { randomStream } from "../../compiler/random/index.ts";
import { expectClose } from "./golden.ts";

/** Against every path there is, written out. */
const classes = 3;
const length = 4;
const random = randomStream(5, "crf");
const normals = (count: number): number[] => Array.from({ length: count }, () => random.normal());
const parameters = { transitions: normals(classes * classes), start: normals(classes), end: normals(classes) };

function paths(positions: number): number[][] {
  if (positions === 0) return [[]];
  return paths(positions - 1).flatMap((path) => Array.from({ length: classes }, (_, label) => [...path, label]));
}
function scoreOf(path: readonly number[], emissions: readonly number[]): number {
  const { transitions, start, end } = parameters;
  const steps = path.slice(1).map((to, at) => transitions[path[at] * classes + to]);
  const all = [
    start[path[0]],
    end[path[path.length - 1]],
    ...steps,
    ...path.map((y, at) => emissions[at * classes + y]),
  ];
  return all.reduce((a, b) => a + b, 0);
}
const logSum = (values: readonly number[]): number => Math.log(values.reduce((sum, v) => sum + Math.exp(v), 0));

/** −log of the share of paths that agree with the labels; null is a position without one. */
function cost(labels: readonly (number | null)[], emissions: readonly number[]): number {
  const all = paths(labels.length);
  const agreeing = all.filter((path) => path.every((label, at) => labels[at] === null || labels[at] === label));
  return logSum(all.map((path) => scoreOf(path, emissions))) - logSum(agreeing.map((path) => scoreOf(path, emissions)));
}

interface Row {
  readonly labels: readonly (number | null)[];
  readonly weight?: number;
}
const rows: readonly Row[] = [
  { labels: [0, 1, 1, 2] },
  { labels: [2, null, 0] },
  { labels: [null, null] },
  { labels: [1], weight: 2.5 },
  { labels: [] },
];
const batch = rows.length;
const emissions = normals(batch * length * classes);
const own = (row: number): number[] => emissions.slice(row * length * classes, (row + 1) * length * classes);

function padded(value: (row: Row, at: number) => number): number[] {
  return rows.flatMap((row) => Array.from({ length }, (_, at) => value(row, at)));
}

function run(change: Partial<Record<string, readonly number[]>> = {}) {
  const g = createBuilder();
  const f32 = (name: string, ...shape: number[]) => g.input(name, { element: "f32", shape });
  const prediction = f32("prediction", batch, length, classes);
  const target = g.input("target", { element: "i32", shape: [batch, length] });
  const nodes = {
    transitions: f32("transitions", classes, classes),
    start: f32("start", classes),
    end: f32("end", classes),
  };
  const call = { prediction, target, weight: f32("weight", batch, length), mask: f32("mask", batch, length) };
  const kind = { word: "class" as const, size: classes, learnt: false, shape: [length], axes: ["words"] };
  const { sum, count } = crf.parts!(g, { settings: {}, kind, parameters: nodes, ...call });
  const [slope] = gradients(g, [{ node: sum, cotangent: null }], [prediction]);
  return evaluate(g.finish({ sum, count, slope: slope! }), {
    prediction: emissions,
    target: padded(({ labels }, at) => labels[at] ?? 1),
    weight: padded(({ labels, weight = 1 }, at) => ((labels[at] ?? null) === null ? 0 : weight)),
    mask: padded(({ labels }, at) => (at < labels.length ? 1 : 0)),
    ...parameters,
    ...change,
  });
}

describe("crf", () => {
  it("is the share of paths that agree, over the labels that are there", () => {
    const expected = rows.map(({ labels, weight = 1 }, k) => (labels.length > 0 ? weight * cost(labels, own(k)) : 0));
    const { sum, count } = run();
    expectClose([sum[0]], [expected.reduce((a, b) => a + b, 0)], 1e-9);
    // Four labels, two, none, one that weighs 2.5.
    expect(count[0]).toBe(8.5);
  });

  it("does not see padding, nor rows without a label", () => {
    const plain = run();
    const garbled = emissions.map((value, at) => {
      const row = rows[Math.floor(at / (length * classes))];
      return Math.floor(at / classes) % length < row.labels.length ? value : value + 50 + at;
    });
    expect(run({ prediction: garbled })).toEqual(plain);
    const slopeOf = (row: number): number[] =>
      [...plain.slope].slice(row * length * classes, (row + 1) * length * classes);
    for (const row of [2, 4]) for (const value of slopeOf(row)) expect(Math.abs(value)).toBeLessThan(1e-12);
  });

  it("stays finite where transitions forbid what the labels say", () => {
    const { sum, slope } = run({ transitions: parameters.transitions.map((value, k) => (k === 1 ? -500 : value)) });
    expect(Number.isFinite(sum[0])).toBe(true);
    expect(sum[0]).toBeGreaterThan(80);
    expect(slope.every(Number.isFinite)).toBe(true);
  });
});

describe("paths", () => {
  const slice = (values: ArrayLike<number>, at: number): number[] =>
    Array.from({ length: classes }, (_, label) => values[at * classes + label]);
  const scores = (row: number, positions: number): PathScores => ({
    emissions: own(row).slice(0, positions * classes),
    classes,
    ...parameters,
  });

  it.each([
    [0, 4],
    [1, 3],
    [2, 2],
    [3, 1],
  ])("of row %i: the best of all, and the share of each label", (row, positions) => {
    const all = paths(positions).map((path) => ({ path, score: scoreOf(path, own(row)) }));
    const best = all.reduce((a, b) => (b.score > a.score ? b : a));
    expect([...bestPath(scores(row, positions))]).toEqual(best.path);
    const total = logSum(all.map(({ score }) => score));
    const shares = Array.from({ length: positions * classes }, (_, k) => {
      const [at, label] = [Math.floor(k / classes), k % classes];
      return logSum(all.flatMap(({ path, score }) => (path[at] === label ? [score] : []))) - total;
    });
    expectClose(logMarginals(scores(row, positions)), shares, 1e-9);
  });

  it("are the same for a batch in operations, whose scores may be large", () => {
    const g = createBuilder();
    const f32 = (name: string, ...shape: number[]) => g.input(name, { element: "f32", shape });
    const nodes = {
      transitions: f32("transitions", classes, classes),
      start: f32("start", classes),
      end: f32("end", classes),
    };
    const call = { prediction: f32("prediction", batch, length, classes), mask: f32("mask", batch, length) };
    const { codes, probabilities } = crf.decoding!(g, { ...call, parameters: nodes });
    const strong = parameters.transitions.map((value) => 40 * value);
    const found = evaluate(g.finish({ codes, probabilities }), {
      prediction: emissions,
      mask: padded(({ labels }, at) => (at < labels.length ? 1 : 0)),
      ...parameters,
      transitions: strong,
    });
    const singly = rows.map(({ labels }, row) => {
      const own = { ...scores(row, labels.length), transitions: strong };
      const path = [...bestPath(own)];
      const from = row * length * classes;
      expect([...found.codes].slice(row * length, row * length + labels.length)).toEqual(path);
      expectClose(
        found.probabilities.slice(from, from + labels.length * classes),
        [...logMarginals(own)].map(Math.exp),
        1e-12,
      );
      return path.every((label, at) => own.emissions[at * classes + label] >= Math.max(...slice(own.emissions, at)));
    });
    // Transitions decide: labels chosen each by itself would be others.
    expect(singly).toContain(false);
  });

  it("of nothing is nothing", () => {
    expect(bestPath(scores(0, 0))).toHaveLength(0);
    expect(logMarginals(scores(0, 0))).toHaveLength(0);
  });
});
