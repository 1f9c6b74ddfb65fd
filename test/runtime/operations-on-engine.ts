import { describe, expect, it } from "vitest";
import type { Builder } from "../../compiler/graph/builder.ts";
import { createBuilder } from "../../compiler/graph/create.ts";
import { gradients } from "../../compiler/graph/gradients.ts";
import type { Graph, Node } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { operationRows } from "../../compiler/operations/index.ts";
import { optimize } from "../../compiler/passes/index.ts";
import type { Engine } from "../../runtime/engines/engine.ts";
import { floats, type OperationSample } from "../compiler/operation-sample.ts";
import { operationSamples } from "../compiler/operation-samples.ts";
import { runGraph } from "./run-graph.ts";

/**
 * Every operation on an engine: its values against the reference meaning in float64, its gradient against central
 * differences of that meaning (or, to save time, against the reference gradient alone, which is held to differences elsewhere),
 * and the gradient of the gradient (whose operations no forward pass has) against the reference.
 * A float32 has seven digits; sums of some dozen terms near 1 keep five.
 */
const tolerance = 2e-5;
const differenceTolerance = 1e-4;
const step = 1e-5;
/** These change the gradient on purpose, so that it is no derivative. */
const onPurpose = new Set(["stopGradient", "scaleGradient"]);

interface Built {
  readonly graph: Graph;
  /** f32 inputs. */
  readonly names: readonly string[];
}

function weighted(g: Builder, x: Node, seed: number): Node {
  if (x.type.element !== "f32") return g.constant(0);
  return g.sum(g.mul(x, g.constant(floats(x.type.shape, 0.2, 1.8, seed).values, x.type)));
}

/** Outputs `value`, `loss` (its weighted sum), `d_<input>`, and `dd_<input>`: gradients of the weighted sum of gradients. */
function build(sample: OperationSample): Built {
  const g = createBuilder();
  const inputs = Object.fromEntries(
    Object.entries(sample.inputs).map(([name, { type }]) => [name, g.input(name, type)]),
  );
  const value = sample.build(g, inputs);
  const names = Object.keys(inputs).filter((name) => inputs[name].type.element === "f32");
  const wrt = names.map((name) => inputs[name]);
  const loss = weighted(g, value, 7);
  const first = gradients(g, [{ node: loss, cotangent: null }], wrt);
  const slope = first.reduce<Node>(
    (sum, dx, k) => (dx === null ? sum : g.add(sum, weighted(g, dx, 3 + k))),
    g.constant(0),
  );
  const second = gradients(g, [{ node: slope, cotangent: null }], wrt);
  const outputs: Record<string, Node> = { value, loss };
  names.forEach((name, k) => {
    const [dx, ddx] = [first[k], second[k]];
    if (dx !== null) outputs[`d_${name}`] = dx;
    if (ddx !== null) outputs[`dd_${name}`] = ddx;
  });
  return { graph: g.finish(outputs), names };
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, within: number, what: string): void {
  expect(found.length, what).toBe(expected.length);
  const largest = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  Array.from(expected).forEach((value, i) => {
    expect(Math.abs(found[i] - value), `${what}[${i}]: ${found[i]}, expected ${value}`).toBeLessThanOrEqual(
      within * (1 + largest),
    );
  });
}

export function testOperations(engine: Engine, { differences = true }: { readonly differences?: boolean } = {}): void {
  describe.each(Object.keys(operationRows))("%s", (name) => {
    const samples = Object.entries(operationSamples).find(([key]) => key === name)?.[1] ?? [];

    it.each(samples)("$label", async (sample) => {
      const { graph, names } = build(sample);
      const at = Object.fromEntries(Object.entries(sample.inputs).map(([key, { values }]) => [key, values]));
      const expected = evaluate(graph, at);
      for (const [way, candidate] of [
        ["as written", graph],
        ["optimized", optimize(graph).graph],
      ] as const) {
        const found = await runGraph(engine, candidate, at);
        for (const [output, values] of Object.entries(expected)) {
          expectClose(found[output], values, tolerance, `${output}, ${way}`);
        }
        if (!differences || onPurpose.has(name)) continue;
        for (const input of names) {
          const differences = at[input].map((value, i) => {
            const moved = (by: number): number => {
              const shifted = at[input].slice();
              shifted[i] = value + by;
              return evaluate(graph, { ...at, [input]: shifted }).loss[0];
            };
            return (moved(step) - moved(-step)) / (2 * step);
          });
          const gradient = found[`d_${input}`] ?? new Array<number>(differences.length).fill(0);
          expectClose(gradient, differences, differenceTolerance, `d_${input}, ${way}`);
        }
      }
    });
  });
}
