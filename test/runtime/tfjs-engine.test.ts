import { afterAll, describe, expect, it } from "vitest";
import { createBuilder } from "../../compiler/graph/create.ts";
import { loadTfjs } from "../../runtime/engines/tfjs/loading.ts";
import type { TfjsEngineName } from "../../runtime/engines/tfjs/packages.ts";
import { openTested } from "./open-tested.ts";
import { runGraph } from "./run-graph.ts";

const engine = await openTested();
engine.reserve(1 << 16);
afterAll(() => engine.close());
const names: readonly TfjsEngineName[] = ["tfjs", "tfjs-node", "tfjs-node-gpu"];
const { tf } = await loadTfjs({
  engine: names.find((name) => name === engine.description.name) ?? "tfjs",
  device: engine.description.device === "cuda" ? "cuda" : "cpu",
  threads: undefined,
});

const f32 = (...shape: number[]) => ({ element: "f32", shape }) as const;

/** y = x · w, next = x + 1 under the name of an input, and that input as it was. */
function products() {
  const g = createBuilder();
  const x = g.input("x", f32(2, 3));
  const w = g.input("w", f32(3, 2));
  return g.finish({ y: g.matmul(x, w), x: g.add(x, g.constant(1)), same: x });
}

describe("an engine of TensorFlow.js", () => {
  it("describes itself", () => {
    expect(engine.description.version).toContain("4.22.0");
    expect(engine.description.threads).toBeGreaterThanOrEqual(1);
  });

  it("runs over windows of one buffer, at any offset, again and again", async () => {
    const flat = engine.buffer(f32(64), { persistent: true });
    const x = engine.view(flat, 1, f32(2, 3));
    const w = engine.view(flat, 9, f32(3, 2));
    const y = engine.view(flat, 17, f32(2, 2));
    const program = await engine.prepare(products());
    const outputs = { y, x: engine.buffer(f32(2, 3)), same: engine.buffer(f32(2, 3)) };
    const run = program.bind({ x, w }, outputs);
    x.host.set([1, 2, 3, 4, 5, 6]);
    w.host.set([1, 0, 0, 1, 1, 1]);
    await run();
    expect(Array.from(y.host)).toEqual([4, 5, 10, 11]);
    expect(Array.from(outputs.same.host)).toEqual([1, 2, 3, 4, 5, 6]);
    // Nobody says that the buffer changed: an update in place does not.
    x.host.fill(1);
    await run();
    expect(Array.from(y.host)).toEqual([2, 2, 2, 2]);
    expect(Array.from(outputs.x.host)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(Array.from(flat.host).filter((value) => value !== 0)).toHaveLength(6 + 4 + 4);
    await program.close();
  });

  it("reads all of an input before a result that lies on it is there", async () => {
    const program = await engine.prepare(products());
    const [x, same] = [engine.buffer(f32(2, 3)), engine.buffer(f32(2, 3))];
    const w = engine.buffer(f32(3, 2));
    const y = engine.buffer(f32(2, 2));
    const run = program.bind({ x, w }, { x, y, same });
    x.host.set([1, 2, 3, 4, 5, 6]);
    w.host.fill(1);
    for (const [sums, before] of [
      [
        [6, 15],
        [1, 2, 3, 4, 5, 6],
      ],
      [
        [9, 18],
        [2, 3, 4, 5, 6, 7],
      ],
    ]) {
      await run();
      expect(Array.from(y.host)).toEqual([sums[0], sums[0], sums[1], sums[1]]);
      expect(Array.from(same.host)).toEqual(before);
      expect(Array.from(x.host)).toEqual(before.map((value) => value + 1));
    }
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

  it("gives one result, or an input, under several names", async () => {
    const g = createBuilder();
    const x = g.input("x", f32(1));
    const y = g.exp(x);
    expect(await runGraph(engine, g.finish({ a: y, b: y, c: x, d: x }), { x: [0] })).toEqual({
      a: [1],
      b: [1],
      c: [0],
      d: [0],
    });
  });

  it("computes what a spelling needs twice once a run, and anew in the next", async () => {
    const g = createBuilder();
    const x = g.input("x", f32(1, 2, 2, 1));
    const dy = g.input("dy", f32(1, 1, 1, 1));
    const attributes = { window: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] } as const;
    const program = await engine.prepare(g.finish({ dx: g.maxPool2dGradient(x, dy, attributes) }));
    const buffers = { x: engine.buffer(x.type), dy: engine.buffer(dy.type) };
    const dx = engine.buffer(x.type);
    const run = program.bind(buffers, { dx });
    buffers.dy.host.fill(5);
    for (const largest of [0, 3, 1]) {
      buffers.x.host.fill(0);
      buffers.x.host[largest] = 2;
      await run();
      expect(Array.from(dx.host)).toEqual([0, 1, 2, 3].map((place) => (place === largest ? 5 : 0)));
    }
    await program.close();
  });

  it("keeps no tensor of a run, and none of a closed program", async () => {
    const before = tf.memory().numTensors;
    const g = createBuilder();
    const x = g.input("x", f32(4, 3));
    const start = g.input("start", f32(3));
    const { carries, outputs } = g.scan([start], [x], ([state], [row]) => {
      const next = g.tanh(g.add(state, row));
      return { carries: [next], outputs: [g.mul(next, next), row] };
    });
    const program = await engine.prepare(g.finish({ last: carries[0], all: outputs[0], rows: outputs[1], x }));
    const buffers = { x: engine.buffer(f32(4, 3)), start: engine.buffer(f32(3)) };
    const run = program.bind(buffers, {
      last: engine.buffer(f32(3)),
      all: engine.buffer(f32(4, 3)),
      rows: engine.buffer(f32(4, 3)),
      x: engine.buffer(f32(4, 3)),
    });
    await run();
    const during = tf.memory().numTensors;
    for (let step = 0; step < 20; step++) {
      buffers.x.host.fill(step);
      await run();
    }
    expect(tf.memory().numTensors).toBe(during);
    await program.close();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses names that do not fit", async () => {
    const program = await engine.prepare(products());
    const x = engine.buffer(f32(2, 3));
    expect(() => program.bind({ x }, {})).toThrow(/input w is not bound/);
    await program.close();
    await program.close();
  });
});
