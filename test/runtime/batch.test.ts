import { afterAll, describe, expect, it } from "vitest";
import { createBuilder } from "../../compiler/graph/create.ts";
import type { RowSet } from "../../runtime/data/data.ts";
import { openEngine } from "../../runtime/engines/index.ts";
import { batchBuffers } from "../../runtime/train/batch.ts";

const engine = await openEngine({ threads: 1 });
afterAll(() => engine.close());

const batch = 3;

/** Five rows: x is [k, 10 k], y is 100 k, and each row's weight as given. */
function rowsWith(weight: readonly number[]): RowSet {
  return {
    rows: 5,
    inputs: { x: Float32Array.from({ length: 10 }, (_, k) => (k % 2 === 0 ? k / 2 : 5 * (k - 1))) },
    targets: { y: { values: Int32Array.of(0, 100, 200, 300, 400), weight: Float32Array.from(weight) } },
  };
}

function bound() {
  const g = createBuilder();
  const inputs = [
    { name: "input/x", node: g.input("input/x", { element: "f32", shape: [batch, 2] }) },
    { name: "target/y", node: g.input("target/y", { element: "i32", shape: [batch] }) },
    { name: "weight/y", node: g.input("weight/y", { element: "f32", shape: [batch] }) },
    { name: "rows", node: g.input("rows", { element: "f32", shape: [batch] }) },
    { name: "parameter/w", node: g.input("parameter/w", { element: "f32", shape: [2] }) },
  ];
  const batches = batchBuffers(engine, inputs, batch);
  return { batches, at: (name: string) => Array.from(batches.buffers[name].host) };
}

describe("a batch", () => {
  const whole = rowsWith([1, 1, 1, 1, 1]);
  const gaps = rowsWith([1, 0, 0.5, 0, 1]);
  const order = Int32Array.of(4, 2, 0, 1, 3);

  it("holds rows in the epoch's order, and zeros where they end", () => {
    const { batches, at } = bound();
    expect(Object.keys(batches.buffers)).toEqual(["input/x", "target/y", "weight/y", "rows"]);
    batches.fill(gaps, order, 0, 3);
    expect([at("input/x"), at("target/y")]).toEqual([
      [4, 40, 2, 20, 0, 0],
      [400, 200, 0],
    ]);
    expect([at("weight/y"), at("rows")]).toEqual([
      [1, 0.5, 1],
      [1, 1, 1],
    ]);
    batches.fill(gaps, order, 3, 2);
    expect([at("input/x"), at("target/y")]).toEqual([
      [1, 10, 3, 30, 0, 0],
      [100, 300, 0],
    ]);
    expect([at("weight/y"), at("rows")]).toEqual([
      [0, 0, 0],
      [1, 1, 0],
    ]);
    expect(batches.isPresent("y")).toBe(false);
  });

  it("has the weights of its own rows, whatever stood there before", () => {
    const { batches, at } = bound();
    const weights = (set: RowSet, from: number, count: number): number[] => {
      batches.fill(set, order, from, count);
      return at("weight/y");
    };
    expect(weights(whole, 0, 3)).toEqual([1, 1, 1]);
    expect(weights(whole, 3, 2)).toEqual([1, 1, 0]);
    expect(weights(whole, 0, 3)).toEqual([1, 1, 1]);
    expect(weights(gaps, 0, 3)).toEqual([1, 0.5, 1]);
    expect(weights(whole, 0, 3)).toEqual([1, 1, 1]);
    batches.leaveOut("y");
    expect(at("weight/y")).toEqual([0, 0, 0]);
    expect(batches.isPresent("y")).toBe(false);
    expect(weights(whole, 0, 3)).toEqual([1, 1, 1]);
  });
});
