import { afterAll, describe, expect, it } from "vitest";
import { gradients } from "../../compiler/graph/gradients.ts";
import type { Graph, Node } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { optimize } from "../../compiler/passes/index.ts";
import { openEngine } from "../../runtime/engines/index.ts";
import { layerCases } from "../compiler/layer-cases.ts";
import { buildLayer, type LayerCase } from "../compiler/layer-harness.ts";
import { floats } from "../compiler/operation-sample.ts";
import { runGraph } from "./run-graph.ts";

/**
 * Every layer on onnxruntime, its value and its gradients, against the reference interpreter in float64, whose gradients the
 * contract test sets beside differences. Sums of some dozen terms near 1 keep five digits in float32.
 */
const tolerance = 2e-5;

const engine = await openEngine({ engine: "onnx", threads: 1 });
afterAll(() => engine.close());

function withGradients(layerCase: LayerCase): { graph: Graph; feeds: Readonly<Record<string, ArrayLike<number>>> } {
  const { g, output, inputs, parameters, nextStates, feeds } = buildLayer(layerCase);
  const wrt = [...inputs, ...Object.values(parameters)].filter((node) => node.type.element === "f32");
  const cotangent = g.constant(floats(output.type.shape, 0.2, 1.8, 7).values, output.type);
  const outputs: Record<string, Node> = { output };
  gradients(g, [{ node: output, cotangent }], wrt).forEach((node, index) => {
    if (node) outputs[`gradient/${index}`] = node;
  });
  for (const [name, node] of Object.entries(nextStates)) outputs[`state/${name}`] = node;
  return { graph: g.finish(outputs), feeds };
}

describe("layers on onnxruntime", () => {
  it.each(layerCases.map((layerCase, index) => [index, layerCase.row.name, layerCase] as const))(
    "%i %s",
    async (_, __, layerCase) => {
      const { graph, feeds } = withGradients(layerCase);
      const expected = evaluate(graph, feeds);
      const found = await runGraph(engine, optimize(graph).graph, feeds);
      for (const [name, values] of Object.entries(expected)) {
        const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        expect(found[name], name).toHaveLength(values.length);
        values.forEach((value, at) =>
          expect(
            Math.abs(found[name][at] - value),
            `${name}[${at}]: ${found[name][at]}, expected ${value}`,
          ).toBeLessThanOrEqual(tolerance * largest),
        );
      }
    },
  );
});
