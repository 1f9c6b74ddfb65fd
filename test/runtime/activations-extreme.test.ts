import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gradients } from "../../compiler/graph/gradients.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { optimize } from "../../compiler/passes/index.ts";
import { registry } from "../../compiler/registry/index.ts";
import type { Engine } from "../../runtime/engines/engine.ts";
import { openEngine } from "../../runtime/engines/index.ts";
import { buildLayer } from "../compiler/layer-harness.ts";
import { runGraph } from "./run-graph.ts";

/**
 * Activations far out, in 32 bits on the engines beside the reference meaning in 64 bits: nothing overflows on the way, and
 * what is small is right to five digits down to what float32 keeps of 1, or of x where a share of x is given (silu, mish).
 */
const FAR = [-1e4, -1000, -100, -88.5, -50, -20, -15, -8, -2.5, -0.3, 0.3, 2.5, 8, 15, 20, 50, 88.5, 100, 1000, 1e4];
const rows = [...registry.layer.values()].filter(
  ({ group, built, name }) => group === "activations" && built && name !== "prelu",
);

describe.each(["onnx", "tfjs"])("%s", (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine({ engine: name });
  });
  afterAll(() => engine.close());

  it.each(rows)("$name", async (row) => {
    const type = { element: "f32" as const, shape: [1] };
    const built = buildLayer({ row, batch: FAR.length, inputs: [{ type, values: FAR.map(Math.fround) }] });
    const { g, inputs, output, feeds } = built;
    const cotangent = g.fill(1, output.type.shape);
    const [slope] = gradients(g, [{ node: output, cotangent }], inputs);
    const graph = g.finish({ output, ...(slope && { slope }) });
    const expected = evaluate(graph, feeds);
    const found = await runGraph(engine, optimize(graph).graph, feeds);
    for (const [key, values] of Object.entries(expected))
      Array.from(values).forEach((value, k) => {
        // exp of what is too large is infinite everywhere in 32 bits.
        if (Math.abs(value) > 3e38) return expect(Math.abs(found[key][k])).toBeGreaterThan(1e38);
        const off = Math.abs(found[key][k] - value);
        expect(off, `${key} of ${FAR[k]}: ${found[key][k]}, not ${value}`).toBeLessThanOrEqual(
          1e-5 * Math.abs(value) + 1e-7 * Math.min(20, Math.max(2, Math.abs(FAR[k]))),
        );
      });
  });
});
