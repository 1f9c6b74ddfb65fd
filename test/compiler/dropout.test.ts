import { expect, it } from "vitest";
import type { LayerRow } from "../../compiler/registry/layer.ts";
import { registry } from "../../compiler/registry/index.ts";
import { runLayer, type LayerCase } from "./layer-harness.ts";

/**
 * Inverted dropout (arXiv:1207.0580 as all frameworks have it): what is kept is divided by 1 - p, so that the mean stays
 * what it is without. Every place where a layer leaves numbers out, by weights so plain that the answer is counted by hand.
 */

const P = 0.4;
/** Two of five numbers lie below P and are left out. */
const draws = (count: number): number[] => Array.from({ length: count }, (_, k) => [0.1, 0.7, 0.39, 0.41, 0.9][k % 5]);
const kept = (count: number): number[] => draws(count).map((u) => (u < P ? 0 : 1 / 0.6));

const row = (name: string): LayerRow => {
  const found = registry.layer.get(name);
  if (found === undefined) throw new Error(`no layer ${name}`);
  return found;
};
const numbers = (shape: readonly number[], values: ArrayLike<number>) => ({
  type: { element: "f32" as const, shape, axes: shape.map(() => null) },
  values,
});
const zeros = (count: number): number[] => new Array<number>(count).fill(0);
const eye = (n: number): number[] => Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));

function expectOutput(layerCase: LayerCase, expected: readonly number[]): void {
  const { output } = runLayer(layerCase);
  expect(output.length).toBe(expected.length);
  expected.forEach((value, k) => expect(output[k], `element ${k}`).toBeCloseTo(value, 9));
}

it("dropout leaves out, and divides what it keeps", () => {
  const x = [1, -2, 3, 4, 5, 6, -7, 8, 9, 10];
  const layerCase = {
    row: row("dropout"),
    settings: { p: P },
    batch: 2,
    inputs: [numbers([5], x)],
    random: { keep: draws(10) },
  };
  expectOutput(
    { ...layerCase, training: true },
    x.map((value, k) => value * kept(10)[k]),
  );
  expectOutput(layerCase, x);
});

/** Two positions of width 2 and one head look at three with the same weight each; every value is the bias (6, -3). */
const attention = {
  "query.kernel": zeros(4),
  "query.bias": zeros(2),
  "key.kernel": zeros(4),
  "key.bias": zeros(2),
  "value.kernel": zeros(4),
  "value.bias": [6, -3],
  "out.kernel": eye(2),
  "out.bias": zeros(2),
};
const looked = (positions: number, context: number): number[] =>
  Array.from({ length: positions }, (_, at) => {
    const share = kept(positions * context)
      .slice(at * context, (at + 1) * context)
      .reduce((sum, value) => sum + value / context, 0);
    return [6 * share, -3 * share];
  }).flat();

it("attention leaves out weights, and divides those it keeps", () => {
  const layerCase = {
    row: row("attention"),
    settings: { heads: 1, dropout: P },
    batch: 1,
    inputs: [numbers([3, 2], zeros(6))],
    values: attention,
    random: { dropout: draws(9) },
  };
  expectOutput({ ...layerCase, training: true }, looked(3, 3));
  expectOutput(layerCase, [6, -3, 6, -3, 6, -3]);
});

it("so does cross_attention", () => {
  const layerCase = {
    row: row("cross_attention"),
    settings: { heads: 1, dropout: P },
    batch: 1,
    inputs: [numbers([2, 2], zeros(4)), numbers([3, 2], zeros(6))],
    values: attention,
    random: { dropout: draws(6) },
  };
  expectOutput({ ...layerCase, training: true }, looked(2, 3));
  expectOutput(layerCase, [6, -3, 6, -3]);
});

it("transformer leaves out what each half adds, and divides what it keeps", () => {
  // Attention adds its bias (3, 5), the dense layers add (2, -1); the norm at the end takes (a, b) to (±1, ∓1), then to scale and offset.
  const values = {
    ...Object.fromEntries(Object.entries(attention).map(([name, numbers]) => [`1.attention.${name}`, numbers])),
    "1.attention.value.bias": zeros(2),
    "1.attention.out.bias": [3, 5],
    "1.dense_1.kernel": zeros(2),
    "1.dense_1.bias": zeros(1),
    "1.dense_2.kernel": zeros(2),
    "1.dense_2.bias": [2, -1],
    "norm.scale": [1, 1],
    "norm.offset": [0, 0],
  };
  const layerCase = {
    row: row("transformer"),
    settings: { layers: 1, heads: 1, hidden: 1, dropout: P },
    batch: 1,
    inputs: [numbers([3, 2], zeros(6))],
    values,
    training: true,
    random: { "1.attention.dropout": draws(9), "1.dropout_1": draws(6), "1.dropout_2": draws(6).reverse() },
  };
  const before = kept(6).map((factor, k) => factor * [3, 5][k % 2] + kept(6).toReversed()[k] * [2, -1][k % 2]);
  const normed = [0, 2, 4].flatMap((at) => {
    const half = (before[at] - before[at + 1]) / 2;
    const scaled = half / Math.sqrt(half ** 2 + 1e-5);
    return [scaled, -scaled];
  });
  expectOutput(layerCase, normed);
});
