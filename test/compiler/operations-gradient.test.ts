import { describe, expect, it } from "vitest";
import type { Builder } from "../../compiler/graph/builder.ts";
import { createBuilder } from "../../compiler/graph/create.ts";
import { gradients } from "../../compiler/graph/gradients.ts";
import { topologicalOrder, type Node } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { operationRows } from "../../compiler/operations/index.ts";
import { floats, type OperationSample } from "./operation-sample.ts";
import { operationSamples } from "./operation-samples.ts";

/**
 * Gradients of every operation against central differences in float64, and the gradient of the gradient too. The error of
 * a central difference is step² · f'''/6 and rounding / step: 1e-5 leaves six digits with room to spare.
 */
const step = 1e-5;
const tolerance = 1e-6;
/** These change the gradient on purpose, so that it is no derivative. */
const onPurpose = new Set(["stopGradient", "scaleGradient"]);

interface Built {
  readonly loss: Node;
  readonly inputs: Readonly<Record<string, Node>>;
}

function build(g: Builder, { inputs, build: make }: OperationSample): Built {
  const nodes = Object.fromEntries(Object.entries(inputs).map(([name, { type }]) => [name, g.input(name, type)]));
  const result = make(g, nodes);
  return { loss: weighted(g, result, 7), inputs: nodes };
}

/** Σ weight · value with weights that no symmetry can hide in. */
function weighted(g: Builder, x: Node, seed: number): Node {
  if (x.type.element !== "f32") return g.constant(0);
  return g.sum(g.mul(x, g.constant(floats(x.type.shape, 0.2, 1.8, seed).values, x.type)));
}

function values({ inputs }: OperationSample): Record<string, Float64Array> {
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.values]));
}

/** Compares d `of` / d each f32 input with differences; a null gradient must be 0. */
function compare(sample: OperationSample, of: (g: Builder, built: Built) => Node): void {
  const g = createBuilder();
  const built = build(g, sample);
  const objective = of(g, built);
  const names = Object.keys(sample.inputs).filter((name) => sample.inputs[name].type.element === "f32");
  const found = gradients(
    g,
    [{ node: objective, cotangent: null }],
    names.map((name) => built.inputs[name]),
  );
  const outputs: Record<string, Node> = { objective };
  names.forEach((name, k) => {
    const node = found[k];
    if (node !== null) outputs[`d_${name}`] = node;
  });
  const graph = g.finish(outputs);
  const at = values(sample);
  const exact = evaluate(graph, at);
  const objectiveOnly = g.finish({ objective });
  for (const name of names) {
    const given = exact[`d_${name}`];
    at[name].forEach((value, i) => {
      const moved = (by: number): number => {
        const shifted = at[name].slice();
        shifted[i] = value + by;
        return evaluate(objectiveOnly, { ...at, [name]: shifted }).objective[0];
      };
      const difference = (moved(step) - moved(-step)) / (2 * step);
      const gradient = given === undefined ? 0 : given[i];
      const error = Math.abs(gradient - difference);
      expect(error, `d/d ${name}[${i}]: gradient ${gradient}, difference ${difference}`).toBeLessThan(
        tolerance * (1 + Math.abs(difference)),
      );
    });
  }
}

describe.each(Object.keys(operationRows))("%s", (name) => {
  const samples = Object.entries(operationSamples).find(([key]) => key === name)?.[1] ?? [];

  it("has samples that use it", () => {
    expect(samples.length).toBeGreaterThan(0);
    for (const sample of samples) {
      const g = createBuilder();
      const { loss, inputs } = build(g, sample);
      const result = sample.build(g, inputs);
      const used = topologicalOrder([loss, result]).map((node) => node.operation);
      expect(used, sample.label).toContain(name);
    }
  });

  it.skipIf(onPurpose.has(name)).each(samples)("gradient: $label", (sample) => {
    compare(sample, (_g, { loss }) => loss);
  });

  it.skipIf(onPurpose.has(name)).each(samples)("gradient of the gradient: $label", (sample) => {
    compare(sample, (g, { loss, inputs }) => {
      const wrt = Object.values(inputs).filter((node) => node.type.element === "f32");
      const first = gradients(g, [{ node: loss, cotangent: null }], wrt);
      return first.reduce<Node>(
        (sum, dx, k) => (dx === null ? sum : g.add(sum, weighted(g, dx, 3 + k))),
        g.constant(0),
      );
    });
  });
});
