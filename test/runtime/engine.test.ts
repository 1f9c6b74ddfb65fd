import { availableParallelism } from "node:os";
import { afterAll, describe, expect, it } from "vitest";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { createBuilder } from "../../compiler/graph/create.ts";
import { openEngine } from "../../runtime/engines/index.ts";
import { ReservedMemory } from "../../runtime/engines/memory.ts";
import { runGraph } from "./run-graph.ts";

const engine = await openEngine();
engine.reserve(1 << 16);
afterAll(() => engine.close());

const f32 = (...shape: number[]) => ({ element: "f32", shape }) as const;

function codesOf(action: () => unknown): string[] {
  try {
    action();
  } catch (problem) {
    if (problem instanceof DiagnosticError) return problem.diagnostics.map(({ code }) => code);
    throw problem;
  }
  return [];
}

/** y = x · w, next = x + 1 (an output of its own name, and one that an input has too). */
function products() {
  const g = createBuilder();
  const x = g.input("x", f32(2, 3));
  const w = g.input("w", f32(3, 2));
  return g.finish({ y: g.matmul(x, w), x: g.add(x, g.constant(1)), same: x });
}

describe("the onnx engine", () => {
  it("describes itself", () => {
    expect(engine.description).toMatchObject({ name: "onnx", device: "cpu" });
    expect(engine.description.version).toMatch(/1\.30\.0/);
    expect(engine.description.threads).toBeGreaterThanOrEqual(1);
  });

  it("runs over windows of one buffer, at any offset, again and again", async () => {
    const graph = products();
    const flat = engine.buffer(f32(64), { persistent: true });
    const x = engine.view(flat, 1, f32(2, 3));
    const w = engine.view(flat, 9, f32(3, 2));
    const y = engine.view(flat, 17, f32(2, 2));
    const program = await engine.prepare(graph);
    const outputs = { y, x: engine.buffer(f32(2, 3)), same: engine.buffer(f32(2, 3)) };
    const run = program.bind({ x, w }, outputs);
    x.host.set([1, 2, 3, 4, 5, 6]);
    w.host.set([1, 0, 0, 1, 1, 1]);
    await run();
    expect(Array.from(y.host)).toEqual([4, 5, 10, 11]);
    expect(Array.from(flat.host.subarray(17, 21))).toEqual([4, 5, 10, 11]);
    x.host.fill(1);
    await run();
    expect(Array.from(y.host)).toEqual([2, 2, 2, 2]);
    expect(Array.from(outputs.x.host)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(Array.from(outputs.same.host)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(Array.from(flat.host).filter((value) => value !== 0)).toHaveLength(6 + 4 + 4);
    await program.close();
  });

  it("reads all of an input before a result that lies on it is there", async () => {
    const g = createBuilder();
    const x = g.input("x", f32(2, 2));
    const graph = g.finish({ x: g.add(x, g.constant(1)), later: g.matmul(x, g.add(x, g.constant(1))) });
    const buffer = engine.buffer(f32(2, 2));
    const later = engine.buffer(f32(2, 2));
    const program = await engine.prepare(graph);
    const run = program.bind({ x: buffer }, { x: buffer, later });
    buffer.host.set([1, 2, 3, 4]);
    await run();
    expect(Array.from(buffer.host)).toEqual([2, 3, 4, 5]);
    expect(Array.from(later.host)).toEqual([1 * 2 + 2 * 4, 1 * 3 + 2 * 5, 3 * 2 + 4 * 4, 3 * 3 + 4 * 5]);
    await run();
    expect(Array.from(buffer.host)).toEqual([3, 4, 5, 6]);
    await program.close();
  });

  it("takes and gives i32 and bool", async () => {
    const g = createBuilder();
    const a = g.input("a", { element: "i32", shape: [3] });
    const c = g.input("c", { element: "bool", shape: [3] });
    const graph = g.finish({ sum: g.add(a, a), no: g.not(c), constant: g.constant([7, 8]) });
    const found = await runGraph(engine, graph, { a: [1, -2, 3], c: [1, 0, 1] });
    expect(found).toEqual({ sum: [2, -4, 6], no: [0, 1, 0], constant: [7, 8] });
  });

  it("gives one result under several names", async () => {
    const g = createBuilder();
    const y = g.exp(g.input("x", f32(1)));
    expect(await runGraph(engine, g.finish({ a: y, b: y }), { x: [0] })).toEqual({ a: [1], b: [1] });
  });

  it("refuses names and types that do not fit", async () => {
    const program = await engine.prepare(products());
    const [x, w, y] = [engine.buffer(f32(2, 3)), engine.buffer(f32(3, 2)), engine.buffer(f32(2, 2))];
    const outputs = { y, x, same: engine.buffer(f32(2, 3)) };
    expect(() => program.bind({ x }, outputs)).toThrow(/input w is not bound/);
    expect(() => program.bind({ x, w, v: w }, outputs)).toThrow(/no input v/);
    expect(() => program.bind({ x, w: x }, outputs)).toThrow(/input w is f32\[3, 2\], and its buffer f32\[2, 3\]/);
    expect(() => program.bind({ x, w }, { y })).toThrow(/output x is not bound/);
    expect(() => program.bind({ x, w }, { ...outputs, z: y })).toThrow(/no output z/);
    await program.close();
  });

  it("closes programs with it, or before, in any order", async () => {
    const other = await openEngine({ threads: 1 });
    const [first, second] = [await other.prepare(products()), await other.prepare(products())];
    await first.close();
    await other.close();
    await first.close();
    await second.close();
    await other.close();
  });

  it("makes no array in a run", async () => {
    const numbers = 1 << 20;
    const g = createBuilder();
    const graph = g.finish({ y: g.neg(g.input("x", f32(numbers))) });
    const [x, y] = [engine.buffer(f32(numbers)), engine.buffer(f32(numbers))];
    const run = (await engine.prepare(graph)).bind({ x }, { y });
    await run();
    const before = process.memoryUsage().arrayBuffers;
    for (let k = 0; k < 4; k++) await run();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * numbers);
  });

  it("says what went wrong in a run", async () => {
    const g = createBuilder();
    const graph = g.finish({ y: g.gather(g.input("x", f32(2)), g.input("at", { element: "i32", shape: [1] })) });
    const at = engine.buffer({ element: "i32", shape: [1] });
    const run = (await engine.prepare(graph)).bind({ x: engine.buffer(f32(2)), at }, { y: engine.buffer(f32(1)) });
    await run();
    at.host[0] = 7;
    await expect(run()).rejects.toThrow(/out of data bounds/);
  });

  it("gives a small step one thread", async () => {
    const other = await openEngine();
    await (await other.prepare(products())).close();
    expect(other.description.threads).toBe(Number(process.env["MTLC_THREADS"] ?? 1));
  });

  it("gives a large step a share of the processors", async () => {
    const other = await openEngine();
    const g = createBuilder();
    const [a, b] = ["a", "b"].map((name) => g.input(name, f32(512, 512)));
    await (await other.prepare(g.finish({ y: g.matmul(a, b) }))).close();
    const processors = availableParallelism();
    const share = processors <= 4 ? processors : Math.floor(processors / 2);
    expect(other.description.threads).toBe(Number(process.env["MTLC_THREADS"] ?? share));
  });

  it("keeps persistent buffers apart, each at a multiple of 16 bytes", () => {
    const [a, b] = [3, 5].map((n) => engine.buffer(f32(n), { persistent: true }));
    expect(a.host.buffer).toBe(b.host.buffer);
    expect([a.host.byteOffset % 16, b.host.byteOffset % 16]).toEqual([0, 0]);
    a.host.fill(1);
    expect(Array.from(b.host)).toEqual([0, 0, 0, 0, 0]);
    expect(() => engine.view(a, 2, f32(2))).toThrow(/outside/);
    expect(() => engine.buffer(f32(1 << 20), { persistent: true })).toThrow(/reserved/);
    expect(() => engine.reserve(16)).toThrow(/once/);
  });

  it("says where memory ends", () => {
    expect(codesOf(() => new ReservedMemory(5 * 1024 ** 3))).toEqual(["MTL8302"]);
    expect(codesOf(() => engine.buffer(f32(2 ** 40)))).toEqual(["MTL8301"]);
  });
});

describe("openEngine", () => {
  it.each([
    [{ engine: "onyx" }, "MTL8304"],
    [{ engine: "onnx", device: "abacus" }, "MTL8306"],
    [{ engine: "tfjs", device: "cuda" }, "MTL8306"],
  ])("refuses %o with one diagnostic", async (choice, code) => {
    const problem: unknown = await openEngine(choice).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(DiagnosticError);
    if (problem instanceof DiagnosticError) {
      expect(problem.diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
      expect(problem.diagnostics[0].message).toContain(Object.values(choice).at(-1));
    }
  });

  it("takes threads from MTLC_THREADS where none are given", async () => {
    const before = process.env["MTLC_THREADS"];
    try {
      process.env["MTLC_THREADS"] = "3";
      expect((await openEngine()).description.threads).toBe(3);
      expect((await openEngine({ threads: 2 })).description.threads).toBe(2);
      process.env["MTLC_THREADS"] = "many";
      await expect(openEngine()).rejects.toThrow(/MTL8307/);
    } finally {
      if (before === undefined) delete process.env["MTLC_THREADS"];
      else process.env["MTLC_THREADS"] = before;
    }
  });
});

describe("a step that needs more memory than there is", () => {
  it("is one diagnostic", async () => {
    const g = createBuilder();
    const n = 3_000_000;
    const product = g.matmul(g.input("a", f32(n, 1)), g.input("b", f32(1, n)));
    const graph = g.finish({ y: g.sum(g.exp(product)) });
    const problem: unknown = await runGraph(engine, graph, {
      a: new Float32Array(n),
      b: new Float32Array(n),
    }).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(DiagnosticError);
    expect(String(problem)).toContain("MTL8301");
  });
});
