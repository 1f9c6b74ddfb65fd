import { describe, expect, it } from "vitest";
import { randomStream } from "../../compiler/random/index.ts";
import { startRows } from "../../compiler/starts/index.ts";
import type { Value } from "../../compiler/ir/model.ts";

interface Shape {
  shape: readonly number[];
  fanIn: number;
  fanOut: number;
}
function filled(name: string, spec: Shape, settings: Readonly<Record<string, Value>> = {}): Float32Array {
  const row = startRows.find((row) => row.name === name);
  if (row?.fill === undefined) throw new Error(`no start ${name}`);
  return row.fill(settings, spec, randomStream(1, `init/${name}`));
}
const wide: Shape = { shape: [400, 300], fanIn: 400, fanOut: 300 };
const moments = (x: Float32Array) => {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  const variance = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length;
  return { mean, variance, largest: x.reduce((most, v) => Math.max(most, Math.abs(v)), 0) };
};

describe("starts with a spread", () => {
  const n = 400 * 300;
  // Expected variance, and the largest size that can occur (null: no bound).
  const rows: [string, Record<string, number>, number, number | null][] = [
    ["glorot_uniform", {}, 2 / 700, Math.sqrt(6 / 700)],
    ["he_uniform", {}, 2 / 400, Math.sqrt(6 / 400)],
    ["lecun_uniform", {}, 1 / 400, Math.sqrt(3 / 400)],
    ["glorot_normal", {}, 2 / 700, (2 * Math.sqrt(2 / 700)) / 0.87962566],
    ["he_normal", {}, 2 / 400, (2 * Math.sqrt(2 / 400)) / 0.87962566],
    ["lecun_normal", {}, 1 / 400, (2 * Math.sqrt(1 / 400)) / 0.87962566],
    ["uniform", { limit: 0.3 }, 0.03, 0.3],
    ["normal", { sd: 0.02 }, 0.0004, null],
    ["truncated", { sd: 0.5 }, 0.25, 1 / 0.87962566],
  ];
  it.each(rows)("%s %o", (name, settings, variance, bound) => {
    const got = moments(filled(name, wide, settings));
    expect(Math.abs(got.mean)).toBeLessThan(4 * Math.sqrt(variance / n));
    // A normal sample's variance has a standard error of variance · √(2/n); the others' is smaller.
    expect(Math.abs(got.variance / variance - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    if (bound !== null) {
      expect(got.largest).toBeLessThanOrEqual(bound * (1 + 1e-6));
      expect(got.largest).toBeGreaterThan(bound * 0.99);
    } else expect(got.largest).toBeGreaterThan(3.5 * Math.sqrt(variance));
  });
});

describe("constants", () => {
  const spec = { shape: [3], fanIn: 1, fanOut: 1 };
  it("fill with one value", () => {
    expect([...filled("zeros", spec)]).toEqual([0, 0, 0]);
    expect([...filled("ones", spec)]).toEqual([1, 1, 1]);
    expect([...filled("constant", spec, { value: -2.5 })]).toEqual([-2.5, -2.5, -2.5]);
  });
});

describe("identity", () => {
  it("is one for matrices, also oblong ones", () => {
    expect([...filled("identity", { shape: [2, 3], fanIn: 2, fanOut: 3 })]).toEqual([1, 0, 0, 0, 1, 0]);
  });
  it("passes an image through a convolution", () => {
    const kernel = filled("identity", { shape: [3, 3, 2, 2], fanIn: 18, fanOut: 18 });
    const middle = kernel.subarray(4 * 4, 5 * 4);
    expect([...middle]).toEqual([1, 0, 0, 1]);
    expect(kernel.reduce((sum, v) => sum + v, 0)).toBe(2);
  });
});

describe("orthogonal", () => {
  const product = (q: Float32Array, rows: number, columns: number, i: number, j: number, byRows: boolean) => {
    let sum = 0;
    if (byRows) for (let k = 0; k < columns; k++) sum += q[i * columns + k] * q[j * columns + k];
    else for (let k = 0; k < rows; k++) sum += q[k * columns + i] * q[k * columns + j];
    return sum;
  };
  it.each([
    [[8, 8], 8, 8],
    [[12, 5], 12, 5],
    [[5, 12], 5, 12],
    [[3, 3, 2, 6], 18, 6],
  ])("%o has orthonormal columns or rows, whichever are fewer, times the gain", (shape, rows, columns) => {
    const q = filled("orthogonal", { shape, fanIn: rows, fanOut: columns }, { gain: 2 });
    const few = Math.min(rows, columns);
    for (let i = 0; i < few; i++) {
      for (let j = 0; j < few; j++) {
        expect(product(q, rows, columns, i, j, rows < columns)).toBeCloseTo(i === j ? 4 : 0, 5);
      }
    }
  });

  it("is evenly distributed: either sign of each corner, and rotations as often as reflections", () => {
    const row = startRows.find((row) => row.name === "orthogonal");
    const random = randomStream(4, "init/many");
    let first = 0;
    let last = 0;
    let rotations = 0;
    const draws = 4000;
    for (let k = 0; k < draws; k++) {
      const q = row?.fill?.({ gain: 1 }, { shape: [2, 2], fanIn: 2, fanOut: 2 }, random) ?? new Float32Array(4);
      if (q[0] > 0) first++;
      if (q[3] > 0) last++;
      if (q[0] * q[3] - q[1] * q[2] > 0) rotations++;
    }
    for (const count of [first, last, rotations]) {
      expect(Math.abs(count - draws / 2)).toBeLessThan(4 * Math.sqrt(draws / 4));
    }
  });
});

it("a parameter's start depends on its name and the seed alone", () => {
  const row = startRows.find((row) => row.name === "glorot_uniform");
  const values = (seed: number, name: string) => row?.fill?.({}, wide, randomStream(seed, name))?.slice(0, 5);
  expect(values(1, "init/a")).toEqual(values(1, "init/a"));
  expect(values(1, "init/a")).not.toEqual(values(1, "init/b"));
  expect(values(1, "init/a")).not.toEqual(values(2, "init/a"));
});
