import { expect, test } from "vitest";
import { createBuilder } from "../../compiler/graph/create.ts";
import { checkMemory, leastMemory } from "../../runtime/engines/least-memory.ts";
import { memoryOfMachine } from "../../runtime/memory.ts";
import { failures } from "./data-fixtures.ts";

const g = createBuilder();
const x = g.input("x", { element: "f32", shape: [1 << 20, 16] });
const kernel = g.input("kernel", { element: "f32", shape: [16, 1 << 12] });
const graph = g.finish({ y: g.sum(g.relu(g.matmul(x, kernel))) });
// The product alone: 2^20 rows of 16 and of 2^12 numbers, and the kernel, in four bytes each.
const bytes = 4 * (2 ** 24 + 2 ** 16 + 2 ** 32);

test("operands and result of a product lie in memory at once", () => {
  expect(leastMemory(graph)).toBe(bytes);
});

test("what cannot fit is refused before it is taken", async () => {
  expect(() => checkMemory(graph, bytes)).not.toThrow();
  const [found] = await failures(() => checkMemory(graph, bytes - 1));
  expect(`${found.code} ${found.message}; ${found.help}`).toBe(
    "MTL8301 the computer does not give 16.1 GB of memory; a smaller `batch` needs less",
  );
});

test("a machine has some", () => {
  expect(memoryOfMachine()).toBeGreaterThan(2 ** 26);
  expect(memoryOfMachine()).toBeLessThan(2 ** 50);
});
