import { describe, expect, it } from "vitest";
import { permutation, randomStream } from "../../compiler/random/index.ts";
import { gatherRows } from "../../runtime/data/batches.ts";

describe("batches", () => {
  it.each([1, 3, 16, 17, 40])(
    "copies rows of %i elements in the order given, and zeros behind the last",
    (elements) => {
      const source = Float32Array.from({ length: 10 * elements }, (_, i) => i + 1);
      const into = new Float32Array(4 * elements).fill(-1);
      gatherRows(source, elements, Int32Array.of(9, 9, 0, 5, 7), 1, 3, into);
      const row = (r: number): number[] => Array.from({ length: elements }, (_, k) => r * elements + k + 1);
      expect([...into]).toEqual([...row(9), ...row(0), ...row(5), ...new Array<number>(elements).fill(0)]);
    },
  );

  it("copies codes", () => {
    const into = new Int32Array(2);
    gatherRows(Int32Array.of(5, 6, 7), 1, Int32Array.of(2, 0), 0, 2, into);
    expect([...into]).toEqual([7, 5]);
  });

  it("shuffles: every row once, every order possible, the same from the same stream", () => {
    const order = permutation(randomStream(1, "a"), 100);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(permutation(randomStream(1, "a"), 100)).toEqual(order);
    expect(permutation(randomStream(2, "a"), 100)).not.toEqual(order);
    const orders = new Set(Array.from({ length: 200 }, (_, seed) => permutation(randomStream(seed, "b"), 3).join()));
    expect(orders.size).toBe(6);
  });
});
